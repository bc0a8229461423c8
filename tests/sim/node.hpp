#pragma once

#include "sim/datagram.hpp"
#include "sim/network.hpp"
#include "sim/world.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/net/spawner.hpp"
#include "ss/net/timers.hpp"
#include "ss/relay/environment.hpp"
#include "ss/telemetry/counters.hpp"

namespace ss::sim {

/// One process of the simulation: everything that a worker of a real one has, on the world's time.
class Node {
 public:
  Node(World& world, Network& network, IpAddress own, bool dials_pair)
      : timers_(world, alarm_),
        alarm_(world, timers_),
        datagrams_(network.datagrams, own),
        acceptors_(network),
        dialer_(network, own, dials_pair),
        resolver_(network),
        keys_(16),
        sessions_(timers_, {std::chrono::seconds(120), std::chrono::seconds(60)}),
        env_{timers_, spawner_, dialer_,           datagrams_, acceptors_, resolver_,   world,     world,
             keys_,   scratch_, datagram_scratch_, sessions_,  counters_,  held_total_, throttles_} {}

  [[nodiscard]] relay::Environment& env() { return env_; }
  [[nodiscard]] net::Spawner& spawner() { return spawner_; }
  /// Opens UDP sockets, those of listeners too.
  [[nodiscard]] SimDatagramOpener& datagrams() { return datagrams_; }
  [[nodiscard]] net::AcceptorOpener& acceptors() { return acceptors_; }
  /// Nothing is left of any session.
  [[nodiscard]] bool clean() const {
    return spawner_.live() == 0 && spawner_.escaped() == 0 && sessions_.size() == 0 && held_total_.read() == 0;
  }

 private:
  class WorldAlarm final : public net::Timers::Alarm {
   public:
    WorldAlarm(World& world, net::Timers& timers) : world_(world), timers_(timers) {}
    void set(MonoTime when) override {
      const std::uint64_t number = ++number_;
      world_.after(when - world_.now(), [this, number] {
        if (number == number_) timers_.run();
      });
    }

   private:
    World& world_;
    net::Timers& timers_;
    std::uint64_t number_ = 0;
  };

  net::Timers timers_;
  WorldAlarm alarm_;
  SimDatagramOpener datagrams_;  // outlives the sockets of what is spawned
  SimAcceptorOpener acceptors_;
  net::Spawner spawner_;
  SimDialer dialer_;
  SimResolver resolver_;
  cipher::KeyCache keys_;
  relay::Scratch scratch_;
  relay::DatagramScratch datagram_scratch_;
  relay::SessionList sessions_;
  telemetry::Counters counters_;
  relay::HeldTotal held_total_;
  relay::LogThrottles throttles_;
  relay::Environment env_;
};

}  // namespace ss::sim
