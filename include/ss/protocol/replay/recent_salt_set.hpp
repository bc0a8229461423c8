#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ss/base/secret.hpp"
#include "ss/protocol/replay/salt_filter.hpp"

namespace ss::protocol {

/// The last salts of SIP004 streams or packets, which carry no time: however old a recording is, it is refused while
/// its salt is among them.
///
/// Two generations: salts go into the younger one; when that holds `capacity` of them it becomes the elder one, and the
/// elder one is forgotten. So the last `capacity` salts are remembered for certain, and up to twice as many. A fresh
/// salt costs one place of memory in each, which is what counts with hundreds of thousands of packets a second: an
/// exact queue touches five.
///
/// Holds 64 keyed bits of each salt: with 10^6 of them a fresh salt is taken for a known one once in 10^13.
///
/// Owner: the listener. Threads: none; whoever shares it locks. Cost: O(1) amortised; 16 to 32 bytes a salt of either
/// generation, growing with use.
class RecentSaltSet final : public SaltFilter {
 public:
  static constexpr std::size_t kCapacity = 1'000'000;

  /// @param key  at least 16 random bytes for the fingerprints.
  /// @param capacity  how many salts are remembered at least, >= 1
  explicit RecentSaltSet(const KeyBytes& key, std::size_t capacity = kCapacity) : key_(key), capacity_(capacity) {}

  /// Time plays no part.
  [[nodiscard]] SaltVerdict insert(ConstBytes salt, UnixSeconds stamp, MonoTime now) override;
  void expect(ConstBytes salt) const override;
  [[nodiscard]] std::size_t size() const { return younger_.size() + elder_.size(); }

 private:
  /// Fingerprints, by open addressing with linear probing, at most half full.
  class Generation {
   public:
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool contains(std::uint64_t fingerprint) const;
    void prefetch(std::uint64_t fingerprint) const;
    /// @pre  !contains(fingerprint)
    void add(std::uint64_t fingerprint);
    /// Forgets all, and keeps the memory.
    void clear();

   private:
    [[nodiscard]] std::size_t place_of(std::uint64_t fingerprint) const;

    std::vector<std::uint64_t> places_;  // 0: free
    std::size_t size_ = 0;
  };

  [[nodiscard]] std::uint64_t known_by(ConstBytes salt) const;

  KeyBytes key_;
  std::size_t capacity_;
  Generation younger_;
  Generation elder_;
};

}  // namespace ss::protocol
