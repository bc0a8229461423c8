#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ss/base/clock.hpp"
#include "ss/base/entropy.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/cipher/aes_block.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/protocol/packet.hpp"
#include "ss/protocol/packet2022.hpp"
#include "ss/protocol/replay/own_salts.hpp"
#include "ss/protocol/replay/packet_stamps.hpp"
#include "ss/protocol/replay/salt_filter.hpp"
#include "ss/protocol/replay/sliding_window.hpp"
#include "ss/protocol/user_blocks.hpp"

namespace ss::protocol {

class ServerPackets;
struct ClientPacket;

/// The state of one client's packets on ss-server.
///
/// 2022: found by user and client session ID; holds both subkeys, the window, the server session ID and its counter.
/// SIP004: found by the client's address; holds its user alone.
///
/// Owner: the association. Threads: those of its ServerPackets. Cost: two words, and with 2022 methods one allocation
/// of about 430 bytes; none per packet.
class ServerPacketSession {
 public:
  /// The session that `first` opened; its packet ID is committed.
  ServerPacketSession(ServerPackets& packets, const ClientPacket& first);

  [[nodiscard]] std::size_t user() const { return user_; }
  /// 0 with SIP004.
  [[nodiscard]] std::uint64_t client_session_id() const { return state_ ? state_->client_session_id : 0; }
  /// Notes a packet; one that was opened where this session was not known, too.
  /// @pre  a 2022 session
  /// @return false: its ID has been seen, or is too old.
  [[nodiscard]] bool commit(std::uint64_t packet_id, UnixSeconds stamp);
  /// The newest stamp of its packets; 0 with SIP004.
  [[nodiscard]] UnixSeconds newest_stamp() const { return state_ ? state_->newest_stamp : 0; }

  /// Whether no later packet than that one has come. SIP004 packets have no order: always.
  [[nodiscard]] bool is_newest(std::uint64_t packet_id) const {
    return !state_ || state_->window.newest() == packet_id;
  }

  /// Seals one answer into `out`, front to back.
  /// @param padded  2022: whether answers from port 53, and empty ones, get padding. Only where the client has asked: a
  ///                stranger's empty datagram would cost the client a packet of hundreds of bytes.
  /// @pre  out.size() >= payload.size() + max_packet_overhead; `out` and `payload` do not overlap.
  /// @return  the packet's length; 0 where the counter is spent (after 2^64 − 1 packets).
  std::size_t seal(ServerPackets& packets, const Endpoint& source, ConstBytes payload, UnixSeconds now, bool padded,
                   Bytes out);

 private:
  friend class ServerPackets;
  friend struct ServerPacketSessionProbe;  // tests set the counter

  /// What a 2022 session has, and one of SIP004 does not pay for.
  struct State {
    std::uint64_t client_session_id = 0;
    std::uint64_t server_session_id = 0;
    std::uint64_t next_packet_id = 0;
    std::optional<cipher::AeadKey> opening;  // AES: of the client's session
    std::optional<cipher::AeadKey> sealing;  // AES: of the server's
    UnixSeconds newest_stamp = 0;
    SlidingWindow window;
  };
  static_assert(sizeof(State) <= 440, "every 2022 association of ss-server pays for one");

  std::size_t user_;
  std::unique_ptr<State> state_;  // 2022
};

/// A packet of a client that has authenticated and is no replay.
struct ClientPacket {
  std::size_t user = 0;
  std::uint64_t session_id = 0;  ///< 2022
  std::uint64_t packet_id = 0;   ///< 2022
  PacketContent content;
  ServerPacketSession* session = nullptr;  ///< where `known` found it; else it would open a new one
};

/// Looks sessions up while a packet is being opened.
class KnownSessions {
 public:
  virtual ~KnownSessions() = default;
  /// 2022: the session of that user with that client session ID, or null.
  virtual ServerPacketSession* find(std::size_t user, std::uint64_t session_id) = 0;
};

/// What one worker of ss-server opens and seals packets with.
///
/// Owner: the worker's service; outlives its sessions. Threads: the worker's. Lifetime: everything given outlives this.
class ServerPackets {
 public:
  /// @param salts  SIP004: of packets that authenticated; shared by all workers. Not looked at with other families.
  /// @param stamps  2022: of packets that were taken; shared by all workers. Not looked at with other families.
  ServerPackets(const ServerCredentials& credentials, cipher::KeyCache& keys, Entropy& entropy, SaltFilter& salts,
                PacketStamps& stamps);

  /// Opens a client's packet in place. The window of a known session is looked at before and committed to after
  /// everything else has passed; a packet that fails changes nothing.
  /// @param likely_user  SIP004 with users: who is tried first.
  /// @return  the packet, whose content points into `packet`. With 2022 methods and where `session` is null, it becomes
  ///          a ServerPacketSession before the next packet is opened, or it can be replayed.
  ///          Errors: Errc::truncated, auth_failed, unknown_user, bad_header_type, bad_timestamp, bad_padding,
  ///          bad_address_type, bad_domain, bad_port (0), forgotten_stamp (of a session that is not
  ///          known), repeated_packet, repeated_salt.
  /// After an error `packet` holds anything.
  Result<ClientPacket> open(Bytes packet, UnixSeconds now, MonoTime mono_now, KnownSessions& known,
                            std::size_t likely_user = 0);

 private:
  friend class ServerPacketSession;
  struct Moment {
    UnixSeconds unix;
    MonoTime mono;
  };

  [[nodiscard]] const cipher::Method& method() const { return credentials_.method(); }
  [[nodiscard]] const KeyBytes& key_of(std::size_t user) const { return credentials_.users()[user].key; }
  Result<ClientPacket> open_2017(Bytes packet, MonoTime mono_now, std::size_t likely_user);
  Result<std::size_t> open_trial(Bytes packet, Bytes text, std::size_t likely_user);
  Result<ClientPacket> open_aes(Bytes packet, const Moment& now, KnownSessions& known);
  Result<std::size_t> find_user(const SeparateHeader::Block& separate, ConstBytes identity_header);
  Result<ClientPacket> open_chacha(Bytes packet, const Moment& now, KnownSessions& known);
  Result<ClientPacket> admit(std::size_t user, const SeparateHeader& separate, Bytes body, const Moment& now,
                             ServerPacketSession* session);

  const ServerCredentials& credentials_;
  cipher::KeyCache& keys_;
  Entropy& entropy_;
  SaltFilter& salts_;
  PacketStamps& stamps_;
  std::optional<cipher::AesBlock> server_block_;  // 2022 AES: of the server key
  UserBlocks user_blocks_;                        // 2022 AES
  std::optional<cipher::AeadKey> psk_;            // 2022 ChaCha
  std::vector<OwnSalts> own_salts_;               // SIP004: of the answers to each user
  ByteVector trial_;                              // SIP004 with users: where attempts open to
};

}  // namespace ss::protocol
