#include "ss/net/datagram_listener.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "datagrams.hpp"

namespace ss::net {
namespace {

using namespace test;

DatagramListenResult open_on(Worker& worker, const Endpoint& endpoint, const ListenOptions& options = {}) {
  Worker* const workers[] = {&worker};
  return open_datagram_listeners(endpoint, workers, options);
}

TEST(DatagramListenersOpen, SpreadsClientsOverAllWorkers) {
  Worker first(0), second(1);
  Worker* const workers[] = {&first, &second};
  const DatagramListenResult opened = open_datagram_listeners(loopback(0), workers);
  ASSERT_EQ(opened.error, 0);
  ASSERT_FALSE(opened.sockets.empty());
  EXPECT_NE(opened.endpoint.port, 0);
  EXPECT_FALSE(opened.dual_stack);
  constexpr std::size_t kClients = 64;
  for (std::size_t i = 0; i < kClients; ++i) {
    int error = 0;
    const auto client = first.datagrams().open_connected(opened.endpoint, error);
    ASSERT_TRUE(client) << error;
    EXPECT_EQ(client->try_send(addressed({"hello"})).sent, 1U);
  }
  std::size_t heard = 0;
  for (const auto& socket : opened.sockets) {
    Ear ear;
    // Everything that was sent is there: loopback delivers within the send, or in a soft interrupt right after it.
    ear.hear(*socket, opened.sockets.size() == 1 ? kClients : 1);
    while (ear.hear_once(*socket) > 0) {
    }
    EXPECT_FALSE(ear.heard.empty());
    heard += ear.heard.size();
  }
  EXPECT_EQ(heard, kClients);
#if defined(__linux__) && !defined(SS_PORTABLE)
  EXPECT_EQ(opened.sockets.size(), 2U);
#else
  EXPECT_EQ(opened.sockets.size(), 1U);
#endif
}

TEST(DatagramListenersOpen, RefusesAPortInUseAndNamesItsHolder) {
  Worker first(0), second(1);
  Worker* const both[] = {&first, &second};
  const DatagramListenResult opened = open_datagram_listeners(loopback(0), both);
  ASSERT_FALSE(opened.sockets.empty());
  const DatagramListenResult again = open_datagram_listeners(opened.endpoint, both);
  EXPECT_TRUE(again.sockets.empty());
  EXPECT_EQ(again.error, EADDRINUSE);
  EXPECT_STREQ(again.failed_at, "bind");
#if defined(__linux__) && !defined(SS_PORTABLE)
  EXPECT_TRUE(again.holder.starts_with("pid " + std::to_string(::getpid()) + " (")) << again.holder;
#endif
}

TEST(DatagramListenersOpen, SharesThePortWhereAsked) {
  Worker worker(0);
  ListenOptions shared;
  shared.share_port = true;
  const DatagramListenResult first = open_on(worker, loopback(0), shared);
  ASSERT_FALSE(first.sockets.empty());
  EXPECT_FALSE(open_on(worker, first.endpoint, shared).sockets.empty());
  EXPECT_EQ(open_on(worker, first.endpoint).error, EADDRINUSE);
}

TEST(DatagramListenersOpen, FailsOnAnAddressThatIsNotOurs) {
  Worker worker(0);
  const DatagramListenResult opened = open_on(worker, {*IpAddress::parse("192.0.2.1"), 0});
  EXPECT_TRUE(opened.sockets.empty());
  EXPECT_EQ(opened.error, EADDRNOTAVAIL);
}

TEST(DatagramListenersOpen, AsksForAtLeastWhatTheSystemGivesAnybody) {
  Worker worker(0);
  const DatagramListenResult opened = open_on(worker, loopback(0));
  int error = 0;
  const auto ordinary = worker.datagrams().open(Family::v4, error);
  const auto buffer_of = [](const Datagram& socket) {
    int bytes = 0;
    socklen_t length = sizeof bytes;
    ::getsockopt(find_datagram_socket(socket.local_endpoint().port), SOL_SOCKET, SO_RCVBUF, &bytes, &length);
    return bytes;
  };
  EXPECT_GT(buffer_of(*opened.sockets.front()), buffer_of(*ordinary));
}

TEST(DatagramListenersReceive, SeesIpv4ClientsOfADualStackSocketAsIpv4AndAnswersThem) {
  Worker worker(0);
  const DatagramListenResult opened = open_on(worker, kAnyV6);
  if (opened.sockets.empty()) GTEST_SKIP() << "no IPv6 here";
  EXPECT_TRUE(opened.dual_stack);
  EXPECT_TRUE(covers(opened.endpoint, opened.dual_stack, {IpAddress(), opened.endpoint.port}));
  Datagram& server = *opened.sockets.front();
  for (const IpAddress& address : {v4(1), v4(2), kLoopbackV6.address}) {
    int error = 0;
    const auto client = worker.datagrams().open_connected({address, opened.endpoint.port}, error);
    ASSERT_TRUE(client) << error;
    EXPECT_EQ(client->try_send(addressed({"question"})).sent, 1U);
    Ear asked, answered;
    ASSERT_TRUE(asked.hear(server, 1));
    EXPECT_EQ(asked.heard[0].to, address);
    EXPECT_EQ(asked.heard[0].from, client->local_endpoint());
    const auto answers = letters(3, 20);
    auto batch = addressed(answers, asked.heard[0].from);
    for (Outgoing& one : batch) one.from = asked.heard[0].to;
    EXPECT_EQ(server.try_send(batch).sent, 3U);
    ASSERT_TRUE(answered.hear(*client, 3));
    EXPECT_EQ(texts_of(answered.heard), answers);
  }
}

TEST(DatagramListenersReceive, LeavesIpv4AloneWhereAsked) {
  Worker worker(0);
  ListenOptions options;
  options.v6_only = true;
  const DatagramListenResult opened = open_on(worker, kAnyV6, options);
  if (opened.sockets.empty()) GTEST_SKIP() << "no IPv6 here";
  EXPECT_FALSE(opened.dual_stack);
  EXPECT_FALSE(covers(opened.endpoint, opened.dual_stack, {IpAddress(), opened.endpoint.port}));
  int error = 0;
  const auto client = worker.datagrams().open(Family::v4, error);
  ASSERT_TRUE(client);
  client->try_send(addressed({"x"}, loopback(opened.endpoint.port)));
  Ear ear;
  EXPECT_EQ(ear.hear_once(*opened.sockets.front()), 0U);
}

}  // namespace
}  // namespace ss::net
