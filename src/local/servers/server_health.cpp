#include "servers/server_health.hpp"

#include <algorithm>

namespace ss::local {

using namespace std::chrono_literals;

namespace {

/// How much the newest result counts beside all before.
constexpr double kNewest = 0.3;
/// A probe that has not been answered for so long never will be.
constexpr Duration kProbeOverdue = 15s;
constexpr Duration kProbeOnProbation = 10s;

constexpr Duration kLeastPatience = 300ms;
constexpr Duration kMostPatience = 1s;

double to_ms(Duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

void ServerHealth::measured(Duration took) {
  ms_ = measured_ ? ms_ + kNewest * (to_ms(took) - ms_) : to_ms(took);
  measured_ = true;
}

bool ServerHealth::worked(MonoTime now) {
  failing_ -= kNewest * failing_;
  failures_ = 0;
  heard_ = now;
  probing_.reset();
  if (!down_) return false;
  down_ = false;
  back_ = now;
  return true;
}

bool ServerHealth::failed(MonoTime now) {
  failing_ += kNewest * (1 - failing_);
  heard_ = now;
  probing_.reset();
  if (down_) {
    // Those that were under way when it went down say nothing new.
    if (now < tried_again_) return false;
    pause_ = std::min(2 * pause_, kLongestPause);
    tried_again_ = now + pause_;
    return false;
  }
  if (++failures_ < kFailures && !slow_ && !is_on_probation(now)) return false;
  go_down(now);
  return true;
}

void ServerHealth::gave_up() {
  if (down_ || slow_) return;
  slow_ = true;
  slow_probed_ = false;
}

bool ServerHealth::closed_early(MonoTime now) {
  if (down_) return false;
  const unsigned enough = is_on_probation(now) ? kEarlyCloses / 4 : kEarlyCloses;
  if (++early_ < enough) return false;
  go_down(now);
  return true;
}

bool ServerHealth::silent(MonoTime now) {
  if (down_) return false;
  go_down(now);
  return true;
}

void ServerHealth::try_again(MonoTime now) {
  if (!down_ || now < tried_again_) return;
  down_ = false;
  back_ = now;
}

bool ServerHealth::take_probe(MonoTime now, Duration every) {
  if (probing_ && now - *probing_ < kProbeOverdue) return false;
  const auto silent_for = [&](Duration time) { return !heard_ || now - *heard_ >= time; };
  const bool suspected = slow_ || is_on_probation(now);
  const bool due = down_ ? now >= tried_again_
                         : (slow_ && !slow_probed_) || (suspected && silent_for(kProbeOnProbation)) ||
                               (every > 0s && silent_for(every));
  if (!due) return false;
  probing_ = now;
  slow_probed_ = true;
  return true;
}

Duration ServerHealth::patience() const {
  if (!measured_) return kMostPatience;
  const auto expected = std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(4 * ms_));
  return std::clamp<Duration>(expected + 100ms, kLeastPatience, kMostPatience);
}

void ServerHealth::go_down(MonoTime now) {
  const bool relapse = back_ && now - *back_ < kRelapse;
  pause_ = relapse ? std::min(2 * pause_, kLongestPause) : kFirstPause;
  tried_again_ = now + pause_;
  down_ = true;
  slow_ = false;
  failures_ = 0;
  early_ = 0;
  back_.reset();
}

}  // namespace ss::local
