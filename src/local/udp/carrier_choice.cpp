#include "udp/carrier_choice.hpp"

#include "servers/server_link.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::local {

CarrierChoice::Place CarrierChoice::join(Follower& follower) {
  const Place place = followers_.insert(followers_.end(), &follower);
  if (over_tcp_ && !probing_) env_.spawner.spawn(probe());
  return place;
}

void CarrierChoice::leave(Place place) {
  followers_.erase(place);
  if (!followers_.empty()) return;
  silence_.stop();
  abandoned_ = true;
  probe_.stop();
  if (pause_ != nullptr) pause_->cancel();
}

void CarrierChoice::expect_answer() {
  if (over_tcp_ || probing_) return;
  heard_ = false;
  env_.timers.start(silence_, kSilence);
}

void CarrierChoice::end_silence() {
  if (heard_) {
    trusted_until_ = {};
    announce(server_.packets_answered(env_.timers.now()));
    if (unanswered_) expect_answer();
  } else if (env_.timers.now() >= trusted_until_) {
    env_.spawner.spawn(probe());
  }
}

net::Task<> CarrierChoice::probe() {
  probing_ = true;
  if (!over_tcp_) co_await judge();
  while (over_tcp_ && !followers_.empty()) co_await retry_packets();
  probing_ = false;
}

net::Task<> CarrierChoice::judge() {
  abandoned_ = false;
  const std::optional<Endpoint> server = co_await probe_.by_packets();
  if (abandoned_ || heard_) co_return;
  bool by_tcp = false;
  if (!server) by_tcp = co_await probe_.by_tcp();
  // A packet that was only late counts for more than the probe.
  if (abandoned_ || heard_) co_return;
  const MonoTime now = env_.timers.now();
  announce(server ? server_.packets_answered(now) : server_.packets_unanswered(now));
  if (by_tcp) {
    telemetry::log_warn("UDP does not get through to the server: carrying it over TCP until it does");
    next_retry_ = env_.timers.now() + kRetry;
    choose(true);
  } else {
    trusted_until_ = env_.timers.now() + (server ? kTrusted : kUndecided);
  }
}

net::Task<> CarrierChoice::retry_packets() {
  abandoned_ = false;
  if (env_.timers.now() < next_retry_) {
    net::Sleep pause(env_.timers, kRetry);
    pause_ = &pause;
    co_await pause;
    pause_ = nullptr;
  }
  if (abandoned_) co_return;
  next_retry_ = env_.timers.now() + kRetry;
  const std::optional<Endpoint> server = co_await probe_.by_packets();
  if (!server) co_return;
  telemetry::log_info("UDP gets through to the server again");
  announce(server_.packets_answered(env_.timers.now()));
  answering_ = server;
  choose(false);
}

void CarrierChoice::choose(bool over_tcp) {
  over_tcp_ = over_tcp;
  for (Follower* const follower : followers_) follower->choice_changed();
}

}  // namespace ss::local
