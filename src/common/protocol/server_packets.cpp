#include "ss/protocol/server_packets.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ss/protocol/identity.hpp"
#include "ss/protocol/packet2017.hpp"

namespace ss::protocol {
namespace {

using cipher::Family;
using cipher::kTagLength;

constexpr std::size_t kLeastBody = MainHeader::length(HeaderType::request);

Result<PacketContent> refuse_port_0(Result<PacketContent> content) {
  if (content && content->address.port() == 0) return Errc::bad_port;
  return content;
}

}  // namespace

ServerPackets::ServerPackets(const ServerCredentials& credentials, cipher::KeyCache& keys, Entropy& entropy,
                             SaltFilter& salts, PacketStamps& stamps)
    : credentials_(credentials),
      keys_(keys),
      entropy_(entropy),
      salts_(salts),
      stamps_(stamps),
      user_blocks_(credentials) {
  if (method().is_2022()) {
    if (method().identity_headers) {
      server_block_.emplace(credentials_.server_key());
    } else {
      psk_.emplace(keys_, cipher::Algorithm::xchacha20_poly1305, credentials_.server_key());
    }
    return;
  }
  if (credentials_.has_users()) trial_.resize(kMaxDatagram);
  own_salts_.reserve(credentials_.users().size());
  for (const ServerCredentials::User& user : credentials_.users())
    own_salts_.emplace_back(user.key, OwnSalts::Side::server);
}

Result<ClientPacket> ServerPackets::open(Bytes packet, UnixSeconds now, MonoTime mono_now, KnownSessions& known,
                                         std::size_t likely_user) {
  switch (method().family) {
    case Family::plain: {
      Result<PacketContent> content = refuse_port_0(parse_addressed(packet));
      if (!content) return content.error();
      return ClientPacket{0, 0, 0, *std::move(content), nullptr};
    }
    case Family::aead2017:
      return open_2017(packet, mono_now, likely_user);
    case Family::aead2022:
      break;
  }
  const Moment moment{now, mono_now};
  return psk_ ? open_chacha(packet, moment, known) : open_aes(packet, moment, known);
}

Result<ClientPacket> ServerPackets::open_2017(Bytes packet, MonoTime mono_now, std::size_t likely_user) {
  const Bytes text = sealed_text_2017(method(), packet);
  if (text.empty()) return Errc::truncated;
  const ConstBytes salt = packet.first(method().salt_length());
  salts_.expect(salt);
  std::size_t user = 0;
  if (credentials_.has_users()) {
    const Result<std::size_t> found = open_trial(packet, text, likely_user);
    if (!found) return found.error();
    user = *found;
  } else if (!open_packet_2017(method(), credentials_.server_key(), keys_, packet)) {
    return Errc::auth_failed;
  }
  Result<PacketContent> content = refuse_port_0(parse_addressed(text));
  if (!content) return content.error();
  if (own_salts_[user].contains(salt) || salts_.insert(salt, 0, mono_now) != SaltVerdict::fresh) {
    return Errc::repeated_salt;
  }
  return ClientPacket{user, 0, 0, *std::move(content), nullptr};
}

/// SIP004 names no user: whose key opens the packet is the one. An attempt destroys what it opens to.
Result<std::size_t> ServerPackets::open_trial(Bytes packet, Bytes text, std::size_t likely_user) {
  if (text.size() > trial_.size()) return Errc::too_long;
  const Bytes out = Bytes(trial_).first(text.size());
  const std::size_t users = credentials_.users().size();
  for (std::size_t i = 0; i <= users; ++i) {
    const std::size_t user = i == 0 ? likely_user : i - 1;
    if (user >= users || (i > 0 && user == likely_user)) continue;
    if (!try_packet_2017(method(), key_of(user), keys_, packet, out)) continue;
    std::copy(out.begin(), out.end(), text.begin());
    return user;
  }
  return Errc::unknown_user;
}

Result<ClientPacket> ServerPackets::open_aes(Bytes packet, const Moment& now, KnownSessions& known) {
  const std::size_t head = SeparateHeader::kLength + (credentials_.has_users() ? kIdentityHeader : 0);
  if (packet.size() < head + kLeastBody + kTagLength) return Errc::truncated;
  SeparateHeader::Block block;
  server_block_->decrypt(packet.first(SeparateHeader::kLength), block);
  const SeparateHeader separate = SeparateHeader::parse(block);
  const Result<std::size_t> user = find_user(block, packet.subspan(SeparateHeader::kLength, kIdentityHeader));
  if (!user) return user.error();
  ServerPacketSession* const session = known.find(*user, separate.session_id);
  if (session != nullptr && !session->state_->window.is_fresh(separate.packet_id)) return Errc::repeated_packet;

  std::optional<cipher::AeadKey> derived;
  if (session == nullptr) {
    derived.emplace(keys_, method().algorithm, packet_subkey(key_of(*user), separate.session_id));
  }
  const Result<Bytes> body =
      open_body(separate, session != nullptr ? *session->state_->opening : *derived, packet.subspan(head));
  if (!body) return body.error();
  return admit(*user, separate, *body, now, session);
}

/// The user that an identity header names; the only one where there are no users, and no identity header.
Result<std::size_t> ServerPackets::find_user(const SeparateHeader::Block& separate, ConstBytes identity_header) {
  if (!credentials_.has_users()) return 0;
  std::array<std::uint8_t, kIdentityHeader> hash;
  server_block_->decrypt(identity_header, hash);
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] ^= separate[i];
  const std::size_t user = credentials_.find_user(hash);
  if (user == credentials_.users().size()) return Errc::unknown_user;
  return user;
}

/// The session's name lies inside, so that nothing can be asked before the packet has opened.
Result<ClientPacket> ServerPackets::open_chacha(Bytes packet, const Moment& now, KnownSessions& known) {
  if (packet.size() < kPacketNonce + SeparateHeader::kLength + kLeastBody + kTagLength) return Errc::truncated;
  const Result<ChachaPacket> opened = open_chacha_packet(*psk_, packet);
  if (!opened) return opened.error();
  ServerPacketSession* const session = known.find(0, opened->separate.session_id);
  const std::uint64_t packet_id = opened->separate.packet_id;
  if (session != nullptr && !session->state_->window.is_fresh(packet_id)) return Errc::repeated_packet;
  return admit(0, opened->separate, opened->body, now, session);
}

/// What is left once a 2022 packet has opened: judges it, and commits its ID last.
Result<ClientPacket> ServerPackets::admit(std::size_t user, const SeparateHeader& separate, Bytes body,
                                          const Moment& now, ServerPacketSession* session) {
  Result<PacketContent> content = refuse_port_0(parse_body(body, HeaderType::request, now.unix));
  if (!content) return content.error();
  const UnixSeconds stamp = content->stamp;
  if (session == nullptr && !stamps_.may_open(stamp, now.mono)) return Errc::forgotten_stamp;
  if (session != nullptr && !session->commit(separate.packet_id, stamp)) return Errc::repeated_packet;
  stamps_.note(stamp);
  return ClientPacket{user, separate.session_id, separate.packet_id, *std::move(content), session};
}

}  // namespace ss::protocol
