#include "connection_gate.hpp"

#include <optional>
#include <tuple>

#include "ss/telemetry/log.hpp"

namespace ss::server {

bool ConnectionGate::make_room(const ConnectionShare& newcomer) {
  // What goes first compares greater.
  const auto weight = [](const ConnectionShare& share) {
    return std::tuple(!share.known_, share.counted_->unauthenticated.load(std::memory_order_relaxed));
  };
  ConnectionShare* worst = nullptr;
  for (int i = 0; i < kDrawn && !unauthenticated_.empty(); ++i) {
    const auto last = static_cast<std::uint32_t>(unauthenticated_.size() - 1);
    ConnectionShare* const share = unauthenticated_[env_.entropy.uniform(0, last)];
    if (worst == nullptr || weight(*share) > weight(*worst)) worst = share;
  }
  if (worst == nullptr) return true;  // other workers hold all: one more than the limit rather than none here
  if (weight(newcomer) > weight(*worst)) return false;
  turn_away(*worst, "max_unauthenticated");
  return true;
}

bool ConnectionGate::has_room_for(const ConnectionShare& newcomer) {
  const std::uint32_t unauthenticated = counts_.unauthenticated();
  if (unauthenticated > counts_.limits().unauthenticated) return make_room(newcomer);
  return newcomer.known_ || !drop_early(unauthenticated);
}

bool ConnectionGate::drop_early(std::uint32_t unauthenticated) {
  const std::uint32_t most = counts_.limits().unauthenticated;
  const std::uint32_t start = most - most / 2;
  if (unauthenticated <= start) return false;
  return env_.entropy.uniform(1, most) <= unauthenticated - start;
}

void ConnectionGate::turn_away(ConnectionShare& share, const char* limit) {
  share.turned_away_ = true;
  share.give_place_up();
  share.session_.stop();
  env_.counters.turned_away.add();
  const std::optional<std::uint64_t> left_out = env_.throttles.crowd.admit(env_.clock.now());
  if (left_out) {
    telemetry::log_warn("a connection is turned away, to stay within `{}` ({} more like this)", limit, *left_out);
  }
}

ConnectionShare::ConnectionShare(ConnectionGate* gate, relay::LiveSession& session, const IpAddress& from)
    : gate_(gate), session_(session), source_(from) {
  if (gate_ == nullptr) return;
  const ConnectionCounts::Entry entry = gate_->counts_.enter(source_, gate_->env_.clock.now());
  if (entry.counted == nullptr) {
    const bool total = entry.refusal == ConnectionCounts::Refusal::total;
    gate_->turn_away(*this, total ? "max_connections" : "max_connections_per_source");
    return;
  }
  counted_ = entry.counted;
  unauthenticated_ = true;
  known_ = entry.known;
  gate_->env_.counters.connections.add();
  gate_->env_.counters.unauthenticated.add();
  if (!gate_->has_room_for(*this)) {
    gate_->turn_away(*this, "max_unauthenticated");
    return;
  }
  place_ = gate_->unauthenticated_.size();
  gate_->unauthenticated_.push_back(this);
}

ConnectionShare::~ConnectionShare() {
  if (counted_ == nullptr) return;
  give_place_up();
  gate_->env_.counters.connections.sub();
  gate_->counts_.leave(source_, *counted_);
}

void ConnectionShare::authenticate() {
  if (counted_ == nullptr) return;
  give_place_up();
  gate_->counts_.remember(source_, gate_->env_.clock.now());
}

void ConnectionShare::give_place_up() {
  if (unauthenticated_) {
    unauthenticated_ = false;
    gate_->env_.counters.unauthenticated.sub();
    gate_->counts_.one_unauthenticated_less(*counted_);
  }
  if (place_ == kNowhere) return;
  ConnectionShare* const last = gate_->unauthenticated_.back();
  gate_->unauthenticated_[place_] = last;
  last->place_ = place_;
  gate_->unauthenticated_.pop_back();
  place_ = kNowhere;
}

}  // namespace ss::server
