#include "ss/net/listener.hpp"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <atomic>
#include <cerrno>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "loopback.hpp"
#include "ss/net/sleep.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::net {
namespace {

using namespace test;

const Endpoint kAnyV6{IpAddress(IpAddress::V6{}), 0};

ListenResult open_on(Worker& worker, const Endpoint& endpoint, const ListenOptions& options = {}) {
  Worker* const workers[] = {&worker};
  return open_listeners(endpoint, workers, options);
}

/// Reads until the end, then stops the worker.
Task<> read_and_stop(Worker& worker, std::unique_ptr<Stream> stream, std::string& heard) {
  for (;;) {
    const WaitOutcome outcome = co_await ready(*stream, Side::read);
    if (outcome == WaitOutcome::cancelled) break;
    std::array<std::uint8_t, 64> buffer;
    const IoResult got = stream->try_read(Bytes(buffer));
    if (got.status == IoStatus::blocked) continue;
    if (got.status != IoStatus::done) break;
    heard += text_of(ConstBytes(buffer).first(got.bytes));
  }
  worker.stop();
}

TEST(ListenersStart, DeliversAConnectionAndItsBytes) {
  Worker worker(0);
  ListenResult opened = open_on(worker, loopback(0));
  ASSERT_TRUE(opened.listeners);
  EXPECT_NE(opened.listeners->endpoint().port, 0);
  std::string heard;
  opened.listeners->start([&](Worker& on, std::unique_ptr<Stream> stream) {
    on.spawner().spawn(read_and_stop(on, std::move(stream), heard));
  });
  {
    const PlainSocket client = PlainSocket::connect_to(opened.listeners->endpoint().port);
    ASSERT_TRUE(client.send("hello"));
  }
  EXPECT_TRUE(run_bounded(worker));
  EXPECT_EQ(heard, "hello");
  EXPECT_EQ(worker.counters().accepted.read(), 1U);
}

TEST(ListenersOpen, RefusesAPortInUseAndNamesItsHolder) {
  Worker worker(0), other(1);
  Worker* const both[] = {&worker, &other};
  ListenResult first = open_listeners(loopback(0), both);
  ASSERT_TRUE(first.listeners);
  ListenResult second = open_listeners(first.listeners->endpoint(), both);
  EXPECT_FALSE(second.listeners);
  EXPECT_EQ(second.error, EADDRINUSE);
  EXPECT_STREQ(second.failed_at, "bind");
#if defined(__linux__) && !defined(SS_PORTABLE)
  EXPECT_TRUE(second.holder.starts_with("pid " + std::to_string(::getpid()) + " (")) << second.holder;
#endif
}

TEST(ListenersOpen, SharesThePortWhereAsked) {
  Worker worker(0);
  ListenOptions shared;
  shared.share_port = true;
  ListenResult first = open_on(worker, loopback(0), shared);
  ASSERT_TRUE(first.listeners);
  EXPECT_TRUE(open_on(worker, first.listeners->endpoint(), shared).listeners);
  // Somebody who does not share is still kept out.
  EXPECT_EQ(open_on(worker, first.listeners->endpoint()).error, EADDRINUSE);
}

TEST(ListenersOpen, TakesAPortWithConnectionsInTimeWait) {
  Endpoint endpoint;
  {
    Worker worker(0);
    ListenResult opened = open_on(worker, loopback(0));
    ASSERT_TRUE(opened.listeners);
    endpoint = opened.listeners->endpoint();
    opened.listeners->start([&](Worker&, std::unique_ptr<Stream> stream) {
      stream.reset();
      worker.stop();
    });
    const PlainSocket client = PlainSocket::connect_to(endpoint.port);
    EXPECT_TRUE(run_bounded(worker));
    EXPECT_TRUE(client.at_end());
  }
  Worker fresh(0);
  EXPECT_TRUE(open_on(fresh, endpoint).listeners);
}

TEST(ListenersOpen, FailsOnAnAddressThatIsNotOurs) {
  Worker worker(0);
  const ListenResult opened = open_on(worker, {IpAddress(IpAddress::V4{192, 0, 2, 1}), 0});
  EXPECT_FALSE(opened.listeners);
  EXPECT_EQ(opened.error, EADDRNOTAVAIL);
}

TEST(ListenersCovers, TellsWhatADualStackListenerTakes) {
  Worker worker(0);
  ListenResult dual = open_on(worker, kAnyV6);
  if (!dual.listeners) GTEST_SKIP() << "no IPv6 here";
  const std::uint16_t port = dual.listeners->endpoint().port;
  EXPECT_TRUE(dual.listeners->covers({IpAddress(), port}));
  EXPECT_TRUE(dual.listeners->covers(loopback(port)));
  EXPECT_FALSE(dual.listeners->covers({IpAddress(), static_cast<std::uint16_t>(port + 1)}));
  EXPECT_EQ(open_on(worker, {IpAddress(), port}).error, EADDRINUSE);

  ListenOptions v6_only;
  v6_only.v6_only = true;
  // Somebody else may hold the same port for IPv4, though hardly every time.
  bool both = false;
  for (int attempt = 0; attempt < 5 && !both; ++attempt) {
    ListenResult narrow = open_on(worker, kAnyV6, v6_only);
    ASSERT_TRUE(narrow.listeners);
    const Endpoint v4{IpAddress(), narrow.listeners->endpoint().port};
    EXPECT_FALSE(narrow.listeners->covers(v4));
    both = open_on(worker, v4).listeners != nullptr;
  }
  EXPECT_TRUE(both);
}

TEST(ListenersAccept, SeesAnIpv4ClientOfADualStackListenerAsIpv4) {
  Worker worker(0);
  ListenResult dual = open_on(worker, kAnyV6);
  if (!dual.listeners) GTEST_SKIP() << "no IPv6 here";
  Endpoint peer, local;
  dual.listeners->start([&](Worker& on, std::unique_ptr<Stream> stream) {
    peer = stream->peer_endpoint();
    local = stream->local_endpoint();
    on.stop();
  });
  const PlainSocket client = PlainSocket::connect_to(dual.listeners->endpoint().port);
  EXPECT_TRUE(run_bounded(worker));
  EXPECT_EQ(peer.address, loopback(0).address);
  EXPECT_EQ(local, loopback(dual.listeners->endpoint().port));
}

TEST(ListenersAccept, GoesOnAfterAConnectionThatCouldNotBeTakenIn) {
  Worker worker(0);
  ListenResult opened = open_on(worker, loopback(0));
  ASSERT_TRUE(opened.listeners);
  int calls = 0;
  opened.listeners->start([&](Worker& on, std::unique_ptr<Stream>) {
    if (++calls == 1) throw std::bad_alloc();
    on.stop();
  });
  const PlainSocket first = PlainSocket::connect_to(opened.listeners->endpoint().port);
  const PlainSocket second = PlainSocket::connect_to(opened.listeners->endpoint().port);
  testing::internal::CaptureStderr();
  EXPECT_TRUE(run_bounded(worker));
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(worker.counters().accept_errors.read(), 1U);
}

TEST(ListenersAccept, SetsTheOptionsOfTheConfiguration) {
  Worker worker(0);
  ListenOptions options;
  options.accepted.keep_alive = 77s;
  ListenResult opened = open_on(worker, loopback(0), options);
  ASSERT_TRUE(opened.listeners);
  int no_delay = 0;
  int idle = 0;
  opened.listeners->start([&](Worker& on, std::unique_ptr<Stream> stream) {
    const int descriptor = find_socket(stream->local_endpoint(), stream->peer_endpoint());
    socklen_t length = sizeof(int);
    ::getsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &no_delay, &length);
#if defined(TCP_KEEPIDLE)
    ::getsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle, &length);
#else
    idle = 77;
#endif
    on.stop();
  });
  const PlainSocket client = PlainSocket::connect_to(opened.listeners->endpoint().port);
  EXPECT_TRUE(run_bounded(worker));
  EXPECT_NE(no_delay, 0);
  EXPECT_EQ(idle, 77);
}

#if defined(TCP_CONGESTION)
TEST(ListenersAccept, ForgoesPacingOnLoopback) {
  Worker worker(0);
  ListenResult opened = open_on(worker, loopback(0));
  ASSERT_TRUE(opened.listeners);
  std::string used;
  opened.listeners->start([&](Worker& on, std::unique_ptr<Stream> stream) {
    used = congestion_control_of(find_socket(stream->local_endpoint(), stream->peer_endpoint()));
    on.stop();
  });
  const PlainSocket client = PlainSocket::connect_to(opened.listeners->endpoint().port);
  EXPECT_TRUE(run_bounded(worker));
  EXPECT_FALSE(used.empty());
  EXPECT_FALSE(used.starts_with("bbr")) << used;
}
#endif

/// Lowers the limit of descriptors to what is open now, and a few.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t spare) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    ::close(next);
    rlimit lowered = before_;
    lowered.rlim_cur = static_cast<rlim_t>(next) + spare;
    ::setrlimit(RLIMIT_NOFILE, &lowered);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  ~FewDescriptors() { lift(); }
  void lift() const { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

/// Lifts the limit once the accept loop has met it twice: the connections that waited are then taken in.
struct LiftLater final : Timer {
  LiftLater(Worker& w, const FewDescriptors& f) : worker(w), few(f) {}
  void expired() noexcept override {
    if (worker.counters().accept_errors.read() >= 2) {
      few.lift();
    } else {
      worker.timers().start(*this, 1ms);
    }
  }
  Worker& worker;
  const FewDescriptors& few;
};

/// Three connections with room for `spare` descriptors. @return how often an accept failed.
std::uint64_t accept_three(rlim_t spare) {
  Worker worker(0);
  ListenResult opened = open_on(worker, loopback(0));
  std::vector<std::unique_ptr<Stream>> streams;
  opened.listeners->start([&](Worker& on, std::unique_ptr<Stream> stream) {
    streams.push_back(std::move(stream));
    if (streams.size() == 3) on.stop();
  });
  std::vector<PlainSocket> clients;
  clients.reserve(3);
  for (int i = 0; i < 3; ++i) clients.push_back(PlainSocket::connect_to(opened.listeners->endpoint().port));
  testing::internal::CaptureStderr();
  const FewDescriptors few(spare);
  LiftLater later(worker, few);
  worker.timers().start(later, 1ms);
  EXPECT_TRUE(run_bounded(worker));
  few.lift();
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(streams.size(), 3U);
  return worker.counters().accept_errors.read();
}

TEST(ListenersAccept, SurvivesAShortageOfDescriptors) {
  // Sanitizers open descriptors of their own the first time they meet a type: so everything is met once without a
  // shortage.
  telemetry::log_warn("first {}", std::generic_category().message(EMFILE));
  EXPECT_EQ(accept_three(100), 0U);
  const std::uint64_t errors = accept_three(1);
  EXPECT_GE(errors, 2U);
  // Backing off, not spinning.
  EXPECT_LT(errors, 20U);
}

TEST(ListenersClose, TakesInWhatIsQueuedAndFreesThePort) {
  Worker worker(0);
  ListenResult opened = open_on(worker, loopback(0));
  ASSERT_TRUE(opened.listeners);
  const Endpoint endpoint = opened.listeners->endpoint();
  int accepted = 0;
  opened.listeners->start([&](Worker&, std::unique_ptr<Stream>) { ++accepted; });
  std::vector<PlainSocket> clients;
  clients.reserve(200);
  for (int i = 0; i < 200; ++i) clients.push_back(PlainSocket::connect_to(endpoint.port));
  opened.listeners->close();
  worker.post([&] { worker.stop(); });
  EXPECT_TRUE(run_bounded(worker));
  EXPECT_EQ(accepted, 200);
  EXPECT_FALSE(PlainSocket::connect_to(endpoint.port).open());
  EXPECT_TRUE(open_on(worker, endpoint).listeners);
}

TEST(ListenersClose, WorksBeforeTheStart) {
  Worker worker(0);
  ListenResult opened = open_on(worker, loopback(0));
  ASSERT_TRUE(opened.listeners);
  const Endpoint endpoint = opened.listeners->endpoint();
  opened.listeners.reset();
  worker.post([&] { worker.stop(); });
  EXPECT_TRUE(run_bounded(worker));
  EXPECT_TRUE(open_on(worker, endpoint).listeners);
}

Task<> hold(std::unique_ptr<Stream> stream) {
  co_await ready(*stream, Side::read);
}
Task<> idle(Timers& timers) {
  co_await sleep(timers, 1h);
}

/// Connects `connections` times to two workers, the first of which has `before` sessions already. @return both loads.
std::pair<std::uint32_t, std::uint32_t> spread(unsigned connections, unsigned before) {
  Worker first(0), second(1);
  Worker* const workers[] = {&first, &second};
  ListenResult opened = open_listeners(loopback(0), workers);
  if (!opened.listeners) return {0, 0};
  for (unsigned i = 0; i < before; ++i) first.spawner().spawn(idle(first.timers()));
  std::atomic<unsigned> accepted{0};
  // Every session stays, so the load is what was accepted.
  opened.listeners->start([&](Worker& on, std::unique_ptr<Stream> stream) {
    on.spawner().spawn(hold(std::move(stream)));
    if (++accepted == connections) {
      first.stop();
      second.stop();
    }
  });
  std::thread runner([&] { EXPECT_TRUE(run_bounded(second)); });
  std::vector<PlainSocket> clients;
  for (unsigned i = 0; i < connections; ++i)
    clients.push_back(PlainSocket::connect_to(opened.listeners->endpoint().port));
  EXPECT_TRUE(run_bounded(first));
  runner.join();
  return {first.load(), second.load()};
}

TEST(ListenersAccept, SpreadsOverTwoWorkers) {
  const auto [first, second] = spread(200, 0);
  EXPECT_EQ(first + second, 200U);
  const std::uint32_t fewest = std::min(first, second);
  EXPECT_LE(std::max(first, second), fewest + fewest / 4 + 10);
}

TEST(ListenersAccept, PassesConnectionsOnToAWorkerWithFarFewerSessions) {
  const auto [first, second] = spread(40, 100);
  EXPECT_EQ(first, 100U);
  EXPECT_EQ(second, 40U);
}

}  // namespace
}  // namespace ss::net
