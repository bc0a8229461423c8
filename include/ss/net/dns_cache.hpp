#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "ss/base/clock.hpp"
#include "ss/net/resolver.hpp"

namespace ss::net {

/// Answers of name servers for as long as they may be kept.
///
/// Kept: addresses for their TTL, but an hour at most and not at all with TTL 0; "not found" for 5 s, so that a name
/// that has just been made is seen soon. Other failures are never kept. Where there is no room, what would expire first
/// leaves. Owner: one resolver. Threads: none; one owner. Time is passed in.
class DnsCache {
 public:
  static constexpr Duration kLongest = std::chrono::hours(1);
  static constexpr Duration kNegative = std::chrono::seconds(5);
  static constexpr std::size_t kEntries = 4096;

  explicit DnsCache(std::size_t capacity = kEntries) : capacity_(capacity) {}

  /// @return null where nothing is known any more. Lifetime: until the next call that is not const.
  const ResolveAnswer* find(const std::string& name, Family family, MonoTime now);
  void put(const std::string& name, Family family, const ResolveAnswer& answer, Duration ttl, MonoTime now);
  void clear();
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  using Key = std::pair<std::string, Family>;
  struct Entry;
  using Entries = std::map<Key, Entry>;
  using Expiries = std::multimap<MonoTime, Entries::iterator>;
  struct Entry {
    ResolveAnswer answer;
    Expiries::iterator expiry;
  };
  void drop(Expiries::iterator expiry);

  std::size_t capacity_;
  Entries entries_;
  Expiries expiries_;
};

}  // namespace ss::net
