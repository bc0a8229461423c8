#include "ss/relay/send_batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "fixture.hpp"
#include "ss/base/bytes.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::relay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Every send of every socket, in order.
using Calls = std::vector<std::string>;

/// Writes down what it is asked to send: its name, then the datagrams of one call.
class SpyDatagram final : public net::Datagram {
 public:
  SpyDatagram(std::string name, Calls& calls) : name_(std::move(name)), calls_(calls) {}

  std::size_t try_receive(Bytes /*area*/, std::span<net::Received> /*into*/) override { return 0; }
  net::SendResult try_send(std::span<const net::Outgoing> batch) override {
    std::string call = name_;
    for (const net::Outgoing& one : batch) call += " " + std::string(text_of(one.bytes)).substr(0, 8);
    calls_.push_back(call);
    sizes.push_back(batch.size());
    return result.value_or(net::SendResult{batch.size(), batch.size(), 0, 0});
  }
  void wait(net::Side /*side*/, net::Waiter& /*waiter*/) override {}
  void cancel() override {}
  [[nodiscard]] Endpoint local_endpoint() const override { return {}; }

  std::vector<std::size_t> sizes;
  std::optional<net::SendResult> result;  // else all go

 private:
  std::string name_;
  Calls& calls_;
};

class SendBatchTest : public test::Fixture {
 protected:
  static net::Outgoing text(std::string_view bytes) { return {bytes_of(bytes), {}, {}}; }
  /// Writes a datagram of `length` bytes, all of them `letter`, into what the batch gives.
  static void write(SendBatch& batch, SpyDatagram& socket, char letter, std::size_t length) {
    const Bytes room = batch.room(socket, length);
    ASSERT_EQ(room.size(), length);
    std::fill(room.begin(), room.end(), static_cast<std::uint8_t>(letter));
    batch.add(socket, {room, {}, {}});
  }

  Calls calls;
  SpyDatagram a{"a", calls};
  SpyDatagram b{"b", calls};
  DatagramScratch::Turn turn{env.datagram_scratch};
};

using SendBatchAdd = SendBatchTest;
using SendBatchRoom = SendBatchTest;
using SendBatchFlush = SendBatchTest;

TEST_F(SendBatchAdd, SendsConsecutiveDatagramsOfOneSocketTogetherInTheEnd) {
  {
    SendBatch batch(turn, env, env.counters.packets_up);
    batch.add(a, text("1"));
    batch.add(a, text("2"));
    batch.add(a, text(""));
    EXPECT_THAT(calls, IsEmpty());
  }
  EXPECT_THAT(calls, ElementsAre("a 1 2 "));
  EXPECT_EQ(env.counters.packets_up.read(), 3U);
  EXPECT_EQ(env.counters.packets_down.read(), 0U);
}

TEST_F(SendBatchAdd, KeepsTheOrderOverSockets) {
  {
    SendBatch batch(turn, env, env.counters.packets_up);
    for (const char* one : {"1", "2"}) batch.add(a, text(one));
    batch.add(b, text("3"));
    batch.add(a, text("4"));
  }
  EXPECT_THAT(calls, ElementsAre("a 1 2", "b 3", "a 4"));
}

TEST_F(SendBatchAdd, SendsAFullBatchAtOnce) {
  SendBatch batch(turn, env, env.counters.packets_up);
  for (std::size_t i = 0; i < net::Datagram::kMaxBatch; ++i) {
    EXPECT_THAT(a.sizes, IsEmpty());
    batch.add(a, text("x"));
  }
  EXPECT_THAT(a.sizes, ElementsAre(net::Datagram::kMaxBatch));
  batch.add(a, text("y"));
  batch.flush();
  EXPECT_THAT(a.sizes, ElementsAre(net::Datagram::kMaxBatch, 1U));
}

TEST_F(SendBatchRoom, GivesEveryDatagramAPlaceOfItsOwn) {
  {
    SendBatch batch(turn, env, env.counters.packets_up);
    write(batch, a, 'p', 3);
    write(batch, a, 'q', 5);
    batch.add(a, text("beside"));
    write(batch, a, 'r', 2);
  }
  EXPECT_THAT(calls, ElementsAre("a ppp qqqqq beside rr"));
}

TEST_F(SendBatchRoom, TakesBackWhatADatagramLeftOfItsPlace) {
  SendBatch batch(turn, env, env.counters.packets_up);
  const Bytes first = batch.room(a, 1000);
  batch.add(a, {first.first(10), {}, {}});
  EXPECT_EQ(batch.room(a, 1000).data(), first.data() + 10);
}

TEST_F(SendBatchRoom, GivesAPlaceThatWasNotUsedToTheNextOne) {
  {
    SendBatch batch(turn, env, env.counters.packets_up);
    const Bytes given_up = batch.room(a, 1000);
    std::fill(given_up.begin(), given_up.end(), std::uint8_t{'n'});
    write(batch, a, 'p', 2);
  }
  EXPECT_THAT(calls, ElementsAre("a pp"));
}

TEST_F(SendBatchRoom, SendsWhatItHasWhereTheAreaIsFull) {
  constexpr std::size_t kHalf = DatagramScratch::kWriteArea / 2;
  {
    SendBatch batch(turn, env, env.counters.packets_up);
    write(batch, a, 'p', kHalf);
    write(batch, a, 'q', kHalf);
    EXPECT_THAT(calls, IsEmpty()) << "to the last byte";
    write(batch, a, 'r', 1);
    EXPECT_THAT(calls, ElementsAre("a pppppppp qqqqqqqq"));
    write(batch, a, 's', DatagramScratch::kWriteArea);
  }
  EXPECT_THAT(calls, ElementsAre("a pppppppp qqqqqqqq", "a r", "a ssssssss"));
}

TEST_F(SendBatchRoom, SendsTheOtherSocketsDatagramsBeforeTheirPlaceIsGivenAway) {
  {
    SendBatch batch(turn, env, env.counters.packets_up);
    write(batch, a, 'p', 3);
    write(batch, b, 'q', 3);
  }
  EXPECT_THAT(calls, ElementsAre("a ppp", "b qqq"));
}

TEST_F(SendBatchFlush, SendsNothingWhereThereIsNothing) {
  {
    SendBatch batch(turn, env, env.counters.packets_up);
    batch.room(a, 100);
    batch.flush();
  }
  EXPECT_THAT(calls, IsEmpty());
}

TEST_F(SendBatchFlush, DropsAndCountsWhatTheSocketDoesNotTake) {
  a.result = net::SendResult{2, 2, 0, 0};  // blocked behind them
  SendBatch batch(turn, env, env.counters.packets_down);
  for (int i = 0; i < 5; ++i) batch.add(a, text("x"));
  batch.flush();
  batch.flush();
  EXPECT_THAT(a.sizes, ElementsAre(5U)) << "not tried again";
  EXPECT_EQ(env.counters.packets_down.read(), 2U);
  EXPECT_EQ(env.counters.packets_dropped.read(), 3U);
  EXPECT_EQ(env.counters.packets_too_long.read(), 0U);
}

TEST_F(SendBatchFlush, CountsWhatThePathDoesNotTakeAndSaysOnceWhatWouldFit) {
  a.result = net::SendResult{3, 1, 2, EMSGSIZE, 1252};
  telemetry::open_log(telemetry::Level::info, telemetry::LogFormat::text);
  testing::internal::CaptureStderr();
  SendBatch batch(turn, env, env.counters.packets_down);
  const std::string longest(1300, 'x');
  batch.add(a, text("x"));
  batch.add(a, text(longest));
  batch.add(a, text("x"));
  batch.flush();
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("a datagram of 1300 bytes is too long: up to 1252 would fit (0 more like this)"));
  EXPECT_EQ(env.counters.packets_down.read(), 1U);
  EXPECT_EQ(env.counters.packets_dropped.read(), 2U);
  EXPECT_EQ(env.counters.packets_too_long.read(), 2U);

  testing::internal::CaptureStderr();
  batch.add(a, text("x"));
  a.result = net::SendResult{1, 0, 1, EMSGSIZE, 1252};
  batch.flush();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "not again within a minute";
  EXPECT_EQ(env.counters.packets_too_long.read(), 3U);
}

}  // namespace
}  // namespace ss::relay
