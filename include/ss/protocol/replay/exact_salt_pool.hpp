#pragma once

#include <array>
#include <cstdint>

#include "ss/base/secret.hpp"
#include "ss/cipher/method.hpp"
#include "ss/protocol/header2022.hpp"
#include "ss/protocol/replay/fifo_index.hpp"
#include "ss/protocol/replay/salt_filter.hpp"
#include "ss/protocol/replay/stamp_floor.hpp"

namespace ss::protocol {

/// The salt pool of SIP022 3.1.5: every salt of the last minute, exactly.
///
/// There is no cap, since only authenticated streams put salts in. The newest stamp of the salts that it has let go is
/// its floor, below which nothing is fresh: while the clock runs on, such stamps are too old anyway; where it is set
/// back they would pass again (docs/decisions/0022).
///
/// Owner: the listener. Threads: none; whoever shares it locks. Cost: O(1) amortised; about 70 bytes a salt.
class ExactSaltPool final : public SaltFilter {
 public:
  /// How long a salt stays.
  static constexpr Duration kLifetime = kTimelyFor;

  /// @param key  at least 16 random bytes that place salts in the table.
  explicit ExactSaltPool(const KeyBytes& key) : key_(key) {}

  [[nodiscard]] SaltVerdict insert(ConstBytes salt, UnixSeconds stamp, MonoTime now) override;
  [[nodiscard]] StampFloor& floor() { return floor_; }
  [[nodiscard]] std::size_t size() const { return salts_.size(); }

 private:
  struct Entry {
    std::uint64_t fingerprint;
    MonoTime inserted;
    UnixSeconds stamp;
    std::array<std::uint8_t, cipher::kMaxSaltLength> salt;
  };

  KeyBytes key_;
  FifoIndex<Entry> salts_;
  StampFloor floor_;
};

}  // namespace ss::protocol
