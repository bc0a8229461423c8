#include "ss/protocol/client_packets.hpp"

#include <limits>
#include <utility>

#include "ss/cipher/kdf.hpp"
#include "ss/protocol/packet2017.hpp"

namespace ss::protocol {
namespace {

using cipher::Family;
using cipher::kTagLength;

/// No packet gets this ID, so that the counter never wraps.
constexpr std::uint64_t kSpent = std::numeric_limits<std::uint64_t>::max();

constexpr std::size_t kLeastBody = MainHeader::length(HeaderType::response);

}  // namespace

ClientPacketKeys::ClientPacketKeys(const ClientCredentials& credentials, cipher::KeyCache& keys, Entropy& entropy,
                                   SaltFilter& salts)
    : credentials_(credentials), keys_(keys), entropy_(entropy), salts_(salts) {
  if (!method().is_2022()) {
    own_salts_.emplace(credentials_.key(), OwnSalts::Side::client);
    return;
  }
  if (!method().identity_headers) {
    psk_.emplace(keys_, cipher::Algorithm::xchacha20_poly1305, credentials_.key());
    return;
  }
  for (const KeyBytes& key : credentials_.identity_keys()) {
    if (!blocks_.empty()) next_hashes_.push_back(cipher::psk_hash(key));
    blocks_.emplace_back(key);
  }
  if (!blocks_.empty()) next_hashes_.push_back(cipher::psk_hash(credentials_.key()));
  blocks_.emplace_back(credentials_.key());
}

ClientPacketSession::ClientPacketSession(ClientPacketKeys& keys) : keys_(&keys) {
  if (keys_->method().is_2022()) start_session();
}

/// The server's sessions go with ours: they answered the old session ID, and whatever comes of them is foreign now.
void ClientPacketSession::start_session() {
  std::array<std::uint8_t, 8> id;
  do {
    keys_->entropy_.fill(id);
    session_id_ = get_u64be(id.data());
  } while (session_id_ == 0);
  next_packet_id_ = 0;
  current_.reset();
  previous_.reset();
  if (keys_->psk_) return;
  sealing_.emplace(keys_->keys_, keys_->method().algorithm, packet_subkey(keys_->credentials_.key(), session_id_));
}

std::size_t ClientPacketSession::seal(ConstBytes address, ConstBytes payload, std::uint16_t target_port,
                                      UnixSeconds now, Bytes out) {
  switch (keys_->method().family) {
    case Family::plain:
      return ByteWriter(out).bytes(address).bytes(payload).size();
    case Family::aead2017:
      keys_->own_salts_->draw(keys_->entropy_, out.first(keys_->method().salt_length()));
      return seal_packet_2017(keys_->method(), keys_->credentials_.key(), keys_->keys_, address, payload, out);
    case Family::aead2022:
      break;
  }
  if (next_packet_id_ == kSpent) start_session();
  return seal_2022({{session_id_, next_packet_id_++},
                    {HeaderType::request, now, 0},
                    draw_padding(keys_->entropy_, target_port, payload.size()),
                    address,
                    payload},
                   out);
}

std::size_t ClientPacketSession::seal_2022(const PacketPlan& plan, Bytes out) {
  if (keys_->psk_) return seal_chacha_packet(plan, *keys_->psk_, keys_->entropy_, out);

  const SeparateHeader::Block separate = plan.separate.block();
  keys_->blocks_.front().encrypt(separate, out.first(SeparateHeader::kLength));
  std::size_t at = SeparateHeader::kLength;
  for (std::size_t i = 0; i < keys_->next_hashes_.size(); ++i, at += kIdentityHeader) {
    // SIP023 "UDP": the hash is masked with the separate header, so that packets of one user do not look alike.
    std::array<std::uint8_t, kIdentityHeader> header = keys_->next_hashes_[i];
    for (std::size_t byte = 0; byte < header.size(); ++byte) header[byte] ^= separate[byte];
    keys_->blocks_[i].encrypt(header, out.subspan(at, kIdentityHeader));
  }
  return at + seal_body(plan, *sealing_, keys_->entropy_, out.subspan(at));
}

Result<PacketContent> ClientPacketSession::open(Bytes packet, UnixSeconds now, MonoTime mono_now) {
  switch (keys_->method().family) {
    case Family::plain:
      return parse_addressed(packet);
    case Family::aead2017:
      return open_2017(packet, mono_now);
    case Family::aead2022:
      break;
  }
  return keys_->psk_ ? open_chacha(packet, now, mono_now) : open_aes(packet, now, mono_now);
}

Result<PacketContent> ClientPacketSession::open_2017(Bytes packet, MonoTime mono_now) {
  const cipher::Method& method = keys_->method();
  const Bytes text = sealed_text_2017(method, packet);
  if (text.empty()) return Errc::truncated;
  const ConstBytes salt = packet.first(method.salt_length());
  keys_->salts_.expect(salt);
  if (!open_packet_2017(method, keys_->credentials_.key(), keys_->keys_, packet)) return Errc::auth_failed;
  Result<PacketContent> content = parse_addressed(text);
  if (!content) return content;
  if (keys_->own_salts_->contains(salt) || keys_->salts_.insert(salt, 0, mono_now) != SaltVerdict::fresh) {
    return Errc::repeated_salt;
  }
  return content;
}

Result<PacketContent> ClientPacketSession::open_aes(Bytes packet, UnixSeconds now, MonoTime mono_now) {
  if (packet.size() < SeparateHeader::kLength + kLeastBody + kTagLength) return Errc::truncated;
  SeparateHeader::Block block;
  keys_->blocks_.back().decrypt(packet.first(SeparateHeader::kLength), block);
  const SeparateHeader separate = SeparateHeader::parse(block);
  ServerSession* const known = find(separate.session_id);
  if (known != nullptr && !known->window.is_fresh(separate.packet_id)) return Errc::repeated_packet;

  std::optional<cipher::AeadKey> derived;
  if (known == nullptr) {
    derived.emplace(keys_->keys_, keys_->method().algorithm,
                    packet_subkey(keys_->credentials_.key(), separate.session_id));
  }
  const Result<Bytes> body =
      open_body(separate, known != nullptr ? *known->key : *derived, packet.subspan(SeparateHeader::kLength));
  if (!body) return body.error();
  Result<PacketContent> content = parse_body(*body, HeaderType::response, now, session_id_);
  if (!content) return content.error();
  if (const Result<void> done = commit(separate, known, std::move(derived), mono_now); !done) return done.error();
  return content;
}

Result<PacketContent> ClientPacketSession::open_chacha(Bytes packet, UnixSeconds now, MonoTime mono_now) {
  if (packet.size() < kPacketNonce + SeparateHeader::kLength + kLeastBody + kTagLength) return Errc::truncated;
  const Result<ChachaPacket> opened = open_chacha_packet(*keys_->psk_, packet);
  if (!opened) return opened.error();
  ServerSession* const known = find(opened->separate.session_id);
  if (known != nullptr && !known->window.is_fresh(opened->separate.packet_id)) return Errc::repeated_packet;
  Result<PacketContent> content = parse_body(opened->body, HeaderType::response, now, session_id_);
  if (!content) return content.error();
  if (const Result<void> done = commit(opened->separate, known, {}, mono_now); !done) return done.error();
  return content;
}

ClientPacketSession::ServerSession* ClientPacketSession::find(std::uint64_t id) {
  if (current_ && current_->id == id) return &*current_;
  return previous_ && previous_->id == id ? previous_.get() : nullptr;
}

/// Notes a packet that has passed everything else, and the session that it began.
Result<void> ClientPacketSession::commit(const SeparateHeader& separate, ServerSession* known,
                                         std::optional<cipher::AeadKey> key, MonoTime mono_now) {
  if (known == nullptr) {
    if (previous_ && mono_now - changed_ < kServerSessionLifetime) return Errc::foreign_session;
    if (current_) {
      previous_ = std::make_unique<ServerSession>(*std::move(current_));
      changed_ = mono_now;
    }
    known = &current_.emplace(separate.session_id, std::move(key));
  }
  if (!known->window.commit(separate.packet_id)) return Errc::repeated_packet;
  return {};
}

}  // namespace ss::protocol
