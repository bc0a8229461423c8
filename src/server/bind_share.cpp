#include "bind_share.hpp"

namespace ss::server {

BindShare::BindShare(BindCounts* counts, std::size_t user)
    : counter_(counts == nullptr ? nullptr : &counts->of_user_[user]), granted_(true) {
  if (counter_ == nullptr || counter_->fetch_add(1, std::memory_order_relaxed) < BindCounts::kMost) return;
  counter_->fetch_sub(1, std::memory_order_relaxed);
  counter_ = nullptr;
  granted_ = false;
}

BindShare::~BindShare() {
  if (counter_ != nullptr) counter_->fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace ss::server
