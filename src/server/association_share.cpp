#include "association_share.hpp"

namespace ss::server {

namespace {

/// Counts one more, unless there are `most` already.
bool count_one(std::atomic<std::uint32_t>& counter, std::uint32_t most) {
  if (counter.fetch_add(1, std::memory_order_relaxed) < most) return true;
  counter.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

bool take(AssociationCounts& counts, const AssociationLimits& limits, std::size_t user) {
  const bool many_users = counts.of_user.size() > 1;
  if (!count_one(counts.of_user[user], many_users ? limits.of_user : UINT32_MAX)) return false;
  if (count_one(counts.total, limits.total)) return true;
  counts.of_user[user].fetch_sub(1, std::memory_order_relaxed);
  return false;
}

}  // namespace

AssociationShare::AssociationShare(AssociationCounts* counts, const AssociationLimits& limits, std::size_t user)
    : counts_(counts), user_(user), granted_(counts == nullptr || take(*counts, limits, user)) {}

AssociationShare::~AssociationShare() {
  if (counts_ == nullptr || !granted_) return;
  counts_->of_user[user_].fetch_sub(1, std::memory_order_relaxed);
  counts_->total.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace ss::server
