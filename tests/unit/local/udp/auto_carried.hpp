#pragma once

#include <optional>
#include <string>
#include <vector>

#include "udp/carrier_choice.hpp"
#include "unit/local/udp/uot_server.hpp"

namespace ss::local {

/// A UDP ASSOCIATE of ss-local with "udp_over_tcp": "auto", and ss-server behind a path whose UDP can be cut.
class AutoCarried : public Associated {
 protected:
  AutoCarried() {
    choice = &choice_;
    listen();
    network.datagrams.tap = [this](const Endpoint& from, const Endpoint& to, ConstBytes /*bytes*/) {
      if (to == kSsServer) packets.push_back({from, now()});
    };
  }
  /// Takes the next TCP connection to ss-server.
  void listen() { tcp.emplace(*this, config, keys); }

  void cut_udp() { network.datagrams.set_path({std::nullopt, kSsServer}, {sim::kAlways}); }
  void heal_udp() { network.datagrams.set_path({std::nullopt, kSsServer}, {}); }

  /// A datagram is lost, so are the probe's, and TCP brings an answer: 6 s in all, 2 s more where a while had begun.
  void change_over_to_tcp() {
    cut_udp();
    send("lost");
    for (Duration gone{}; gone < 8'200ms && !tcp->peer().connected(); gone += 100ms) pass(100ms);
    ASSERT_TRUE(tcp->peer().connected());
    ASSERT_FALSE(tcp->first_flight().empty());
    tcp->answer(uot_frame({kSource.address, kSource.port}, "answer"));
    ASSERT_TRUE(choice_.over_tcp());
    listen();
    packets.clear();
  }
  /// Another application's association, after the end of the one before.
  void start_anew() {
    control = relay::test::Peer(network, {kLocal, 1080});
    start();
  }
  /// The probes that ss-server got.
  [[nodiscard]] std::size_t probes() const {
    return static_cast<std::size_t>(std::count_if(server.heard.begin(), server.heard.end(), [](const std::string& all) {
      return all.starts_with("1.1.1.1:53 ") || all.starts_with("8.8.8.8:53 ");
    }));
  }
  void TearDown() override {
    tcp.reset();
    Associated::TearDown();
  }

  /// A packet towards ss-server, whether it arrives or not.
  struct Sent {
    Endpoint from;
    Duration when;
  };
  std::vector<Sent> packets;
  std::optional<UotServer> tcp;

 private:
  CarrierChoice choice_{env, rules, packet_keys};
};

}  // namespace ss::local
