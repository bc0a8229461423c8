#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "peer.hpp"
#include "sim/node.hpp"
#include "ss/relay/environment.hpp"

namespace ss::relay::test {

using namespace std::chrono_literals;

/// Every timer is at most 5 ms late, and a simulated wake-up takes at most 1 ms.
inline constexpr Duration kLate = 10ms;

/// `when` is `due` or a little later, never earlier.
inline void expect_at(std::optional<Duration> when, Duration due, const std::string& what = {}) {
  ASSERT_TRUE(when.has_value()) << what;
  EXPECT_GE(*when, due) << what;
  EXPECT_LE(*when, due + kLate) << what;
}

/// Dials through the simulated network; what is dialled is watched, and some endpoints fail or never answer.
class SpyDialer final : public net::Dialer {
 public:
  SpyDialer(sim::Network& network, IpAddress own) : network_(network), inner_(network, own, false) {}

  net::DialStart begin(const Endpoint& to, const net::DialWishes& wishes) override {
    begun.push_back(to);
    wished_ttl = wishes.tell_ttl;
    first = ByteVector(wishes.first.begin(), wishes.first.end());
    if (const auto failing = fails.find(to); failing != fails.end()) return {nullptr, failing->second};
    if (silent && to == *silent) {
      const auto link = std::make_shared<sim::Link>(network_.world, network_.alive);
      auto stream = std::make_unique<sim::SimStream>(link, 0, Endpoint{}, to, false);
      stream->connecting();
      return {std::move(stream)};
    }
    net::DialStart start = inner_.begin(to, wishes);
    start.sent = std::min(rides_in_syn, first.size());
    start.stream = std::make_unique<SpyStream>(std::move(start.stream), network_.world, watch(to));
    return start;
  }
  /// What happens to connections to `to`.
  std::shared_ptr<Watch> watch(const Endpoint& to) {
    auto& watch = watches_[to];
    if (!watch) watch = std::make_shared<Watch>();
    return watch;
  }

  std::vector<Endpoint> begun;
  std::map<Endpoint, int> fails;
  std::optional<Endpoint> silent;
  std::size_t rides_in_syn = 0;  ///< of the first bytes; the peer does not hear them
  // Of the newest dial:
  bool wished_ttl = false;
  ByteVector first;

 private:
  sim::Network& network_;
  sim::SimDialer inner_;
  std::map<Endpoint, std::shared_ptr<Watch>> watches_;
};

/// One worker on virtual time, and the world around it.
class Fixture : public ::testing::Test {
 protected:
  explicit Fixture(const SessionList::Limits& limits = {120s, 60s})
      : sessions(node.env().timers, limits),
        env{node.env().timers,
            node.spawner(),
            dialer,
            node.datagrams(),
            node.acceptors(),
            node.env().resolver,
            world,
            world,
            node.env().keys,
            node.env().scratch,
            node.env().datagram_scratch,
            sessions,
            node.env().counters,
            node.env().held_total,
            node.env().throttles} {}

  void TearDown() override {
    sessions.stop_all();
    pass(30s);
    EXPECT_EQ(node.spawner().live(), 0U) << "a session did not end";
    EXPECT_EQ(node.spawner().escaped(), 0U);
  }
  /// Every session has ended, and has taken everything of its own along.
  void expect_no_session() {
    EXPECT_EQ(node.spawner().live(), 0U);
    EXPECT_EQ(sessions.size(), 0U);
    EXPECT_EQ(env.held_total.read(), 0U);
  }

 public:
  /// Lets virtual time go by.
  void pass(Duration time) {
    world.after(time, [] {});
    world.run(time);
  }
  [[nodiscard]] Duration now() const { return world.now().time_since_epoch(); }
  /// A peer that takes the next connection to `at`.
  std::unique_ptr<Peer> listener(const Endpoint& at) {
    auto peer = std::make_unique<Peer>(dialer.watch(at));
    network.listeners[at] = [peer = peer.get()](std::unique_ptr<net::Stream> stream) {
      peer->accept(std::move(stream));
    };
    return peer;
  }

  sim::World world{1, sim::Split::whole, {}};
  sim::Network network{world};
  sim::Node node{world, network, IpAddress(IpAddress::V4{203, 0, 113, 9}), false};
  SpyDialer dialer{network, IpAddress(IpAddress::V4{203, 0, 113, 9})};
  SessionList sessions;
  Environment env;
};

}  // namespace ss::relay::test
