#pragma once

#include <algorithm>

#include "unit/relay/relay_run.hpp"

namespace ss::relay::test {

inline constexpr std::size_t kKiB = 1024;
inline constexpr const char* k2022 = "2022-blake3-aes-256-gcm";
inline constexpr const char* k2017 = "aes-256-gcm";

/// A pump between two peers.
class PumpTest : public Fixture {
 protected:
  /// The longest single read that was done at the sender's end since read number `from`.
  [[nodiscard]] std::size_t longest_read(std::size_t from = 0) const {
    std::size_t longest = 0;
    for (const Deed& deed : sender.near().deeds) {
      if (deed.kind != Deed::Kind::read) continue;
      if (from > 0) {
        --from;
      } else {
        longest = std::max(longest, deed.bytes);
      }
    }
    return longest;
  }
  [[nodiscard]] std::size_t reads() const { return sender.near().count(Deed::Kind::read); }

  Peer sender{network};
  Peer receiver{network};
};

}  // namespace ss::relay::test
