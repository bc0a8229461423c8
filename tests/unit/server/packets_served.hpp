#pragma once

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

#include "packet_inbound.hpp"
#include "served.hpp"
#include "sim/udp_peer.hpp"
#include "unit/protocol/packet_support.hpp"

namespace ss::server {

inline const Endpoint kListener{IpAddress(IpAddress::V4{203, 0, 113, 9}), 8388};
/// Heard by worker 1, where there are two; the port above it by worker 0.
inline const Endpoint kClient{IpAddress(IpAddress::V4{198, 51, 100, 7}), 40'000};
inline const Endpoint kStranger{IpAddress(IpAddress::V4{198, 51, 100, 8}), 40'000};
inline const Endpoint kEcho{IpAddress(IpAddress::V4{93, 184, 216, 34}), 7};
inline const Endpoint kElsewhere{IpAddress(IpAddress::V4{8, 8, 8, 8}), 9'999};
inline const IpAddress kOwnV6 = *IpAddress::parse("2001:db8::9");
inline const Endpoint kEchoV6{*IpAddress::parse("2606:4700::1111"), 7};

inline TargetAddress to(const Endpoint& target) {
  return {target.address, target.port};
}
inline TargetAddress to(std::string_view host, std::uint16_t port = 7) {
  return *TargetAddress::make(host, port);
}

/// A client of ss-server at one endpoint, as an association of ss-local is one.
class PacketClient {
 public:
  PacketClient(sim::Network& network, cipher::KeyCache& keys, Entropy& entropy,
               const protocol::testing::PairConfig& config, const Endpoint& at = kClient)
      : peer(network, at),
        world_(network.world),
        credentials_(protocol::testing::client_credentials(config)),
        keys_(credentials_, keys, entropy, salts_),
        session_(keys_),
        overhead_(protocol::max_packet_overhead(credentials_.method(), credentials_.identity_keys().size())) {}

  ByteVector seal(const TargetAddress& target, ConstBytes payload) {
    ByteVector packet(payload.size() + overhead_);
    packet.resize(
        session_.seal(protocol::testing::address_of(target), payload, target.port(), world_.unix_now(), packet));
    return packet;
  }
  ByteVector seal(const TargetAddress& target, std::string_view text) { return seal(target, bytes_of(text)); }
  void send(const TargetAddress& target, std::string_view text) { peer.send(kListener, seal(target, text)); }
  void send(const Endpoint& target, std::string_view text) { send(to(target), text); }

  /// Opens what has come since the last call. @return `source text` of each; or why one does not open.
  std::vector<std::string> answers() {
    std::vector<std::string> all;
    for (; opened_ < peer.heard.size(); ++opened_) {
      ByteVector packet = peer.heard[opened_].bytes;
      const Result<protocol::PacketContent> content = session_.open(packet, world_.unix_now(), world_.now());
      all.push_back(content ? content->address.to_string() + " " + std::string(text_of(content->payload))
                            : std::string(describe(content.error())));
    }
    return all;
  }
  [[nodiscard]] std::uint64_t session_id() const { return protocol::ClientPacketSessionProbe::session_id(session_); }

  sim::UdpPeer peer;

 private:
  sim::World& world_;
  protocol::testing::SaltsSeen salts_;
  protocol::ClientCredentials credentials_;
  protocol::ClientPacketKeys keys_;
  protocol::ClientPacketSession session_;
  std::size_t overhead_;
  std::size_t opened_ = 0;
};

/// The UDP side of ss-server on virtual time: one worker or two, a client, and what they talk to.
class PacketsServed : public Fixture {
 protected:
  explicit PacketsServed(const protocol::testing::PairConfig& of = config_for("2022-blake3-aes-256-gcm")) : config(of) {
    const bool has_sessions = server_credentials.method().is_2022();
    limits.idle = 300s;
    limits.idle_dns = has_sessions ? limits.idle : 17s;
    limits.window = has_sessions ? Duration(62s) : Duration(0s);
    node.datagrams().add_address(kOwnV6);
  }

  /// Serves at `at`, on one worker or two.
  void start(unsigned workers = 1, const Endpoint& at = kListener) {
    policy.emplace(allow, deny, std::vector<IpAddress>{kListener.address});
    directory.emplace();
    limits.tables = workers;
    rules.emplace(PacketRules{server_credentials, salts, stamps, *policy, *directory, counts, limits, {}, ipv6_first});
    serve(env, node, at);
    if (workers == 1) return;
    second.emplace(world, network, kListener.address, false);
    second->datagrams().add_address(kOwnV6);
    serve(second->env(), *second, at);
  }
  void TearDown() override {
    if (second) second->env().sessions.stop_all();
    Fixture::TearDown();
    expect_all_gone();
    EXPECT_EQ(network.datagrams.tally.open, 0U);
  }
  void expect_all_gone() {
    expect_no_session();
    EXPECT_TRUE(!second || second->clean());
    EXPECT_EQ(counts.total, 0U);
    for (const auto& of_user : counts.of_user) EXPECT_EQ(of_user, 0U);
    EXPECT_EQ(env.counters.associations.read(), 0U);
  }
  /// Sockets beside those that listen.
  [[nodiscard]] std::size_t sockets() const { return network.datagrams.tally.open - (second ? 2 : 1); }
  [[nodiscard]] std::uint64_t refused() const { return read(&telemetry::Counters::packets_refused); }
  [[nodiscard]] std::uint64_t replayed() const { return read(&telemetry::Counters::packets_replayed); }
  [[nodiscard]] std::uint64_t dropped() const { return read(&telemetry::Counters::packets_dropped); }
  [[nodiscard]] std::uint64_t up() const { return read(&telemetry::Counters::packets_up); }
  [[nodiscard]] std::uint64_t down() const { return read(&telemetry::Counters::packets_down); }

  PacketClient make_client(const Endpoint& at) { return {network, keys, world, config, at}; }
  /// Answers every datagram with itself.
  static void echo(sim::UdpPeer& peer) {
    peer.when_heard = [&peer](const sim::UdpPeer::Heard& heard) { peer.send(heard.from, heard.bytes); };
  }

  protocol::testing::PairConfig config;
  protocol::ServerCredentials server_credentials = protocol::testing::server_credentials(config);
  protocol::testing::SaltsSeen salts;
  protocol::PacketStamps stamps;
  cipher::KeyCache keys{8};
  std::vector<TargetRule> allow;
  std::vector<TargetRule> deny;
  AssociationLimits limits;
  bool ipv6_first = false;
  AssociationCounts counts{server_credentials.users().size()};
  std::optional<relay::TargetPolicy> policy;
  std::optional<SessionDirectory> directory;
  std::optional<PacketRules> rules;
  std::optional<sim::Node> second;
  PacketClient client{network, keys, world, config};
  sim::UdpPeer target{network, kEcho};

 private:
  void serve(relay::Environment& on, sim::Node& worker, const Endpoint& at) {
    int error = 0;
    auto socket = worker.datagrams().open_listener(at, error);
    ASSERT_NE(socket, nullptr);
    PostToWorker post = [this](std::function<void()> fn) { world.after(world.some_delay(), std::move(fn)); };
    worker.spawner().spawn(serve_packets(on, *rules, std::move(post), std::move(socket)));
  }
  [[nodiscard]] std::uint64_t read(telemetry::Counter telemetry::Counters::*counter) const {
    const std::uint64_t first = (env.counters.*counter).read();
    return second ? first + (const_cast<sim::Node&>(*second).env().counters.*counter).read() : first;
  }
};

}  // namespace ss::server
