#include "speed_stream.hpp"

#include <cerrno>

#include "served.hpp"

namespace ss::server {
namespace {

using net::IoStatus;
using net::Side;
using net::WaitOutcome;

struct Note final : net::Waiter {
  void complete(WaitOutcome how) override { outcome = how; }
  std::optional<WaitOutcome> outcome;
};

class SpeedStreamOf : public Fixture {
 protected:
  /// Whether a wait on `side` comes back without anything being done.
  bool is_ready(SpeedStream& stream, Side side) {
    Note note;
    stream.wait(side, note);
    EXPECT_FALSE(note.outcome) << "not from inside the call";
    pass(10ms);
    const bool ready = note.outcome == WaitOutcome::ready;
    if (!note.outcome) {
      stream.cancel();
      pass(10ms);
      EXPECT_EQ(note.outcome, WaitOutcome::cancelled);
    }
    return ready;
  }
  ByteVector area = ByteVector(1'000, 7);
};

TEST_F(SpeedStreamOf, EchoTakesOneBatchAtATime) {
  SpeedStream stream(env, SpeedStream::Kind::echo);
  EXPECT_FALSE(is_ready(stream, Side::read));
  EXPECT_TRUE(is_ready(stream, Side::write));
  EXPECT_EQ(stream.try_write(ConstBytes(counting(600))).bytes, 600U);
  EXPECT_EQ(stream.try_write(ConstBytes(counting(1))).status, IoStatus::blocked);
  EXPECT_FALSE(is_ready(stream, Side::write));
  EXPECT_TRUE(is_ready(stream, Side::read));
  const std::array<Bytes, 2> spans{Bytes(area).first(100), Bytes(area).subspan(100, 300)};
  EXPECT_EQ(stream.try_read(std::span<const Bytes>(spans)).bytes, 400U);
  EXPECT_EQ(ByteVector(area.begin(), area.begin() + 400), counting(400));
  Note writer;
  stream.wait(Side::write, writer);
  pass(10ms);
  EXPECT_FALSE(writer.outcome);
  EXPECT_EQ(stream.try_read(Bytes(area)).bytes, 200U);
  pass(10ms);
  EXPECT_EQ(writer.outcome, WaitOutcome::ready);
  EXPECT_EQ(stream.try_read(Bytes(area)).status, IoStatus::blocked);
}

TEST_F(SpeedStreamOf, EchoGivesWhatItHasBeforeItsEnd) {
  SpeedStream stream(env, SpeedStream::Kind::echo);
  EXPECT_EQ(stream.try_write(ConstBytes(counting(5))).bytes, 5U);
  stream.shut_write();
  EXPECT_TRUE(is_ready(stream, Side::read));
  EXPECT_EQ(stream.try_read(Bytes(area)).bytes, 5U);
  EXPECT_EQ(stream.try_read(Bytes(area)).status, IoStatus::ended);
  EXPECT_EQ(stream.try_write(ConstBytes(counting(5))).error, EPIPE);
}

TEST_F(SpeedStreamOf, SourceGivesZerosUntilItsEnd) {
  SpeedStream stream(env, SpeedStream::Kind::source);
  EXPECT_TRUE(is_ready(stream, Side::read));
  EXPECT_EQ(stream.try_read(Bytes(area)).bytes, area.size());
  EXPECT_EQ(area, ByteVector(area.size()));
  EXPECT_EQ(stream.try_write(ConstBytes(counting(5))).bytes, 5U);
  stream.shut_write();
  EXPECT_EQ(stream.try_read(Bytes(area)).status, IoStatus::ended);
}

TEST_F(SpeedStreamOf, SinkTakesEverythingAndGivesItsEndAlone) {
  SpeedStream stream(env, SpeedStream::Kind::sink);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(stream.try_write(ConstBytes(counting(500))).bytes, 500U);
  EXPECT_EQ(stream.try_read(Bytes(area)).status, IoStatus::blocked);
  EXPECT_FALSE(is_ready(stream, Side::read));
  Note reader;
  stream.wait(Side::read, reader);
  stream.shut_write();
  pass(10ms);
  EXPECT_EQ(reader.outcome, WaitOutcome::ready);
  EXPECT_EQ(stream.try_read(Bytes(area)).status, IoStatus::ended);
}

}  // namespace
}  // namespace ss::server
