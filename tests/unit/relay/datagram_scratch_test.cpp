#include "ss/relay/datagram_scratch.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ss::relay {
namespace {

using net::Datagram;

/// Fills as many as it is told, and notes what it was given.
class SpyDatagram final : public Datagram {
 public:
  std::size_t try_receive(Bytes given, std::span<net::Received> into) override {
    area = given;
    most = into.size();
    for (std::size_t i = 0; i < filled; ++i) {
      given[i] = static_cast<std::uint8_t>('a' + i);
      into[i].bytes = given.subspan(i, 1);
    }
    return filled;
  }
  net::SendResult try_send(std::span<const net::Outgoing> /*batch*/) override { return {}; }
  void wait(net::Side /*side*/, net::Waiter& /*waiter*/) override {}
  void cancel() override {}
  [[nodiscard]] Endpoint local_endpoint() const override { return {}; }

  std::size_t filled = 0;
  Bytes area;
  std::size_t most = 0;
};

bool overlap(ConstBytes a, ConstBytes b) {
  return a.data() < b.data() + b.size() && b.data() < a.data() + a.size();
}

class DatagramScratchTurn : public ::testing::Test {
 protected:
  DatagramScratch scratch;
  SpyDatagram socket;
};

TEST_F(DatagramScratchTurn, ReceivesAWholeBatch) {
  socket.filled = 3;
  DatagramScratch::Turn turn(scratch);
  const std::span<net::Received> received = turn.receive(socket);
  EXPECT_EQ(socket.area.size(), Datagram::kReceiveArea);
  EXPECT_EQ(socket.most, Datagram::kMaxBatch);
  ASSERT_EQ(received.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(received[i].bytes.front(), 'a' + i);
}

TEST_F(DatagramScratchTurn, ReceivesOneBuffer) {
  socket.filled = 2;
  DatagramScratch::Turn turn(scratch);
  EXPECT_EQ(turn.receive_one(socket).size(), 2U) << "datagrams that the kernel has joined";
  EXPECT_EQ(socket.area.size(), Datagram::kReceiveSlot);
  EXPECT_EQ(socket.most, Datagram::kMaxBatch);
}

TEST_F(DatagramScratchTurn, ReceivesNothingWhereNothingIsThere) {
  DatagramScratch::Turn turn(scratch);
  EXPECT_TRUE(turn.receive(socket).empty());
  EXPECT_TRUE(turn.receive_one(socket).empty());
}

TEST_F(DatagramScratchTurn, WritesBesideWhatWasReceived) {
  DatagramScratch::Turn turn(scratch);
  socket.filled = 1;
  const std::span<net::Received> received = turn.receive(socket);
  const Bytes room = turn.write_area();
  EXPECT_EQ(room.size(), DatagramScratch::kWriteArea);
  EXPECT_FALSE(overlap(room, socket.area));
  std::fill(room.begin(), room.end(), std::uint8_t{'w'});
  EXPECT_EQ(received.front().bytes.front(), 'a');
}

TEST_F(DatagramScratchTurn, HasRoomForAFullBatchAndTheLongestPacket) {
  DatagramScratch::Turn turn(scratch);
  EXPECT_EQ(turn.outgoing().size(), Datagram::kMaxBatch);
  EXPECT_GE(turn.write_area().size(), Datagram::kReceiveSlot);
}

TEST_F(DatagramScratchTurn, MayFollowAnother) {
  const std::uint8_t* first = nullptr;
  {
    const DatagramScratch::Turn turn(scratch);
    first = turn.write_area().data();
  }
  const DatagramScratch::Turn turn(scratch);
  EXPECT_EQ(turn.write_area().data(), first) << "the same memory, for every turn of the worker";
}

#if defined(SS_ASSERTIONS)
TEST(DatagramScratchTurnDeathTest, RefusesATurnInsideATurn) {
  DatagramScratch scratch;
  const DatagramScratch::Turn turn(scratch);
  EXPECT_DEATH({ const DatagramScratch::Turn second(scratch); }, "taken_");
}
#endif

}  // namespace
}  // namespace ss::relay
