#include "ss/net/dns_cache.hpp"

#include <algorithm>

namespace ss::net {

namespace {

/// How long an answer may be kept; 0 where it may not.
Duration keep_time(ResolveStatus status, Duration ttl) {
  switch (status) {
    case ResolveStatus::found:
      return std::clamp(ttl, Duration::zero(), DnsCache::kLongest);
    case ResolveStatus::not_found:
      return DnsCache::kNegative;
    default:
      return Duration::zero();
  }
}

}  // namespace

const ResolveAnswer* DnsCache::find(const std::string& name, Family family, MonoTime now) {
  const auto found = entries_.find(Key(name, family));
  if (found == entries_.end()) return nullptr;
  if (found->second.expiry->first <= now) {
    drop(found->second.expiry);
    return nullptr;
  }
  return &found->second.answer;
}

void DnsCache::put(const std::string& name, Family family, const ResolveAnswer& answer, Duration ttl, MonoTime now) {
  const auto old = entries_.find(Key(name, family));
  if (old != entries_.end()) drop(old->second.expiry);
  const Duration keep = keep_time(answer.status, ttl);
  if (keep == Duration::zero() || capacity_ == 0) return;

  while (entries_.size() >= capacity_) drop(expiries_.begin());
  const auto entry = entries_.emplace(Key(name, family), Entry{answer, {}}).first;
  entry->second.expiry = expiries_.emplace(now + keep, entry);
}

void DnsCache::clear() {
  expiries_.clear();
  entries_.clear();
}

void DnsCache::drop(Expiries::iterator expiry) {
  entries_.erase(expiry->second);
  expiries_.erase(expiry);
}

}  // namespace ss::net
