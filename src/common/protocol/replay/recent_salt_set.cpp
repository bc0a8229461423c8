#include "ss/protocol/replay/recent_salt_set.hpp"

#include <algorithm>
#include <utility>

#include "ss/protocol/replay/fingerprint.hpp"

namespace ss::protocol {

bool RecentSaltSet::insert(ConstBytes salt, MonoTime /*now*/) {
  // 0 marks a free place.
  const std::uint64_t known_by = std::max<std::uint64_t>(fingerprint(key_, salt), 1);
  if (younger_.contains(known_by) || elder_.contains(known_by)) return false;
  if (younger_.size() == capacity_) {
    std::swap(younger_, elder_);
    younger_.clear();
  }
  younger_.add(known_by);
  return true;
}

bool RecentSaltSet::Generation::contains(std::uint64_t fingerprint) const {
  return !places_.empty() && places_[place_of(fingerprint)] == fingerprint;
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
