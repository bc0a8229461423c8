#include "ss/net/listener.hpp"

#include <gtest/gtest.h>

#include "loopback.hpp"
#include "ss/net/dial.hpp"

namespace ss::net {
namespace {

using namespace test;

Task<> dial_and_say_hello(Worker& worker, Endpoint to, DialCause& cause) {
  std::vector<Endpoint> endpoints{to};
  DialResult result = co_await dial(worker.dialer(), worker.timers(), std::move(endpoints));
  cause = result.cause;
  if (result.stream) result.stream->try_write(bytes_of("hello"));
}

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
  Worker* const workers[] = {&worker};
  ListenResult opened = open_listeners(loopback(0), workers);
  ASSERT_TRUE(opened.listeners);
  std::string heard;
  opened.listeners->start([&](Worker& on, std::unique_ptr<Stream> stream) {
    on.spawner().spawn(read_and_stop(on, std::move(stream), heard));
  });
  DialCause cause = DialCause::failed;
  worker.spawner().spawn(dial_and_say_hello(worker, opened.listeners->endpoint(), cause));
  EXPECT_TRUE(run_bounded(worker));
  EXPECT_EQ(cause, DialCause::connected);
  EXPECT_EQ(heard, "hello");
}

TEST(ListenersOpen, RefusesAPortInUseAndNamesItsHolder) {
  Worker worker(0);
  Worker* const workers[] = {&worker};
  ListenResult first = open_listeners(loopback(0), workers);
  ASSERT_TRUE(first.listeners);
  ListenResult second = open_listeners(first.listeners->endpoint(), workers);
  EXPECT_FALSE(second.listeners);
  EXPECT_EQ(second.error, EADDRINUSE);
#if defined(__linux__) && !defined(SS_PORTABLE)
  EXPECT_NE(second.holder.find("pid " + std::to_string(::getpid()) + " ("), std::string::npos) << second.holder;
#endif
}

}  // namespace
}  // namespace ss::net
