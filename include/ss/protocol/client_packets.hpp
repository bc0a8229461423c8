#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ss/base/clock.hpp"
#include "ss/base/entropy.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/cipher/aes_block.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/protocol/header2022.hpp"
#include "ss/protocol/identity.hpp"
#include "ss/protocol/packet.hpp"
#include "ss/protocol/packet2022.hpp"
#include "ss/protocol/replay/own_salts.hpp"
#include "ss/protocol/replay/salt_filter.hpp"
#include "ss/protocol/replay/sliding_window.hpp"

namespace ss::protocol {

/// What the associations of one worker of ss-local seal and open with: block keys of the identity chain and of the PSK.
///
/// Owner: the worker's service; outlives its sessions. Threads: the worker's. Lifetime: everything given outlives this.
class ClientPacketKeys {
 public:
  /// @param salts  SIP004: of answers. Not looked at with other families.
  ClientPacketKeys(const ClientCredentials& credentials, cipher::KeyCache& keys, Entropy& entropy, SaltFilter& salts);

 private:
  friend class ClientPacketSession;

  [[nodiscard]] const cipher::Method& method() const { return credentials_.method(); }

  const ClientCredentials& credentials_;
  cipher::KeyCache& keys_;
  Entropy& entropy_;
  SaltFilter& salts_;
  std::optional<OwnSalts> own_salts_;  // SIP004
  // 2022 AES: the identity keys, then the PSK. The first encrypts separate headers, the last decrypts the server's.
  std::vector<cipher::AesBlock> blocks_;
  std::vector<std::array<std::uint8_t, kIdentityHeader>> next_hashes_;  // what each identity key's header names
  std::optional<cipher::AeadKey> psk_;                                  // 2022 ChaCha
};

/// The packets of one association of ss-local: with 2022 methods one session ID, its counter, and a window for the
/// server's current session and the one before (SIP022 3.2.1).
///
/// Owner: the association. Threads: its keys'. Cost: about 500 bytes, and once more 360 where the server has changed
/// its session; no allocation per packet.
class ClientPacketSession {
 public:
  /// How long a new session of the server stays the only new one: the window of a session is forgotten only when
  /// nothing that it has seen is timely any more.
  static constexpr Duration kServerSessionLifetime = kTimelyFor;

  explicit ClientPacketSession(ClientPacketKeys& keys);

  /// Seals one datagram into `out`, front to back.
  /// @param address  [ATYP … PORT] of the target, as `put_address` writes it.
  /// @pre  out.size() >= address.size() + payload.size() + what max_packet_overhead says beside an address; `out`
  ///       overlaps neither.
  /// @return  the packet's length. A session whose counter is spent goes on under a new session ID.
  std::size_t seal(ConstBytes address, ConstBytes payload, std::uint16_t target_port, UnixSeconds now, Bytes out);

  /// Opens a packet of the server in place. Checks everything before anything is committed.
  /// @return  its content, which points into `packet`. Errors: Errc::truncated, auth_failed, bad_header_type,
  ///          bad_timestamp, foreign_session (not ours, or another new server session within kServerSessionLifetime),
  ///          bad_padding, bad_address_type, bad_domain, repeated_packet, repeated_salt. A source may
  ///          be a name: some servers answer with the one that they were asked for.
  /// After an error `packet` holds anything; the session is as it was.
  Result<PacketContent> open(Bytes packet, UnixSeconds now, MonoTime mono_now);

 private:
  friend struct ClientPacketSessionProbe;  // tests set the counter

  /// One session of the server.
  struct ServerSession {
    ServerSession(std::uint64_t its_id, std::optional<cipher::AeadKey> its_key) : id(its_id), key(std::move(its_key)) {}

    std::uint64_t id;
    std::optional<cipher::AeadKey> key;  // AES
    SlidingWindow window;
  };

  void start_session();
  std::size_t seal_2022(const PacketPlan& plan, Bytes out);
  Result<PacketContent> open_2017(Bytes packet, MonoTime mono_now);
  Result<PacketContent> open_aes(Bytes packet, UnixSeconds now, MonoTime mono_now);
  Result<PacketContent> open_chacha(Bytes packet, UnixSeconds now, MonoTime mono_now);
  ServerSession* find(std::uint64_t id);
  Result<void> commit(const SeparateHeader& separate, ServerSession* known, std::optional<cipher::AeadKey> key,
                      MonoTime mono_now);

  ClientPacketKeys* keys_;
  std::uint64_t session_id_ = 0;
  std::uint64_t next_packet_id_ = 0;
  std::optional<cipher::AeadKey> sealing_;  // AES
  std::optional<ServerSession> current_;
  std::unique_ptr<ServerSession> previous_;
  MonoTime changed_;  // when `previous_` was the current one last
};
static_assert(sizeof(ClientPacketSession) <= 512, "every association of ss-local pays for one");

}  // namespace ss::protocol
