#include "ss/protocol/replay/recent_salt_set.hpp"

#include <algorithm>
#include <utility>

#include "ss/protocol/replay/fingerprint.hpp"

namespace ss::protocol {

std::uint64_t RecentSaltSet::known_by(ConstBytes salt) const {
  // 0 marks a free place.
  return std::max<std::uint64_t>(fingerprint(key_, salt), 1);
}

void RecentSaltSet::expect(ConstBytes salt) const {
  const std::uint64_t expected = known_by(salt);
  younger_.prefetch(expected);
  elder_.prefetch(expected);
}

SaltVerdict RecentSaltSet::insert(ConstBytes salt, UnixSeconds /*stamp*/, MonoTime /*now*/) {
  const std::uint64_t fresh = known_by(salt);
  if (younger_.contains(fresh) || elder_.contains(fresh)) return SaltVerdict::repeated;
  if (younger_.size() == capacity_) {
    std::swap(younger_, elder_);
    younger_.clear();
  }
  younger_.add(fresh);
  return SaltVerdict::fresh;
}

bool RecentSaltSet::Generation::contains(std::uint64_t fingerprint) const {
  return !places_.empty() && places_[place_of(fingerprint)] == fingerprint;
}

void RecentSaltSet::Generation::prefetch(std::uint64_t fingerprint) const {
  if (!places_.empty()) __builtin_prefetch(&places_[fingerprint & (places_.size() - 1)]);
}

void RecentSaltSet::Generation::add(std::uint64_t fingerprint) {
  if (2 * (size_ + 1) > places_.size()) {
    constexpr std::size_t kSmallest = 16;  // a power of two, as every size is
    const std::vector<std::uint64_t> before =
        std::exchange(places_, std::vector<std::uint64_t>(std::max(kSmallest, 2 * places_.size())));
    for (const std::uint64_t old : before) {
      if (old != 0) places_[place_of(old)] = old;
    }
  }
  places_[place_of(fingerprint)] = fingerprint;
  ++size_;
}

void RecentSaltSet::Generation::clear() {
  std::fill(places_.begin(), places_.end(), 0);
  size_ = 0;
}

/// Where it stands, or the free place where it would.
std::size_t RecentSaltSet::Generation::place_of(std::uint64_t fingerprint) const {
  const std::size_t mask = places_.size() - 1;
  std::size_t place = fingerprint & mask;
  while (places_[place] != 0 && places_[place] != fingerprint) place = (place + 1) & mask;
  return place;
}

}  // namespace ss::protocol
