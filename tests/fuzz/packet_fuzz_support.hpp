#pragma once

#include <algorithm>
#include <optional>
#include <set>

#include "fuzz_support.hpp"
#include "ss/base/entropy.hpp"
#include "ss/cipher/aes_block.hpp"
#include "ss/cipher/kdf.hpp"
#include "ss/protocol/identity.hpp"
#include "ss/protocol/packet2022.hpp"
#include "ss/protocol/replay/salt_filter.hpp"

/// What the fuzz targets of packets share.
namespace ss::fuzz {

/// Draws 01 02 03 … each time: the client session ID of the vectors.
class CountingEntropy final : public Entropy {
 public:
  void fill(Bytes out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i + 1);
  }
};

/// A salt filter that is plainly right.
class SaltsSeen final : public protocol::SaltFilter {
 public:
  protocol::SaltVerdict insert(ConstBytes salt, UnixSeconds /*stamp*/, MonoTime /*now*/) override {
    const bool fresh = salts_.insert(ByteVector(salt.begin(), salt.end())).second;
    return fresh ? protocol::SaltVerdict::fresh : protocol::SaltVerdict::repeated;
  }
  [[nodiscard]] std::size_t size() const { return salts_.size(); }

 private:
  std::set<ByteVector> salts_;
};

/// The packet whose inside is `script`: SIP004, address and payload; 2022, a separate header (16 bytes, zeros where
/// there are fewer) and a body.
/// @param outer  the key of the separate header and of an identity header behind it, where it is not `key` itself.
inline ByteVector seal_packet(const cipher::Method& method, const KeyBytes& key, const KeyBytes* outer,
                              cipher::KeyCache& keys, ConstBytes script) {
  ByteVector wire;
  if (!method.is_2022()) {
    wire.assign(method.salt_length(), script.empty() ? std::uint8_t{0} : script.back());
    protocol::RecordKey record = protocol::RecordKey::derive(method, key, keys, wire);
    seal_record(script, record, wire);
    return wire;
  }
  ByteVector text(script.begin(), script.end());
  text.resize(std::max(text.size(), protocol::SeparateHeader::kLength));
  const ByteVector separate(text.begin(), text.begin() + protocol::SeparateHeader::kLength);
  ByteVector nonce(separate.begin() + 4, separate.end());
  std::optional<cipher::AeadKey> sealing;
  if (method.identity_headers) {
    text.erase(text.begin(), text.begin() + protocol::SeparateHeader::kLength);
    wire.resize(protocol::SeparateHeader::kLength + (outer != nullptr ? protocol::kIdentityHeader : 0));
    cipher::AesBlock block(outer != nullptr ? *outer : key);
    block.encrypt(separate, Bytes(wire).first(protocol::SeparateHeader::kLength));
    if (outer != nullptr) {
      auto header = cipher::psk_hash(key);
      for (std::size_t i = 0; i < header.size(); ++i) header[i] ^= separate[i];
      block.encrypt(header, Bytes(wire).last(protocol::kIdentityHeader));
    }
    sealing.emplace(keys, method.algorithm, protocol::packet_subkey(key, get_u64be(separate.data())));
  } else {
    nonce = wire = ByteVector(protocol::kPacketNonce, text.back());
    sealing.emplace(keys, cipher::Algorithm::xchacha20_poly1305, key);
  }
  const std::size_t at = wire.size();
  wire.insert(wire.end(), text.begin(), text.end());
  wire.resize(wire.size() + cipher::kTagLength);
  sealing->seal(nonce, Bytes(wire).subspan(at, text.size()), Bytes(wire).last(cipher::kTagLength));
  return wire;
}

/// What holds for the inside of every packet that opened.
inline void check(const protocol::PacketContent& content, ConstBytes packet) {
  require(content.addressed.data() >= packet.data());
  require(content.addressed.data() + content.addressed.size() <= packet.data() + packet.size());
  require(content.payload.size() < content.addressed.size());
  require(content.payload.data() + content.payload.size() == content.addressed.data() + content.addressed.size());
  require(!content.address.to_string().empty());
}

}  // namespace ss::fuzz
