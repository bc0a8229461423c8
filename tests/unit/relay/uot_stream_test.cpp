#include "ss/relay/uot_stream.hpp"

#include <gmock/gmock.h>

#include <cerrno>
#include <string>
#include <vector>

#include "fixture.hpp"
#include "sim/udp_peer.hpp"
#include "ss/protocol/uot.hpp"

namespace ss::relay {
namespace {

using namespace std::chrono_literals;
namespace uot = protocol::uot;
using net::IoResult;
using net::IoStatus;
using net::Side;
using net::WaitOutcome;
using protocol::Parsed;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Endpoint kOther{IpAddress(IpAddress::V4{93, 184, 216, 34}), 7};

ByteVector frame_of(std::string_view text, const Endpoint& address = kOther) {
  ByteVector out(uot::kMaxFrameHeader);
  out.resize(uot::put_frame_header({address.address, address.port}, text.size(), out));
  out.insert(out.end(), text.begin(), text.end());
  return out;
}
ByteVector frames_of(const std::vector<std::string>& texts) {
  ByteVector out;
  for (const std::string& text : texts) {
    const ByteVector frame = frame_of(text);
    out.insert(out.end(), frame.begin(), frame.end());
  }
  return out;
}

/// Addressed frames over one socket; what says `foreign` is not for it.
class AddressedStream final : public UotStream {
 public:
  AddressedStream(Environment& env, net::Datagram& socket, Duration idle)
      : UotStream(env, env.counters.packets_down, env.counters.packets_up, idle), socket_(socket) {
    listen_to(socket_);
  }

 private:
  bool frame(const net::Received& datagram, FrameWriter& out) override {
    if (text_of(datagram.bytes) == "foreign") return false;
    std::array<std::uint8_t, uot::kMaxFrameHeader> header;
    const TargetAddress from(datagram.from.address, datagram.from.port);
    out.put(ConstBytes(header).first(uot::put_frame_header(from, datagram.bytes.size(), header)));
    out.put(datagram.bytes);
    return true;
  }
  Parsed<std::size_t> take(ConstBytes bytes, SendBatch& batch) override {
    const Parsed<uot::Frame> parsed = uot::parse_frame(bytes, uot::Framing::addressed);
    if (parsed.failed()) return parsed.error();
    if (parsed.needs_more()) return protocol::Need{parsed.need()};
    const uot::Frame& frame = parsed.value();
    batch.add(socket_, {frame.payload, {frame.address->ip(), frame.address->port()}, {}});
    return frame.length;
  }
  void cancel_sockets() override { socket_.cancel(); }

  net::Datagram& socket_;
};

/// Counts how often it is waited on.
class CountingDatagram final : public net::Datagram {
 public:
  explicit CountingDatagram(std::unique_ptr<net::Datagram> inner) : inner_(std::move(inner)) {}

  std::size_t try_receive(Bytes area, std::span<net::Received> into) override {
    return inner_->try_receive(area, into);
  }
  net::SendResult try_send(std::span<const net::Outgoing> batch) override { return inner_->try_send(batch); }
  void wait(Side side, net::Waiter& waiter) override {
    ++waits;
    inner_->wait(side, waiter);
  }
  void cancel() override { inner_->cancel(); }
  [[nodiscard]] Endpoint local_endpoint() const override { return inner_->local_endpoint(); }

  int waits = 0;

 private:
  std::unique_ptr<net::Datagram> inner_;
};

class UotStreamRun : public test::Fixture {
 protected:
  explicit UotStreamRun(Duration idle = 0s) : stream(env, socket, idle) {}
  void TearDown() override {
    node.spawner().spawn(stream.close());
    Fixture::TearDown();
    expect_no_session();
  }

  /// Reads all that comes, `room` bytes at a time, to the end.
  net::Task<> read() {
    result = {};
    while (result.status == IoStatus::done || result.status == IoStatus::blocked) {
      outcome = co_await net::ready(stream, Side::read);
      if (outcome == WaitOutcome::cancelled) break;
      std::array<std::uint8_t, 4096> bytes;
      result = stream.try_read(Bytes(bytes).first(room));
      heard.insert(heard.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(result.bytes));
    }
  }
  void start_reading(std::size_t at_a_time = 4096) {
    room = at_a_time;
    node.spawner().spawn(read());
  }
  void write(ConstBytes bytes) { EXPECT_EQ(stream.try_write(bytes).bytes, bytes.size()); }
  /// What the other side heard since the last call.
  std::vector<std::string> sent() {
    pass(10ms);
    std::vector<std::string> texts = other.texts();
    other.heard.clear();
    return texts;
  }
  void send(std::string_view text) { other.send(socket.local_endpoint(), text); }

  int error = 0;
  CountingDatagram socket{node.datagrams().open_bound({IpAddress(IpAddress::V4{203, 0, 113, 9}), 0}, error)};
  sim::UdpPeer other{network, kOther};
  AddressedStream stream;
  std::size_t room = 0;
  WaitOutcome outcome{};
  IoResult result;
  ByteVector heard;
};

class IdleUotStream : public UotStreamRun {
 protected:
  IdleUotStream() : UotStreamRun(60s) {}
};

using UotStreamWrite = UotStreamRun;
using UotStreamRead = UotStreamRun;
using UotStreamEnd = UotStreamRun;

TEST_F(UotStreamWrite, TakesFramesAtEverySplit) {
  const ByteVector frames = frames_of({"one", "", "three"});
  for (std::size_t cut = 0; cut <= frames.size(); ++cut) {
    if (cut > 0) write(ConstBytes(frames).first(cut));
    if (cut < frames.size()) write(ConstBytes(frames).subspan(cut));
    EXPECT_THAT(sent(), ElementsAre("one", "", "three")) << cut;
    EXPECT_EQ(env.held_total.read(), 0U) << cut;
  }
}

TEST_F(UotStreamWrite, TakesFramesByteByByte) {
  const ByteVector frames = frames_of({"one", "", "three"});
  for (const std::uint8_t byte : frames) write(ConstBytes(&byte, 1));
  EXPECT_THAT(sent(), ElementsAre("one", "", "three"));
  EXPECT_EQ(env.counters.packets_up.read(), 3U);
}

TEST_F(UotStreamWrite, TakesFramesOverSeveralSpans) {
  const ByteVector frames = frames_of({"one", "two"});
  for (std::size_t cut = 1; cut + 1 < frames.size(); ++cut) {
    const std::array<ConstBytes, 3> spans{ConstBytes(frames).first(cut), ConstBytes(frames).subspan(cut, 1),
                                          ConstBytes(frames).subspan(cut + 1)};
    EXPECT_EQ(stream.try_write(std::span<const ConstBytes>(spans)).bytes, frames.size());
    EXPECT_THAT(sent(), ElementsAre("one", "two")) << cut;
  }
}

TEST_F(UotStreamWrite, TakesTheLongestDatagramInPieces) {
  const std::string longest(65'507, 'x');
  const ByteVector frame = frame_of(longest);
  for (std::size_t at = 0; at < frame.size(); at += 10'000) {
    write(ConstBytes(frame).subspan(at, std::min<std::size_t>(10'000, frame.size() - at)));
  }
  EXPECT_THAT(sent(), ElementsAre(longest));
}

TEST_F(UotStreamWrite, KeepsOneFrameThatIsNotWholeAndNoMore) {
  const ByteVector frames = frames_of({"one", "two"});
  write(ConstBytes(frames).first(frames.size() - 1));
  EXPECT_THAT(sent(), ElementsAre("one"));
  EXPECT_EQ(env.held_total.read(), frame_of("two").size() - 1);
  write(ConstBytes(frames).last(1));
  EXPECT_EQ(env.held_total.read(), 0U);
  EXPECT_THAT(sent(), ElementsAre("two"));
}

TEST_F(UotStreamWrite, EndsAtWhatIsNoFrame) {
  ByteVector frames = frames_of({"one"});
  frames.push_back(0x77);
  frames.resize(frames.size() + 20);
  start_reading();
  const IoResult put = stream.try_write(frames);
  EXPECT_EQ(put.status, IoStatus::failed);
  EXPECT_EQ(put.error, EPROTO);
  EXPECT_THAT(sent(), ElementsAre("one")) << "what stood in front of it was one";
  EXPECT_EQ(result.status, IoStatus::ended) << "both directions";
  EXPECT_EQ(stream.try_write(frame_of("late")).error, EPIPE);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(UotStreamWrite, EndsAtWhatTurnsOutToBeNoFrame) {
  const ByteVector frame = frame_of("one");
  write(ConstBytes(frame).first(5));
  write(ConstBytes(frame).subspan(5));
  const std::uint8_t name = 2;
  write(ConstBytes(&name, 1));
  const std::array<std::uint8_t, 4> rest{1, 0, 0, 80};  // a name that is one NUL
  EXPECT_EQ(stream.try_write(rest).error, EPROTO);
  EXPECT_EQ(env.held_total.read(), 0U);
}

TEST_F(UotStreamRead, GivesEachDatagramAsAFrame) {
  start_reading();
  for (const char* text : {"one", "", "three"}) send(text);
  pass(100ms);
  EXPECT_EQ(heard, frames_of({"one", "", "three"}));
  EXPECT_EQ(env.counters.packets_down.read(), 3U);
}

TEST_F(UotStreamRead, GivesTheSameBytesWhateverTheReaderTakes) {
  for (std::size_t most = 1; most <= 40; ++most) {
    heard.clear();
    start_reading(most);
    for (const char* text : {"one", "", "a longer one than the others"}) send(text);
    pass(300ms);
    EXPECT_EQ(heard, frames_of({"one", "", "a longer one than the others"})) << most;
    EXPECT_EQ(env.held_total.read(), 0U);
    stream.cancel();
    pass(10ms);
  }
}

TEST_F(UotStreamRead, KeepsWhatOneReceiveHasOverTheReadersRoom) {
  send("a longer one than the room");
  start_reading(4);
  while (heard.empty()) pass(1ms);
  EXPECT_EQ(env.held_total.read(), frame_of("a longer one than the room").size() - heard.size());
  pass(300ms);
  EXPECT_EQ(heard, frame_of("a longer one than the room"));
  EXPECT_EQ(env.held_total.read(), 0U);
}

TEST_F(UotStreamRead, ReceivesNothingWhileNobodyReads) {
  for (int i = 0; i < 5; ++i) send("waits");
  pass(1s);
  EXPECT_EQ(env.counters.packets_down.read(), 0U);
  EXPECT_EQ(env.held_total.read(), 0U);
  EXPECT_EQ(socket.waits, 1) << "it would only say so again";
  start_reading();
  pass(100ms);
  EXPECT_EQ(env.counters.packets_down.read(), 5U) << "the socket has kept them";
}

TEST_F(UotStreamRead, LeavesOutWhatIsNotForIt) {
  start_reading();
  for (const char* text : {"one", "foreign", "two"}) send(text);
  pass(100ms);
  EXPECT_EQ(heard, frames_of({"one", "two"}));
  EXPECT_EQ(env.counters.packets_down.read(), 2U);
}

TEST_F(UotStreamRead, EndsAWaitThatIsCancelled) {
  start_reading();
  stream.cancel();
  EXPECT_EQ(outcome, WaitOutcome::ready) << "not from inside the call";
  pass(10ms);
  EXPECT_EQ(outcome, WaitOutcome::cancelled);
  start_reading();
  send("one");
  pass(100ms);
  EXPECT_EQ(heard, frame_of("one")) << "the stream goes on";
}

TEST_F(UotStreamEnd, OfOneDirectionIsThatOfBoth) {
  start_reading();
  const ByteVector frame = frame_of("half");
  write(ConstBytes(frame).first(5));
  EXPECT_EQ(env.held_total.read(), 5U);
  stream.shut_write();
  EXPECT_EQ(env.held_total.read(), 0U);
  pass(100ms);
  EXPECT_EQ(result.status, IoStatus::ended);
  EXPECT_EQ(stream.try_write(ConstBytes(frame).subspan(5)).error, EPIPE);
  send("late");
  pass(100ms);
  EXPECT_THAT(heard, IsEmpty());
}

TEST_F(UotStreamEnd, ComesAfterWhatWasReceived) {
  send("a longer one than the room");
  start_reading(4);
  while (heard.empty()) pass(1ms);
  stream.reset();
  pass(300ms);
  EXPECT_EQ(heard, frame_of("a longer one than the room"));
  EXPECT_EQ(result.status, IoStatus::ended);
}

TEST_F(UotStreamEnd, IsNotedByOneWhoWaitsLater) {
  stream.reset();
  start_reading();
  pass(10ms);
  EXPECT_EQ(result.status, IoStatus::ended);
}

TEST_F(UotStreamEnd, DoesNotComeBySilenceWithoutALimit) {
  start_reading();
  pass(1h);
  EXPECT_EQ(result.status, IoStatus::blocked);
}

TEST_F(IdleUotStream, EndsAfterSilence) {
  start_reading();
  pass(59s);
  EXPECT_NE(result.status, IoStatus::ended);
  pass(16s);
  EXPECT_EQ(result.status, IoStatus::ended);
}

TEST_F(IdleUotStream, GoesOnWhileAnythingMoves) {
  start_reading();
  for (int i = 0; i < 5; ++i) {
    pass(50s);
    if (i % 2 == 0) {
      send("in");
    } else {
      write(frame_of("out"));
    }
  }
  pass(100ms);
  EXPECT_EQ(stream.try_write(frame_of("out")).status, IoStatus::done);
  EXPECT_EQ(heard, frames_of({"in", "in", "in"}));
  pass(80s);
  EXPECT_EQ(result.status, IoStatus::ended);
}

TEST_F(IdleUotStream, IsNotKeptByWhatIsNotForIt) {
  start_reading();
  for (int i = 0; i < 3; ++i) {
    pass(25s);
    send("foreign");
  }
  pass(5s);
  EXPECT_EQ(result.status, IoStatus::ended);
}

}  // namespace
}  // namespace ss::relay
