#include "ss/ops/service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>

#include "scratch_folder.hpp"
#include "ss/net/sleep.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::ops {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

net::Task<> live_for_long(net::Sleep& sleep) {
  co_await sleep;
}

// A service of two workers with one session, which lives until it is told to end.
class ServiceRun : public testing::Test {
 protected:
  ServiceRun() {
    hooks_.start = [this] {
      workers_[0]->spawner().spawn(live_for_long(session_));
      return std::nullopt;
    };
    hooks_.ready_line = [] {
      std::raise(SIGTERM);
      return "ready";
    };
    hooks_.stop_accepting = [this] { ++stopped_accepting_; };
    hooks_.stop_sessions = [this](net::Worker& worker) {
      if (&worker != workers_[0].get()) return;  // it has no session, and may have ended before it is told
      ++told_to_stop_;
      session_.cancel();
    };
    hooks_.drain_deadline = 1h;
    hooks_.stop_deadline = 1h;
  }

  // The exit code; what was logged is in `log_`.
  int run() {
    testing::internal::CaptureStderr();
    telemetry::open_log(telemetry::Level::info, telemetry::LogFormat::text);
    const int code = run_service(hooks_, workers_);
    telemetry::open_log(telemetry::Level::warn, telemetry::LogFormat::text);
    log_ = testing::internal::GetCapturedStderr();
    return code;
  }

  void end_session_soon() {
    workers_[0]->post([this] { session_.cancel(); });
  }

  static std::vector<std::unique_ptr<net::Worker>> two_workers() {
    std::vector<std::unique_ptr<net::Worker>> workers;
    for (unsigned i = 0; i < 2; ++i) workers.push_back(std::make_unique<net::Worker>(i));
    return workers;
  }

  std::vector<std::unique_ptr<net::Worker>> workers_ = two_workers();
  ServiceHooks hooks_;
  std::atomic<int> stopped_accepting_ = 0;
  std::atomic<int> told_to_stop_ = 0;
  std::string log_;

 private:
  const Variable no_manager_{"NOTIFY_SOCKET", nullptr};
  net::Sleep session_{workers_[0]->timers(), 24h};
};

TEST_F(ServiceRun, WaitsForSessionsAfterTheFirstSignal) {
  hooks_.stop_accepting = [this] {
    ++stopped_accepting_;
    end_session_soon();
  };
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(stopped_accepting_, 1);
  EXPECT_EQ(told_to_stop_, 0);
  EXPECT_EQ(workers_[0]->load(), 0U);
}

TEST_F(ServiceRun, EndsSessionsAtTheDrainDeadline) {
  hooks_.drain_deadline = 1ms;
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(told_to_stop_, 1);
  EXPECT_EQ(workers_[0]->load(), 0U);
  EXPECT_THAT(log_, HasSubstr("sessions that are left: 1"));
}

TEST_F(ServiceRun, EndsSessionsAtTheSecondSignal) {
  hooks_.stop_accepting = [] { std::raise(SIGINT); };
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(told_to_stop_, 1);
  EXPECT_EQ(workers_[0]->load(), 0U);
}

TEST_F(ServiceRun, LeavesSessionsThatDoNotEnd) {
  hooks_.drain_deadline = 1ms;
  hooks_.stop_deadline = 1ms;
  hooks_.stop_sessions = [](net::Worker&) {};
  EXPECT_EQ(run(), 0);
}

TEST_F(ServiceRun, AnswersWhatIsNotSupportedInTheLogAndGoesOn) {
  hooks_.ready_line = [] {
    std::raise(SIGHUP);
    std::raise(SIGUSR2);
    std::raise(SIGTERM);
    return "ready";
  };
  hooks_.drain_deadline = 1ms;
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(log_, HasSubstr("HUP: reload is not supported yet"));
  EXPECT_THAT(log_, HasSubstr("USR2: replacing the binary is not supported yet"));
  EXPECT_EQ(told_to_stop_, 1);
}

TEST_F(ServiceRun, AnswersEverySignalOfBeforeTheEndWithoutASession) {
  hooks_.start = [] { return std::nullopt; };
  hooks_.ready_line = [] {
    std::raise(SIGUSR2);
    std::raise(SIGTERM);
    return "ready";
  };
  hooks_.stop_accepting = [] { std::raise(SIGHUP); };
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(log_, HasSubstr("USR2: replacing"));
  EXPECT_THAT(log_, HasSubstr("HUP: reload"));
}

TEST_F(ServiceRun, TellsOnUsr1WhatTheWorkersHaveCounted) {
  workers_[0]->counters().accepted.add(2);
  workers_[1]->counters().accepted.add(3);
  hooks_.ready_line = [] {
    std::raise(SIGUSR1);
    std::raise(SIGTERM);
    return "ready";
  };
  hooks_.buffered = [] { return std::uint64_t{9}; };
  // TERM comes before USR1; with a session or without one, what was raised before the end is answered.
  hooks_.stop_accepting = [] {};
  hooks_.drain_deadline = 1ms;
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(log_, HasSubstr("info  USR1: sessions 1, buffered 9, associations 0, "));
  EXPECT_THAT(log_, HasSubstr(", accepted 5, "));
}

TEST_F(ServiceRun, SaysWhatListensWhereOnce) {
  end_session_soon();
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(log_, HasSubstr("info  ready\n"));
}

TEST_F(ServiceRun, FailsWithTheReasonWhereItCannotStart) {
  hooks_.start = [] { return "cannot listen on 127.0.0.1:80"; };
  hooks_.ready_line = [] {
    ADD_FAILURE() << "not ready";
    return "";
  };
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(log_, HasSubstr("error cannot listen on 127.0.0.1:80\n"));
  EXPECT_EQ(stopped_accepting_, 0);
}

TEST_F(ServiceRun, FailsWhereItCannotTakeTheSignalsOver) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  hooks_.start = [] {
    ADD_FAILURE() << "started";
    return std::nullopt;
  };
  testing::internal::CaptureStderr();
  const rlimit one{1, limit.rlim_max};  // a pipe needs two; with none the log could not poll
  ::setrlimit(RLIMIT_NOFILE, &one);
  const int code = run_service(hooks_, workers_);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(code, 1);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("error cannot start: signals: "));
}

// Runs four workers where the address space has room for the stack of one thread; ends the process with the exit code.
[[noreturn, maybe_unused]] void run_with_room_for_one_thread() {
  constexpr rlim_t kStack = 1 << 30;
  std::vector<std::unique_ptr<net::Worker>> workers;
  for (unsigned i = 0; i < 4; ++i) workers.push_back(std::make_unique<net::Worker>(i));
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStack);
  pthread_setattr_default_np(&attributes);
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t most = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + kStack + kStack / 2;
  const rlimit limit{most, most};
  ::setrlimit(RLIMIT_AS, &limit);
  ServiceHooks hooks;
  hooks.start = [] { return std::nullopt; };
  hooks.ready_line = [] {
    std::raise(SIGTERM);
    return "ready";
  };
  hooks.stop_accepting = [] {};
  std::_Exit(run_service(hooks, workers));
}

TEST(ServiceRunDeathTest, EndsWithTheReasonWhereNotEveryWorkerGetsAThread) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer needs more address space than the limit leaves";
#else
  EXPECT_EXIT(run_with_room_for_one_thread(), testing::ExitedWithCode(1), "error cannot start: a thread for each of 4");
#endif
}

class ServicePidFile : public ServiceRun {
 protected:
  [[nodiscard]] std::string text() const {
    std::ostringstream all;
    all << std::ifstream(hooks_.pid_file).rdbuf();
    return all.str();
  }

  const ScratchFolder folder_;
};

TEST_F(ServicePidFile, IsThereWhileItRuns) {
  hooks_.pid_file = folder_.path("pid");
  std::string seen;
  hooks_.ready_line = [&] {
    seen = text();
    std::raise(SIGTERM);
    return "ready";
  };
  end_session_soon();
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(seen, std::to_string(::getpid()) + "\n");
  EXPECT_FALSE(std::filesystem::exists(hooks_.pid_file));
}

TEST_F(ServicePidFile, StaysAnothersWhereItCannotStart) {
  hooks_.pid_file = folder_.write("pid", "1\n");
  hooks_.start = [] { return "cannot listen on 127.0.0.1:80"; };
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(text(), "1\n");
}

TEST_F(ServicePidFile, FailsTheStartWhereItCannotBeWritten) {
  hooks_.pid_file = folder_.path("absent/pid");
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(log_, HasSubstr("absent/pid: No such file"));
}

}  // namespace
}  // namespace ss::ops
