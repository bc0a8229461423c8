#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "clockwork.hpp"
#include "ss/net/dialer.hpp"

namespace ss::net::test {

/// A connection that comes about, or fails, after a time on virtual time; or never.
class ScriptedStream final : public Stream, private Timer {
 public:
  struct Fate {
    std::optional<Duration> after;  ///< nothing: the wait never ends by itself
    int error = 0;
  };
  struct Record {
    int resets = 0;
    int alive = 0;
    int waits_ended = 0;
  };

  ScriptedStream(Timers& timers, Fate fate, Record& record) : timers_(timers), fate_(fate), record_(record) {
    ++record_.alive;
  }
  ~ScriptedStream() override {
    EXPECT_EQ(waiter_, nullptr) << "destroyed with a wait pending";
    --record_.alive;
  }

  IoResult try_read(std::span<const Bytes>) override { return {}; }
  IoResult try_write(std::span<const ConstBytes>) override { return {}; }
  void wait(Side, Waiter& waiter) override {
    EXPECT_EQ(waiter_, nullptr);
    waiter_ = &waiter;
    cancelled_ = false;
    if (fate_.after) timers_.start(*this, *fate_.after);
  }
  void cancel() override {
    if (!waiter_) return;
    cancelled_ = true;
    timers_.start(*this, Duration::zero());
  }
  int finish_connect() override { return fate_.error; }
  void shut_write() override {}
  void reset() override {
    ++record_.resets;
    cancel();
  }
  [[nodiscard]] std::size_t unacknowledged() const override { return 0; }
  [[nodiscard]] Endpoint local_endpoint() const override { return {IpAddress(IpAddress::V4{10, 0, 0, 1}), 40000}; }
  [[nodiscard]] Endpoint peer_endpoint() const override { return {}; }

 private:
  void expired() noexcept override {
    ++record_.waits_ended;
    std::exchange(waiter_, nullptr)->complete(cancelled_ ? WaitOutcome::cancelled : WaitOutcome::ready);
  }

  Timers& timers_;
  Fate fate_;
  Record& record_;
  Waiter* waiter_ = nullptr;
  bool cancelled_ = false;
};

/// Hands out scripted streams and notes which attempt began when. An endpoint without a script never answers.
class ScriptedDialer final : public Dialer {
 public:
  explicit ScriptedDialer(Clockwork& works) : works_(works) {}

  DialStart begin(const Endpoint& to, const DialWishes& wishes) override {
    begun.emplace_back(to, works_.now());
    offered.push_back(wishes.first.size());
    wished_ttl = wishes.tell_ttl;
    if (const auto at_once = fails_at_once.find(to); at_once != fails_at_once.end()) return {nullptr, at_once->second};
    return {std::make_unique<ScriptedStream>(works_.timers, fates[to], records[to]), 0,
            std::min(wishes.first.size(), takes_first[to])};
  }

  std::map<Endpoint, ScriptedStream::Fate> fates;
  std::map<Endpoint, int> fails_at_once;
  std::map<Endpoint, ScriptedStream::Record> records;
  std::map<Endpoint, std::size_t> takes_first;  ///< how many first bytes an endpoint's cookie lets ride in the SYN
  std::vector<std::pair<Endpoint, Duration>> begun;
  std::vector<std::size_t> offered;  ///< how many first bytes each attempt was given
  bool wished_ttl = false;           ///< whether the newest was asked to tell an expired TTL

 private:
  Clockwork& works_;
};

}  // namespace ss::net::test
