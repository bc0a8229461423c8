#pragma once

#include <string>
#include <vector>

#include "server_session.hpp"
#include "unit/protocol/stream_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::server {

using namespace std::chrono_literals;
using protocol::testing::joined;
using relay::test::counting;
using relay::test::Deed;
using relay::test::expect_at;
using relay::test::Fixture;
using relay::test::kLate;
using relay::test::Peer;

inline const Endpoint kTarget{IpAddress(IpAddress::V4{93, 184, 216, 34}), 80};

inline protocol::testing::PairConfig config_for(const std::string& method, bool users = false) {
  for (const protocol::testing::PairConfig& config : protocol::testing::pair_configs()) {
    if (config.method == method && config.users.empty() != users) return config;
  }
  return {};
}

/// Sessions of ss-server on virtual time, and what their clients need.
class Served : public Fixture {
 protected:
  explicit Served(const std::string& method = "2022-blake3-aes-256-gcm", bool users = false)
      : config(config_for(method, users)) {}

  /// A client's half of one stream, with its first flight.
  struct Stream {
    Stream(const protocol::ClientCredentials& credentials, cipher::KeyCache& keys, Served& served, bool marked)
        : handshake(credentials, keys, served.entropy, marked) {}
    protocol::ClientHandshake handshake;
    ByteVector flight;
  };
  Stream request(const TargetAddress& to, ConstBytes payload, Duration age = 0s, bool marked = false) {
    Stream stream(credentials, keys, *this, marked);
    stream.flight.resize(protocol::ClientHandshake::kMaxFirstFlight);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
    stream.flight.resize(stream.handshake.first_flight(
        to, payload, env.clock.unix_now() - static_cast<UnixSeconds>(seconds), stream.flight));
    return stream;
  }
  Stream request(ConstBytes payload) { return request({kTarget.address, kTarget.port}, payload); }

  void serve_to(Peer& client) { node.spawner().spawn(serve(env, rules(), client.take_near(), gate)); }
  const SessionRules& rules() {
    if (!rules_) {
      policy.emplace(allow, deny, std::vector<IpAddress>{});
      rules_.emplace(SessionRules{server_credentials, salts, *policy,
                                  relay::RejectRule::make(reject, server_credentials.method()), dial, false,
                                  datagrams_idle, associations, association_limits, extension, bind_ports, speedtest,
                                  fast_open, clocks, &binds});
    }
    return *rules_;
  }
  /// What is changed from here on is looked at by sessions that begin.
  /// @pre  there is no session
  void forget_rules() { rules_.reset(); }
  void TearDown() override {
    Fixture::TearDown();
    expect_no_session();
  }

  protocol::testing::PairConfig config;
  protocol::testing::ScriptedEntropy entropy;
  protocol::ClientCredentials credentials = protocol::testing::client_credentials(config);
  protocol::ServerCredentials server_credentials = protocol::testing::server_credentials(config);
  protocol::testing::SaltsSeen salts;
  cipher::KeyCache keys{8};
  std::vector<TargetRule> allow;
  std::vector<TargetRule> deny;
  relay::RejectPolicy reject = relay::RejectPolicy::silent;
  net::DialOptions dial;
  bool extension = true;
  std::vector<std::optional<config::PortRange>> bind_ports;
  bool speedtest = false;
  bool fast_open = false;
  ClockReports* clocks = nullptr;
  BindCounts binds{server_credentials.users().size()};
  std::optional<relay::TargetPolicy> policy;
  std::optional<Duration> datagrams_idle;
  AssociationCounts* associations = nullptr;
  AssociationLimits association_limits;
  ConnectionGate* gate = nullptr;

 private:
  std::optional<SessionRules> rules_;
};

}  // namespace ss::server
