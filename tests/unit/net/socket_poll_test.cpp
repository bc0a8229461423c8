#include <gtest/gtest.h>

#include <functional>

#include "../../../src/common/net/asio_worker.hpp"
#include "../../../src/common/net/socket_datagram.hpp"
#include "datagrams.hpp"

#if defined(SS_EPOLL)
namespace ss::net {
namespace {

using namespace test;

/// Calls a function with what its waits come to.
class Told final : public Waiter {
 public:
  void complete(WaitOutcome outcome) override {
    outcomes.push_back(outcome);
    if (then) then();
  }
  std::vector<WaitOutcome> outcomes;
  std::function<void()> then;
};

/// Three sockets in one poll, the first two with somebody who waits on them.
struct SocketPollTest : testing::Test {
  std::unique_ptr<Datagram> bound() {
    int error = 0;
    auto socket = worker.datagrams().open_bound(loopback(0), error);
    EXPECT_TRUE(socket) << error;
    return socket;
  }
  void send_to(Datagram& socket) {
    const std::vector<std::string> one{"x"};
    ASSERT_EQ(sender->try_send(addressed(one, socket.local_endpoint())).sent, 1U);
  }
  /// Turns the loop until there is nothing more to do.
  /// @return  how often the reactor had something.
  std::size_t turn() {
    std::size_t handled = 0;
    for (int i = 0; i < 20; ++i) handled += io_context_of(worker).poll();
    return handled;
  }

  Worker worker{0};
  std::unique_ptr<Datagram> first = bound(), second = bound(), sender = bound();
  Told of_first, of_second;
  Ear ear;
};
using SocketPollWait = SocketPollTest;
using Outcomes = std::vector<WaitOutcome>;

TEST(SocketPoll, IsAllThatAnIdleSocketCosts) {
  EXPECT_LE(sizeof(SocketPoll::Member), 32U);
  EXPECT_LE(sizeof(SocketDatagram), 80U);
}

TEST_F(SocketPollWait, TellsEachOfItsOwn) {
  first->wait(Side::read, of_first);
  second->wait(Side::read, of_second);
  send_to(*second);
  turn();
  EXPECT_EQ(of_first.outcomes, Outcomes());
  EXPECT_EQ(of_second.outcomes, Outcomes{WaitOutcome::ready});
  send_to(*first);
  turn();
  EXPECT_EQ(of_first.outcomes, Outcomes{WaitOutcome::ready});
  EXPECT_EQ(of_second.outcomes, Outcomes{WaitOutcome::ready});
}

TEST_F(SocketPollWait, TellsTheNextWaiterOfWhatWasLeft) {
  send_to(*first);
  of_first.then = [&] {
    if (of_first.outcomes.size() < 3) first->wait(Side::read, of_first);
  };
  first->wait(Side::read, of_first);
  turn();
  EXPECT_EQ(of_first.outcomes.size(), 3U);
  EXPECT_EQ(ear.hear_once(*first), 1U);
}

TEST_F(SocketPollWait, IsQuietWhileNobodyWaits) {
  first->wait(Side::read, of_first);
  send_to(*first);
  turn();
  ASSERT_EQ(of_first.outcomes.size(), 1U);
  EXPECT_EQ(turn(), 0U) << "what nobody takes is told again and again";
  first->wait(Side::read, of_first);
  turn();
  EXPECT_EQ(of_first.outcomes.size(), 2U);
}

TEST_F(SocketPollWait, IsQuietAfterAResetThatNobodyWaitsFor) {
  auto [peer, ours] = tcp_pair();
  const std::unique_ptr<Stream> stream = worker.adopt(ours.release());
  stream->wait(Side::read, of_first);
  ASSERT_TRUE(peer.send("x"));
  turn();
  ASSERT_EQ(of_first.outcomes.size(), 1U);
  peer.close_with_reset();
  turn();
  EXPECT_EQ(turn(), 0U) << "the end is told again and again";
  stream->wait(Side::write, of_second);
  turn();
  EXPECT_EQ(of_second.outcomes, Outcomes{WaitOutcome::ready});
}

TEST_F(SocketPollWait, TellsBothSidesApart) {
  first->wait(Side::read, of_first);
  first->wait(Side::write, of_second);
  turn();
  EXPECT_EQ(of_first.outcomes, Outcomes());
  EXPECT_EQ(of_second.outcomes, Outcomes{WaitOutcome::ready});
  EXPECT_EQ(turn(), 0U) << "room to write is told to nobody";
  send_to(*first);
  turn();
  EXPECT_EQ(of_first.outcomes, Outcomes{WaitOutcome::ready});
}

TEST_F(SocketPollWait, MayEndASocketThatIsToBeToldNext) {
  second->wait(Side::read, of_second);
  send_to(*second);
  turn();
  // Armed still, and told of with the first one.
  first->wait(Side::read, of_first);
  of_first.then = [&] { second.reset(); };
  send_to(*first);
  turn();
  EXPECT_EQ(of_first.outcomes, Outcomes{WaitOutcome::ready});
  EXPECT_FALSE(second);
}

TEST_F(SocketPollWait, MayEndItsOwnSocket) {
  of_first.then = [&] { first.reset(); };
  first->wait(Side::read, of_first);
  send_to(*first);
  turn();
  EXPECT_EQ(of_first.outcomes, Outcomes{WaitOutcome::ready});
}

TEST_F(SocketPollWait, IsCancelledOnBothSidesAndOnceEach) {
  first->wait(Side::read, of_first);
  first->wait(Side::write, of_second);
  of_second.then = [&] { first.reset(); };
  first->cancel();
  first->cancel();
  EXPECT_EQ(of_first.outcomes, Outcomes()) << "completed from inside cancel";
  turn();
  EXPECT_EQ(of_first.outcomes, Outcomes{WaitOutcome::cancelled});
  EXPECT_EQ(of_second.outcomes, Outcomes{WaitOutcome::cancelled});
}

TEST_F(SocketPollWait, IsCancelledAlthoughThereIsSomething) {
  first->wait(Side::read, of_first);
  send_to(*first);
  first->cancel();
  turn();
  EXPECT_EQ(of_first.outcomes, Outcomes{WaitOutcome::cancelled});
  first->wait(Side::read, of_first);
  turn();
  EXPECT_EQ(of_first.outcomes.back(), WaitOutcome::ready) << "a later wait is not cancelled";
}

TEST_F(SocketPollWait, LastsWhereSomethingEscapesAWaiter) {
  first->wait(Side::read, of_first);
  of_first.then = [] { throw std::bad_alloc(); };
  send_to(*first);
  EXPECT_THROW(turn(), std::bad_alloc);
  second->wait(Side::read, of_second);
  send_to(*second);
  turn();
  EXPECT_EQ(of_second.outcomes, Outcomes{WaitOutcome::ready});
}

}  // namespace
}  // namespace ss::net
#endif
