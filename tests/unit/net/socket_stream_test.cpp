#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <numeric>
#include <vector>

#include "loopback.hpp"
#include "ss/net/worker.hpp"

namespace ss::net {
namespace {

using namespace test;

struct SocketStreamTest : testing::Test {
  SocketStreamTest() : SocketStreamTest(tcp_pair()) {}
  explicit SocketStreamTest(std::pair<PlainSocket, PlainSocket> pair)
      : peer(std::move(pair.first)), stream(worker.adopt(pair.second.release())) {}

  /// Waits for `side` once and stops the worker.
  Task<> wait_for(Side side) {
    const WaitOutcome got = co_await ready(*stream, side);
    outcomes.push_back(got);
    worker.stop();
  }
  std::string read_some() {
    std::array<std::uint8_t, 256> buffer;
    result = stream->try_read(Bytes(buffer));
    return std::string(text_of(ConstBytes(buffer).first(result.bytes)));
  }

  Worker worker{0};
  PlainSocket peer;
  std::unique_ptr<Stream> stream;
  std::vector<WaitOutcome> outcomes;
  IoResult result;
};
using SocketStreamRead = SocketStreamTest;
using SocketStreamWrite = SocketStreamTest;
using SocketStreamWait = SocketStreamTest;
using SocketStreamReset = SocketStreamTest;

TEST_F(SocketStreamRead, IsBlockedWhileNothingIsThere) {
  read_some();
  EXPECT_EQ(result.status, IoStatus::blocked);
  EXPECT_EQ(result.bytes, 0U);
}

TEST_F(SocketStreamRead, TakesWhatIsThere) {
  ASSERT_TRUE(peer.send("hello"));
  EXPECT_EQ(read_some(), "hello");
  EXPECT_EQ(result.status, IoStatus::done);
}

TEST_F(SocketStreamRead, FailsAgainAfterAResetThatAWriteWasToldOf) {
  ASSERT_TRUE(peer.send("said before"));
  const linger at_once{1, 0};
  ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  peer.close();
  EXPECT_EQ(stream->try_write(bytes_of("x")).status, IoStatus::failed);
  EXPECT_EQ(read_some(), "said before");
  for (int again = 0; again < 2; ++again) {
    read_some();
    EXPECT_EQ(result.status, IoStatus::failed);
    EXPECT_EQ(result.error, ECONNRESET);
  }
}

TEST_F(SocketStreamRead, EndsAfterThePeersHalfCloseAndStillWrites) {
  ASSERT_TRUE(peer.send("last"));
  ::shutdown(peer.get(), SHUT_WR);
  EXPECT_EQ(read_some(), "last");
  read_some();
  EXPECT_EQ(result.status, IoStatus::ended);
  EXPECT_EQ(stream->try_write(bytes_of("answer")).status, IoStatus::done);
  EXPECT_EQ(peer.receive(6), "answer");
}

TEST_F(SocketStreamRead, ReportsAResetAfterWhatCameBefore) {
  peer.close_with_reset();
  worker.spawner().spawn(wait_for(Side::read));
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(outcomes, std::vector{WaitOutcome::ready});
  read_some();
  EXPECT_EQ(result.status, IoStatus::failed);
  EXPECT_EQ(result.error, ECONNRESET);
}

TEST_F(SocketStreamRead, ScattersOverSixtyFourSpans) {
  std::string text(Stream::kMaxSpans * 3, '\0');
  std::iota(text.begin(), text.end(), 'a');
  ASSERT_TRUE(peer.send(text));
  std::array<std::array<std::uint8_t, 3>, Stream::kMaxSpans> pieces;
  std::vector<Bytes> spans(pieces.begin(), pieces.end());
  const IoResult got = stream->try_read(spans);
  EXPECT_EQ(got.bytes, text.size());
  std::string joined;
  for (const auto& piece : pieces) joined += text_of(piece);
  EXPECT_EQ(joined, text);
}

TEST_F(SocketStreamWrite, GathersSixtyFourSpansInOneCall) {
  std::vector<ConstBytes> spans;
  std::string expected;
  for (std::size_t i = 0; i < Stream::kMaxSpans; ++i) {
    spans.push_back(bytes_of(i % 2 == 0 ? "even " : "odd "));
    expected += text_of(spans.back());
  }
  const IoResult put = stream->try_write(spans);
  EXPECT_EQ(put.bytes, expected.size());
  EXPECT_EQ(peer.receive(expected.size()), expected);
}

TEST_F(SocketStreamWrite, IsBlockedWhenThePeerDoesNotRead) {
  const std::vector<std::uint8_t> block(1 << 20);
  std::size_t total = 0;
  while (total < (64U << 20)) {
    const IoResult put = stream->try_write(ConstBytes(block));
    if (put.status == IoStatus::blocked) break;
    ASSERT_EQ(put.status, IoStatus::done);
    total += put.bytes;
  }
  EXPECT_LT(total, 64U << 20);
#if defined(__linux__) && !defined(SS_PORTABLE)
  EXPECT_GT(stream->unacknowledged(), 0U);
#endif
  // Room again once the peer has read: the wait must not miss it.
  worker.spawner().spawn(wait_for(Side::write));
  worker.post([&] { static_cast<void>(peer.receive(total)); });
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(outcomes, std::vector{WaitOutcome::ready});
  EXPECT_EQ(stream->try_write(ConstBytes(block)).status, IoStatus::done);
}

TEST_F(SocketStreamWrite, FailsWithoutASignalWhereThePeerIsGone) {
  peer.close_with_reset();
  const IoResult first = stream->try_write(bytes_of("x"));
  EXPECT_EQ(first.status, IoStatus::failed);
  const IoResult second = stream->try_write(bytes_of("x"));
  EXPECT_EQ(second.error, EPIPE);
}

TEST_F(SocketStreamWrite, SendsFinWhenShut) {
  ASSERT_EQ(stream->try_write(bytes_of("bye")).status, IoStatus::done);
  stream->shut_write();
  EXPECT_EQ(peer.receive(3), "bye");
  EXPECT_TRUE(peer.at_end());
  ASSERT_TRUE(peer.send("still here"));
  EXPECT_EQ(read_some(), "still here");
}

TEST_F(SocketStreamWait, CompletesOnceThereIsSomethingToRead) {
  worker.spawner().spawn(wait_for(Side::read));
  EXPECT_TRUE(outcomes.empty());
  worker.post([&] { peer.send("x"); });
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(outcomes, std::vector{WaitOutcome::ready});
}

TEST_F(SocketStreamWait, SeesWhatCameBeforeItBegan) {
  ASSERT_TRUE(peer.send("x"));
  worker.spawner().spawn(wait_for(Side::read));
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(outcomes, std::vector{WaitOutcome::ready});
}

Task<> wait_twice(Worker& worker, Stream& stream, Side side, int& running, std::vector<WaitOutcome>& outcomes) {
  ++running;
  const WaitOutcome got = co_await ready(stream, side);
  outcomes.push_back(got);
  if (--running == 0) worker.stop();
}

TEST_F(SocketStreamWait, IsCancelledExactlyOnceOnEitherSide) {
  const std::vector<std::uint8_t> block(1 << 20);
  while (stream->try_write(ConstBytes(block)).status == IoStatus::done) {
  }
  int running = 0;
  worker.spawner().spawn(wait_twice(worker, *stream, Side::read, running, outcomes));
  worker.spawner().spawn(wait_twice(worker, *stream, Side::write, running, outcomes));
  stream->cancel();
  stream->cancel();
  EXPECT_TRUE(outcomes.empty()) << "completed from inside cancel";
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(outcomes, (std::vector{WaitOutcome::cancelled, WaitOutcome::cancelled}));
}

TEST_F(SocketStreamWait, OfTheOtherSideThatBeginsAfterACancelIsNotCancelled) {
  int running = 0;
  worker.spawner().spawn(wait_twice(worker, *stream, Side::read, running, outcomes));
  stream->cancel();
  worker.spawner().spawn(wait_twice(worker, *stream, Side::write, running, outcomes));
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_THAT(outcomes, testing::UnorderedElementsAre(WaitOutcome::cancelled, WaitOutcome::ready));
}

TEST_F(SocketStreamWait, ForgetsACancelThatFoundNothing) {
  stream->cancel();
  ASSERT_TRUE(peer.send("x"));
  worker.spawner().spawn(wait_for(Side::read));
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(outcomes, std::vector{WaitOutcome::ready});
}

TEST_F(SocketStreamReset, ReachesThePeerAsAReset) {
  ASSERT_EQ(stream->try_write(bytes_of("lost")).status, IoStatus::done);
  stream->reset();
  char byte = 0;
  while (::recv(peer.get(), &byte, 1, 0) > 0) {
  }
  EXPECT_EQ(errno, ECONNRESET);
  EXPECT_EQ(stream->try_write(bytes_of("x")).status, IoStatus::failed);
  EXPECT_EQ(stream->local_endpoint(), Endpoint{});
}

TEST_F(SocketStreamReset, CancelsAPendingWait) {
  worker.spawner().spawn(wait_for(Side::read));
  stream->reset();
  EXPECT_TRUE(outcomes.empty());
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(outcomes, std::vector{WaitOutcome::cancelled});
}

TEST_F(SocketStreamReset, CancelsAWaitThatComesAfterIt) {
  stream->reset();
  worker.spawner().spawn(wait_for(Side::write));
  EXPECT_TRUE(outcomes.empty());
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(outcomes, std::vector{WaitOutcome::cancelled});
}

TEST_F(SocketStreamTest, KnowsBothItsEndpoints) {
  EXPECT_EQ(stream->local_endpoint().address, loopback(0).address);
  EXPECT_NE(stream->peer_endpoint().port, 0);
  EXPECT_NE(stream->peer_endpoint(), stream->local_endpoint());
  EXPECT_EQ(stream->unacknowledged(), 0U);
}

}  // namespace
}  // namespace ss::net
