#pragma once

#include <cstdint>

#include "ss/base/bytes.hpp"
#include "ss/base/entropy.hpp"
#include "ss/base/secret.hpp"

namespace ss::protocol {

/// Draws the salts of the SIP004 packets that one side sends, and knows them again: a packet that somebody sends back
/// to its sender opens like a true one, since both directions share the key.
///
///   [random][first bytes of SipHash-2-4(BLAKE3 derive_key("shadowsocks-asio v1 packets …", key), random)]
///
/// The mark takes the last 8 bytes, 4 of a salt of 16. Without the key it is as random as the rest; with it every
/// packet of that side is known for ever, by every program that has the key, and nothing is remembered. A set of salts
/// that were sent cost two misses of the cache for each packet, and knew the last million.
///
/// Owner: whoever seals with the key. Threads: none; every call is const. Cost: one SipHash of at most 24 bytes a call.
class OwnSalts {
 public:
  enum class Side : std::uint8_t { client, server };

  /// @param key  the master key that the packets are sealed with.
  OwnSalts(const KeyBytes& key, Side side);

  /// @pre  salt.size() is 16, 24 or 32, as of `contains`
  void draw(Entropy& entropy, Bytes salt) const;
  /// Whether that side has drawn this salt. Another side's salt is taken for one once in 2⁶⁴ (of 16 bytes: 2³²), so
  /// only what has authenticated should be asked about.
  [[nodiscard]] bool contains(ConstBytes salt) const;

 private:
  KeyBytes marking_;
};

}  // namespace ss::protocol
