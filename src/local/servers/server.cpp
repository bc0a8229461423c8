#include "servers/server.hpp"

#include "servers/balancer.hpp"

namespace ss::local {

void Server::heard() {
  if (!was_heard()) heard_.store(true, std::memory_order_relaxed);
  if (tcp_) tcp_->answered(number_);
}

std::optional<std::string> Server::closed_early(MonoTime now) {
  return tcp_ ? tcp_->closed_early(number_, now) : std::nullopt;
}

std::optional<std::string> Server::silent(MonoTime now) {
  return tcp_ ? tcp_->silent(number_, now) : std::nullopt;
}

std::optional<std::string> Server::packets_answered(MonoTime now) {
  if (!udp_ || !packets_lost_.exchange(false, std::memory_order_relaxed)) return std::nullopt;
  return udp_->worked(number_, now);
}

std::optional<std::string> Server::packets_unanswered(MonoTime now) {
  if (!udp_) return std::nullopt;
  packets_lost_.store(true, std::memory_order_relaxed);
  // Several packets went unanswered for seconds: as much as failures in a row say of TCP.
  std::optional<std::string> news;
  for (unsigned i = 0; i < ServerHealth::kFailures && !news; ++i) {
    news = udp_->failed(number_, net::DialCause::timed_out, now);
  }
  return news;
}

}  // namespace ss::local
