#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "local_worker.hpp"
#include "sim/udp_peer.hpp"
#include "ss/protocol/socks5_udp.hpp"
#include "udp/association.hpp"
#include "unit/protocol/packet_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::local {

using namespace std::chrono_literals;

inline const Endpoint kSsServer{IpAddress(IpAddress::V4{198, 51, 100, 1}), 8388};
inline const IpAddress kLocal(IpAddress::V4{203, 0, 113, 9});
inline const Endpoint kApplication{relay::test::kFar.address, 5'000};
inline const Endpoint kSource{IpAddress(IpAddress::V4{93, 184, 216, 34}), 53};

inline protocol::testing::PairConfig packet_config(const std::string& method) {
  for (const protocol::testing::PairConfig& config : protocol::testing::pair_configs()) {
    if (config.method == method && config.users.empty()) return config;
  }
  return {};
}

/// One datagram as a SOCKS5 client sends it.
inline ByteVector socks_datagram(const TargetAddress& target, std::string_view text, std::uint8_t fragment = 0) {
  const ByteVector head{0, 0, fragment};
  return protocol::testing::joined(protocol::testing::joined(head, protocol::testing::address_of(target)),
                                   bytes_of(text));
}

/// ss-server, as far as an association of ss-local sees it.
class PacketServer {
 public:
  PacketServer(sim::Network& network, cipher::KeyCache& keys, const protocol::testing::PairConfig& config)
      : peer(network, kSsServer),
        world_(network.world),
        credentials_(protocol::testing::server_credentials(config)),
        packets_(credentials_, keys, network.world, salts_, stamps_),
        overhead_(protocol::max_packet_overhead(credentials_.method(), 0)) {
    peer.when_heard = [this](const sim::UdpPeer::Heard& datagram) { open(datagram); };
  }

  /// Seals an answer to the client whose packet came last.
  ByteVector seal(const Endpoint& source, std::string_view text) {
    if (session_ == nullptr) session_ = &sessions_.add(packets_, protocol::ClientPacket{});
    ByteVector packet(text.size() + overhead_);
    packet.resize(session_->seal(packets_, source, bytes_of(text), world_.unix_now(), true, packet));
    return packet;
  }
  void answer(const Endpoint& source, std::string_view text) { peer.send(client, seal(source, text)); }

  sim::UdpPeer peer;
  std::vector<std::string> heard;  ///< `target text` of each packet; or why one does not open
  Endpoint client;                 ///< where the last one came from
  bool echoes = false;

 private:
  void open(const sim::UdpPeer::Heard& datagram) {
    ByteVector packet = datagram.bytes;
    const Result<protocol::ClientPacket> opened = packets_.open(packet, world_.unix_now(), world_.now(), sessions_);
    if (!opened) return heard.push_back(std::string(describe(opened.error())));
    session_ = opened->session != nullptr ? opened->session : &sessions_.add(packets_, *opened);
    client = datagram.from;
    const std::string text(text_of(opened->content.payload));
    heard.push_back(opened->content.address.to_string() + " " + text);
    if (echoes) answer(kSource, text);
  }

  sim::World& world_;
  protocol::testing::SaltsSeen salts_;
  protocol::PacketStamps stamps_;
  protocol::ServerCredentials credentials_;
  protocol::ServerPackets packets_;
  protocol::testing::Sessions sessions_;
  protocol::ServerPacketSession* session_ = nullptr;
  std::size_t overhead_;
};

/// A UDP ASSOCIATE of ss-local on virtual time, with its application and ss-server.
class Associated : public relay::test::Fixture {
 protected:
  explicit Associated(const protocol::testing::PairConfig& of = packet_config("2022-blake3-aes-256-gcm"))
      : config(of) {}

  /// Asks for an association that names `named`, in the form of a request's address.
  void ask(const TargetAddress& named = {}) {
    node.spawner().spawn(
        serve(env, worker.emplace(LocalWorker{negotiation, {{rules, packet_keys, choice}}}), control.take_near()));
    control.say(protocol::testing::joined(protocol::testing::of_hex(std::string("050100050300")),
                                          protocol::testing::address_of(named)));
    pass(20ms);
  }
  /// The same, and it is granted.
  void start(const TargetAddress& named = {}) {
    ask(named);
    const ByteVector& told = control.hear();
    ASSERT_GE(told.size(), 12U);
    ASSERT_EQ(told[3], 0) << "succeeded";
    const std::size_t end = told.size();
    bound = {kLocal, static_cast<std::uint16_t>(told[end - 2] << 8 | told[end - 1])};
  }
  void send(std::string_view text, std::uint8_t fragment = 0) { send({kSource.address, kSource.port}, text, fragment); }
  void send(const TargetAddress& target, std::string_view text, std::uint8_t fragment = 0) {
    application.send(bound, socks_datagram(target, text, fragment));
  }
  /// What the application got since the last call: `source text` of each.
  std::vector<std::string> answers() {
    std::vector<std::string> all;
    for (; read_ < application.heard.size(); ++read_) {
      const ByteVector& bytes = application.heard[read_].bytes;
      EXPECT_EQ(application.heard[read_].from, bound);
      EXPECT_EQ(ByteVector(bytes.begin(), bytes.begin() + 3), ByteVector(3)) << "RSV and FRAG";
      const Result<protocol::socks5::UdpDatagram> parsed = protocol::socks5::parse_udp(bytes);
      all.push_back(parsed ? parsed->target.to_string() + " " + std::string(text_of(parsed->payload)) : "not SOCKS5");
    }
    return all;
  }
  void TearDown() override {
    control.go();
    pass(1s);
    Fixture::TearDown();
    expect_all_gone();
    EXPECT_EQ(network.alive, 0U);
  }
  void expect_all_gone() {
    expect_no_session();
    EXPECT_EQ(network.datagrams.tally.open, 0U);
    EXPECT_EQ(env.counters.associations.read(), 0U);
  }

  protocol::testing::PairConfig config;
  /// Has the associations from now on go to another address than kSsServer.
  void go_to(const TargetAddress& address) {
    Server& other = elsewhere_.emplace("server", address, protocol::testing::client_credentials(config));
    std::destroy_at(&rules);
    std::construct_at(&rules, rules_for(other));
  }

  Server ss_server{"server", {kSsServer.address, kSsServer.port}, protocol::testing::client_credentials(config)};
  cipher::KeyCache keys{8};
  protocol::testing::SaltsSeen packet_salts;
  protocol::ClientPacketKeys packet_keys{ss_server.credentials(), keys, env.entropy, packet_salts};
  SessionRules rules = rules_for(ss_server);
  NegotiationRules negotiation;
  std::optional<LocalWorker> worker;
  relay::test::Peer control{network, {kLocal, 1080}};
  sim::UdpPeer application{network, kApplication};
  PacketServer server{network, keys, config};
  CarrierChoice* choice = nullptr;
  Endpoint bound;  ///< what the reply said

 private:
  static SessionRules rules_for(Server& server) { return {server, {}, false, 10s, 20ms, {}}; }

  std::optional<Server> elsewhere_;
  std::size_t read_ = 0;
};

}  // namespace ss::local
