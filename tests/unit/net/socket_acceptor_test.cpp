#include <cerrno>

#include "loopback.hpp"
#include "ss/net/acceptor.hpp"
#include "ss/net/dial.hpp"

namespace ss::net {
namespace {

using namespace test;

/// Dials `acceptor`, and then takes the connection.
Task<> dial_and_accept(Worker& worker, Acceptor& acceptor, DialResult& dialled, std::unique_ptr<Stream>& accepted) {
  std::vector<Endpoint> endpoints{acceptor.local_endpoint()};
  dialled = co_await dial(worker.dialer(), worker.timers(), std::move(endpoints));
  const WaitOutcome outcome = co_await ready(acceptor);
  if (outcome == WaitOutcome::ready) accepted = acceptor.try_accept();
  worker.stop();
}

/// Waits for a connection that never comes.
Task<> wait_for_one(Worker& worker, Acceptor& acceptor, WaitOutcome& outcome) {
  outcome = co_await ready(acceptor);
  worker.stop();
}

TEST(AcceptorOpen, TakesAConnectionAtItsAddress) {
  Worker worker(0);
  ListenStart start = worker.acceptors().open(loopback(0));
  ASSERT_TRUE(start.acceptor);
  const Endpoint at = start.acceptor->local_endpoint();
  EXPECT_EQ(at.address, loopback(0).address);
  EXPECT_NE(at.port, 0);
  EXPECT_FALSE(start.acceptor->try_accept());
  std::unique_ptr<Stream> accepted;
  DialResult dialled;
  worker.spawner().spawn(dial_and_accept(worker, *start.acceptor, dialled, accepted));
  ASSERT_TRUE(run_bounded(worker));
  ASSERT_TRUE(accepted && dialled.stream);
  EXPECT_EQ(accepted->peer_endpoint(), dialled.bound);
  EXPECT_EQ(accepted->local_endpoint(), at);
}

TEST(AcceptorOpen, FailsWhereSomebodyListens) {
  Worker worker(0);
  const ListenStart first = worker.acceptors().open(loopback(0));
  ASSERT_TRUE(first.acceptor);
  const ListenStart second = worker.acceptors().open(first.acceptor->local_endpoint());
  EXPECT_FALSE(second.acceptor);
  EXPECT_EQ(second.error, EADDRINUSE);
}

TEST(AcceptorOpen, FailsAtAnAddressThatIsNotOurs) {
  Worker worker(0);
  const ListenStart start = worker.acceptors().open({IpAddress(IpAddress::V4{192, 0, 2, 1}), 0});
  EXPECT_FALSE(start.acceptor);
  EXPECT_EQ(start.error, EADDRNOTAVAIL);
}

TEST(AcceptorCancel, EndsAWait) {
  Worker worker(0);
  const ListenStart start = worker.acceptors().open(loopback(0));
  ASSERT_TRUE(start.acceptor);
  WaitOutcome outcome = WaitOutcome::ready;
  worker.spawner().spawn(wait_for_one(worker, *start.acceptor, outcome));
  start.acceptor->cancel();
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(outcome, WaitOutcome::cancelled);
}

}  // namespace
}  // namespace ss::net
