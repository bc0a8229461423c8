#include <gtest/gtest.h>

#include "loopback.hpp"
#include "ss/net/dial.hpp"

namespace ss::net {
namespace {

using namespace test;

Task<> dial_and_stop(Worker& worker, Endpoint to, DialOptions options, DialResult& into) {
  std::vector<Endpoint> endpoints{to};
  into = co_await dial(worker.dialer(), worker.timers(), std::move(endpoints), options);
  worker.stop();
}

/// A listening socket of the test's own; its backlog is what it has.
PlainSocket listen_on_loopback(std::uint16_t& port, int backlog) {
  PlainSocket listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  EXPECT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
  if (backlog >= 0) ::listen(listener.get(), backlog);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length);
  port = ntohs(address.sin_port);
  return listener;
}

TEST(SocketDialerBegin, ConnectsAndKnowsItsBoundAddress) {
  std::uint16_t port = 0;
  const PlainSocket listener = listen_on_loopback(port, 8);
  Worker worker(0);
  DialResult result;
  worker.spawner().spawn(dial_and_stop(worker, loopback(port), {}, result));
  ASSERT_TRUE(run_bounded(worker));
  ASSERT_EQ(result.cause, DialCause::connected);
  EXPECT_EQ(result.bound, result.stream->local_endpoint());
  EXPECT_EQ(result.stream->peer_endpoint(), loopback(port));
  const PlainSocket accepted(::accept(listener.get(), nullptr, nullptr));
  ASSERT_EQ(result.stream->try_write(bytes_of("hi")).status, IoStatus::done);
  EXPECT_EQ(accepted.receive(2), "hi");
  result.stream.reset();
}

TEST(SocketDialerBegin, IsRefusedWhereNobodyListens) {
  std::uint16_t port = 0;
  const PlainSocket bound_only = listen_on_loopback(port, -1);
  Worker worker(0);
  DialResult result;
  worker.spawner().spawn(dial_and_stop(worker, loopback(port), {}, result));
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(result.cause, DialCause::refused);
  EXPECT_EQ(result.error, ECONNREFUSED);
}

// Whether the SYN takes any depends on the system's settings; nothing is lost or doubled either way.
TEST(SocketDialerBegin, SaysHowMuchOfTheFirstBytesIsOnItsWay) {
  std::uint16_t port = 0;
  const PlainSocket listener = listen_on_loopback(port, 8);
  Worker worker(0);
  const ConstBytes first = bytes_of("early");
  const DialStart start = worker.dialer().begin(loopback(port), {first, false});
  ASSERT_TRUE(start.stream);
  ASSERT_LE(start.sent, first.size());
  const PlainSocket accepted(::accept(listener.get(), nullptr, nullptr));
  EXPECT_EQ(start.stream->finish_connect(), 0);
  const ConstBytes rest = first.subspan(start.sent);
  EXPECT_EQ(start.stream->try_write(rest).bytes, rest.size());
  EXPECT_EQ(start.stream->try_write(bytes_of("!")).bytes, 1U);
  EXPECT_EQ(accepted.receive(6), "early!");
}

TEST(SocketDialerBegin, IsRefusedAlsoWithFirstBytes) {
  std::uint16_t port = 0;
  const PlainSocket bound_only = listen_on_loopback(port, -1);
  Worker worker(0);
  DialResult result;
  DialOptions options;
  options.first = bytes_of("early");
  worker.spawner().spawn(dial_and_stop(worker, loopback(port), options, result));
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(result.error, ECONNREFUSED);
  EXPECT_EQ(result.sent, 0U);
}

TEST(SocketDialerBegin, UsesTheOptionsInForce) {
  std::uint16_t port = 0;
  const PlainSocket listener = listen_on_loopback(port, 8);
  SocketOptions options;
  options.bind_v6 = IpAddress(IpAddress::V6{});
  EXPECT_EQ(Worker(0, options).dialer().begin(loopback(port), {}).error, EAFNOSUPPORT);
  options.bind_v4 = IpAddress(IpAddress::V4{127, 0, 0, 9});
  options.mptcp = true;
  Worker worker(0, options);
  DialResult result;
  worker.spawner().spawn(dial_and_stop(worker, loopback(port), {}, result));
  ASSERT_TRUE(run_bounded(worker));
  ASSERT_EQ(result.cause, DialCause::connected);
  EXPECT_EQ(result.bound.address.to_string(), "127.0.0.9");
}

#if defined(__linux__) && !defined(SS_PORTABLE)
/// Whether ICMP errors of a socket of this process are kept, and could end its connection.
bool keeps_icmp(const Stream& stream) {
  int value = -1;
  socklen_t length = sizeof value;
  const int descriptor = find_socket(stream.local_endpoint(), stream.peer_endpoint());
  EXPECT_EQ(::getsockopt(descriptor, IPPROTO_IP, IP_RECVERR, &value, &length), 0);
  return value != 0;
}

TEST(SocketDialerBegin, KeepsIcmpErrorsUntilTheConnectHasEnded) {
  std::uint16_t port = 0;
  const PlainSocket listener = listen_on_loopback(port, 8);
  Worker worker(0);
  for (const bool wished : {false, true}) {
    const DialStart start = worker.dialer().begin(loopback(port), {{}, wished});
    ASSERT_TRUE(start.stream);
    EXPECT_EQ(keeps_icmp(*start.stream), wished);
    EXPECT_EQ(start.stream->finish_connect(), 0);
    EXPECT_FALSE(keeps_icmp(*start.stream));
  }
}

TEST(SocketDialerBegin, IsRefusedAlsoWhereIcmpErrorsAreKept) {
  std::uint16_t port = 0;
  const PlainSocket bound_only = listen_on_loopback(port, -1);
  Worker worker(0);
  DialResult result;
  DialOptions options;
  options.tell_ttl = true;
  worker.spawner().spawn(dial_and_stop(worker, loopback(port), options, result));
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(result.error, ECONNREFUSED);
}
#endif

#if defined(TCP_CONGESTION)
TEST(SocketDialerBegin, ForgoesPacingOnLoopback) {
  std::uint16_t port = 0;
  const PlainSocket listener = listen_on_loopback(port, 8);
  Worker worker(0);
  DialResult result;
  worker.spawner().spawn(dial_and_stop(worker, loopback(port), {}, result));
  ASSERT_TRUE(run_bounded(worker));
  ASSERT_EQ(result.cause, DialCause::connected);
  const std::string used = congestion_control_of(find_socket(result.bound, loopback(port)));
  EXPECT_FALSE(used.empty());
  EXPECT_FALSE(used.starts_with("bbr")) << used;
  result.stream.reset();
}
#endif

TEST(SocketDialerBegin, TimesOutWhereNobodyAnswers) {
  // A full backlog leaves further connects unanswered, without any machine but this one.
  std::uint16_t port = 0;
  const PlainSocket listener = listen_on_loopback(port, 0);
  Worker worker(0);
  std::vector<std::unique_ptr<Stream>> fillers;
  fillers.reserve(4);
  for (int i = 0; i < 4; ++i) fillers.push_back(worker.dialer().begin(loopback(port), {}).stream);
  DialResult result;
  worker.spawner().spawn(dial_and_stop(worker, loopback(port), {20ms, 250ms}, result));
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(result.cause, DialCause::timed_out);
}

}  // namespace
}  // namespace ss::net
