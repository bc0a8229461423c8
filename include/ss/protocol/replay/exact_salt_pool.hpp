#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "ss/base/secret.hpp"
#include "ss/cipher/method.hpp"
#include "ss/protocol/replay/fifo_index.hpp"
#include "ss/protocol/replay/salt_filter.hpp"

namespace ss::protocol {

/// The salt pool of SIP022 3.1.5: every salt of the last minute, exactly.
///
/// There is no cap, since only authenticated streams put salts in.
///
/// Owner: the listener. Threads: none; whoever shares it locks. Cost: O(1) amortised; about 60 bytes a salt.
class ExactSaltPool final : public SaltFilter {
 public:
  /// How long a salt stays. A stamp may run 30 s ahead and be accepted until it is 30 s old, and stamps are whole
  /// seconds: so a stream can be timely for just under 61 s. One second more covers a wall clock that is being slewed
  /// against the steady one.
  static constexpr Duration kLifetime = std::chrono::seconds(62);

  /// @param key  at least 16 random bytes that place salts in the table.
  explicit ExactSaltPool(const KeyBytes& key) : key_(key) {}

  [[nodiscard]] bool insert(ConstBytes salt, MonoTime now) override;
  [[nodiscard]] std::size_t size() const { return salts_.size(); }

 private:
  struct Entry {
    std::uint64_t fingerprint;
    MonoTime inserted;
    std::array<std::uint8_t, cipher::kMaxSaltLength> salt;
  };

  KeyBytes key_;
  FifoIndex<Entry> salts_;
};

}  // namespace ss::protocol
