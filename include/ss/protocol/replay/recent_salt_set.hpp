#pragma once

#include <cstdint>

#include "ss/base/secret.hpp"
#include "ss/protocol/replay/fifo_index.hpp"
#include "ss/protocol/replay/salt_filter.hpp"

namespace ss::protocol {

/// The last salts of SIP004 streams, which carry no time: however old a recording is, it is refused while its salt is
/// among them.
///
/// Holds 64 keyed bits of each salt: with 10^6 of them a fresh salt is taken for a known one once in 10^13.
///
/// Owner: the listener. Threads: none; whoever shares it locks. Cost: O(1) amortised; 16 bytes a salt, growing with
/// use.
class RecentSaltSet final : public SaltFilter {
 public:
  static constexpr std::size_t kCapacity = 1'000'000;

  /// @param key  32 random bytes for the fingerprints.
  /// @param capacity  how many salts are remembered, >= 1
  explicit RecentSaltSet(const KeyBytes& key, std::size_t capacity = kCapacity) : key_(key), capacity_(capacity) {}

  /// Time plays no part.
  [[nodiscard]] bool insert(ConstBytes salt, MonoTime now) override;
  [[nodiscard]] std::size_t size() const { return salts_.size(); }

 private:
  struct Entry {
    std::uint64_t fingerprint;
  };

  KeyBytes key_;
  std::size_t capacity_;
  FifoIndex<Entry> salts_;
};

}  // namespace ss::protocol
