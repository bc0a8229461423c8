#include "server.hpp"

#include "balancer.hpp"

namespace ss::local {

void Server::heard() {
  if (!was_heard()) heard_.store(true, std::memory_order_relaxed);
  if (balancer_) balancer_->answered(number_);
}

std::optional<std::string> Server::closed_early(MonoTime now) {
  return balancer_ ? balancer_->closed_early(number_, now) : std::nullopt;
}

}  // namespace ss::local
