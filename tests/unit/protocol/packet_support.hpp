#pragma once

#include <map>
#include <utility>

#include "ss/cipher/aead.hpp"
#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/client_packets.hpp"
#include "ss/protocol/server_packets.hpp"
#include "unit/protocol/stream_support.hpp"

/// What the tests of packets share.
namespace ss::protocol {

struct ClientPacketSessionProbe {
  static void set_next(ClientPacketSession& session, std::uint64_t packet_id) { session.next_packet_id_ = packet_id; }
  static std::uint64_t session_id(const ClientPacketSession& session) { return session.session_id_; }
};

struct ServerPacketSessionProbe {
  static void set_next(ServerPacketSession& session, std::uint64_t packet_id) {
    session.state_->next_packet_id = packet_id;
  }
};

namespace testing {

inline constexpr cipher::Backend kBackends[] = {cipher::Backend::openssl, cipher::Backend::ipsec_mb};
inline std::string name_of(cipher::Backend backend) {
  return backend == cipher::Backend::openssl ? "openssl" : "ipsec_mb";
}

inline ByteVector address_of(const TargetAddress& target) {
  ByteVector bytes(address_length(target));
  put_address(target, bytes);
  return bytes;
}

inline ByteVector copy(ConstBytes bytes) {
  return {bytes.begin(), bytes.end()};
}

/// The sessions of a server, as an engine keeps them.
class Sessions final : public KnownSessions {
 public:
  ServerPacketSession* find(std::size_t user, std::uint64_t session_id) override {
    const auto found = sessions_.find({user, session_id});
    return found == sessions_.end() ? nullptr : &found->second;
  }
  ServerPacketSession& add(ServerPackets& packets, const ClientPacket& first) {
    return sessions_.insert_or_assign({first.user, first.session_id}, ServerPacketSession(packets, first))
        .first->second;
  }
  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

 private:
  std::map<std::pair<std::size_t, std::uint64_t>, ServerPacketSession> sessions_;
};

/// A client and a server that exchange packets. They share a key cache and nothing else.
struct PacketPair {
  explicit PacketPair(const PairConfig& config)
      : client_credentials(testing::client_credentials(config)),
        server_credentials(testing::server_credentials(config)),
        client_keys(client_credentials, keys, entropy, client_salts),
        client(client_keys),
        server(server_credentials, keys, entropy, server_salts, server_stamps),
        overhead(max_packet_overhead(client_credentials.method(), client_credentials.identity_keys().size())) {}

  ByteVector seal(const TargetAddress& to, ConstBytes payload, UnixSeconds now = kNow) {
    ByteVector packet(payload.size() + overhead);
    packet.resize(client.seal(address_of(to), payload, to.port(), now, packet));
    return packet;
  }
  /// Opens as an engine does: what begins a session is made one.
  Result<ClientPacket> open(Bytes packet, UnixSeconds now = kNow, std::size_t likely_user = 0) {
    Result<ClientPacket> opened = server.open(packet, now, MonoTime{}, sessions, likely_user);
    if (opened && opened->session == nullptr) opened->session = &sessions.add(server, *opened);
    return opened;
  }
  /// Opens a copy and looks at nothing but the error.
  std::optional<Errc> refusal(ConstBytes packet, UnixSeconds now = kNow) {
    ByteVector bytes = copy(packet);
    const Result<ClientPacket> opened = open(bytes, now);
    return opened ? std::nullopt : std::optional(opened.error());
  }

  ByteVector answer(ServerPacketSession& session, const Endpoint& source, ConstBytes payload, UnixSeconds now = kNow) {
    ByteVector packet(payload.size() + overhead);
    packet.resize(session.seal(server, source, payload, now, true, packet));
    return packet;
  }
  Result<PacketContent> open_answer(Bytes packet, UnixSeconds now = kNow, MonoTime mono = {}) {
    return client.open(packet, now, mono);
  }
  std::optional<Errc> answer_refusal(ConstBytes packet, UnixSeconds now = kNow, MonoTime mono = {}) {
    ByteVector bytes = copy(packet);
    const Result<PacketContent> opened = client.open(bytes, now, mono);
    return opened ? std::nullopt : std::optional(opened.error());
  }

  cipher::KeyCache keys{16};
  ScriptedEntropy entropy;
  SaltsSeen client_salts;
  SaltsSeen server_salts;
  PacketStamps server_stamps;
  ClientCredentials client_credentials;
  ServerCredentials server_credentials;
  ClientPacketKeys client_keys;
  ClientPacketSession client;
  ServerPackets server;
  Sessions sessions;
  std::size_t overhead;
};

/// The body of a packet, to be spoilt before it is sealed.
inline ByteVector body_of(const PacketPlan& plan) {
  ByteVector body(plan.body_length());
  ScriptedEntropy entropy;
  put_body(plan, entropy, body);
  return body;
}

/// A 2022 packet with any body, sealed as its sender would.
inline ByteVector forge(const PairConfig& config, HeaderType type, const SeparateHeader& separate, ConstBytes body) {
  const ClientCredentials credentials = client_credentials(config);
  cipher::KeyCache keys(2);
  const SeparateHeader::Block block = separate.block();
  ByteVector packet;
  ByteVector text = copy(body);
  ConstBytes nonce = ConstBytes(block).subspan(4);
  std::optional<cipher::AeadKey> key;
  if (credentials.method().identity_headers) {
    const bool chained = type == HeaderType::request && !credentials.identity_keys().empty();
    packet.resize(chained ? 32 : 16);
    cipher::AesBlock outer(chained ? credentials.identity_keys()[0] : credentials.key());
    outer.encrypt(block, Bytes(packet).first(16));
    if (chained) {
      auto header = cipher::psk_hash(credentials.key());
      for (std::size_t i = 0; i < header.size(); ++i) header[i] ^= block[i];
      outer.encrypt(header, Bytes(packet).last(16));
    }
    key.emplace(keys, credentials.method().algorithm, packet_subkey(credentials.key(), separate.session_id));
  } else {
    packet = pattern(kPacketNonce, static_cast<std::uint8_t>(separate.packet_id));
    nonce = packet;
    text = joined(block, body);
    key.emplace(keys, cipher::Algorithm::xchacha20_poly1305, credentials.key());
  }
  ByteVector tag(cipher::kTagLength);
  key->seal(nonce, text, tag);
  return joined(packet, joined(text, tag));
}

}  // namespace testing
}  // namespace ss::protocol
