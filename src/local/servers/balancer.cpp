#include "servers/balancer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ss/base/assert.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::local {

using namespace std::chrono_literals;
using config::Policy;

namespace {

constexpr double kBetterBy = 0.8;
constexpr double kBetterByMs = 5;

/// What a score stands at that is not known: behind all that are.
constexpr double kUnknown = 1e9;

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

template <class Range>
std::uint64_t hash(const Range& bytes) {
  std::uint64_t out = 0xcbf29ce484222325ULL;
  for (const auto byte : bytes) out = (out ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3ULL;
  return mix(out);
}

/// By host: all ports of one target go one way. Names differ in case alone where they mean the same.
std::uint64_t hash_of(const TargetAddress& target) {
  if (!target.is_domain()) return hash(target.ip().bytes());
  std::string name(target.domain());
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return hash(name);
}

/// Whether the fault lies with this machine, whichever server it connects to.
bool is_ours(net::DialCause cause) {
  return cause == net::DialCause::no_descriptors || cause == net::DialCause::not_permitted ||
         cause == net::DialCause::cancelled;
}

}  // namespace

Balancer::Balancer(Policy policy, std::vector<Candidate> candidates, std::string carries, Trials trials)
    : policy_(policy), carries_(std::move(carries)), trials_(trials), entries_(candidates.size()) {
  SS_ASSERT(!candidates.empty() && candidates.size() <= std::numeric_limits<std::uint16_t>::max());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    entries_[i].candidate = std::move(candidates[i]);
    entries_[i].identity = hash(entries_[i].candidate.name);
    if (entries_[i].candidate.weight > 0) members_.push_back(static_cast<std::uint16_t>(i));
  }
  SS_ASSERT(!members_.empty());
  chosen_ = members_.front();
  ranks_.reserve(members_.size());
}

ServerOrder Balancer::order(const TargetAddress& target, MonoTime now) {
  ServerOrder out;
  if (is_alone()) {
    out.tries[0].server = members_.front();
    out.count = 1;
    return out;
  }
  const std::lock_guard lock(mutex_);
  if (trials_ == Trials::by_traffic) {
    for (const std::uint16_t i : members_) entries_[i].health.try_again(now);
  }
  if (has_chosen()) out.news = review(now);
  rank_all(target, now);
  out.count = static_cast<std::uint8_t>(std::min(ranks_.size(), ServerOrder::kMost));
  for (std::size_t i = 0; i < out.count; ++i) {
    const std::size_t server = ranks_[i].server;
    // There is no hurry to get to one that is down.
    const bool next_works = i + 1 < out.count && !entries_[ranks_[i + 1].server].health.is_down();
    out.tries[i] = {ranks_[i].server, next_works ? entries_[server].health.patience() : Duration::zero()};
  }
  if (trials_ == Trials::by_probe) note_probes(out, now);
  return out;
}

Balancer::Rank Balancer::rank(std::size_t server, std::uint64_t target, MonoTime now) const {
  const Entry& entry = entries_[server];
  Rank out{static_cast<std::uint16_t>(server), 0, static_cast<double>(server)};
  if (!entry.health.is_trusted(now)) out.tier = entry.health.is_down() ? 2 : 1;
  switch (policy_) {
    case Policy::latency:
      out.cost = score(entry);
      break;
    case Policy::failover:
      break;
    case Policy::sticky: {
      // Weighted rendezvous hashing: the least of -ln(u)/weight wins, u uniform in (0, 1).
      const double u = (static_cast<double>(mix(target ^ entry.identity) >> 11) + 0.5) * 0x1p-53;
      out.cost = -std::log(u) / entry.candidate.weight;
      break;
    }
    case Policy::round_robin:
      out.cost = -entry.turn;
      break;
  }
  if (has_chosen() && server == chosen_ && out.tier < 2 && !entry.health.is_slow()) {
    out.tier = 0;
    out.cost = -1;
  }
  return out;
}

void Balancer::rank_all(const TargetAddress& target, MonoTime now) {
  const std::uint64_t hashed = policy_ == Policy::sticky ? hash_of(target) : 0;
  ranks_.clear();
  std::uint8_t best = 2;
  for (const std::uint16_t i : members_) {
    ranks_.push_back(rank(i, hashed, now));
    best = std::min(best, ranks_.back().tier);
  }
  if (policy_ == Policy::round_robin) {
    // Smooth weighted turns: each gets its weight on, and the one in front pays for all.
    double total = 0;
    Rank* next = nullptr;
    for (Rank& each : ranks_) {
      if (each.tier != best) continue;
      Entry& entry = entries_[each.server];
      entry.turn += entry.candidate.weight;
      each.cost = -entry.turn;
      total += entry.candidate.weight;
      if (!next || each.cost < next->cost) next = &each;
    }
    entries_[next->server].turn -= total;
  }
  const auto sooner = [](const Rank& a, const Rank& b) {
    if (a.tier != b.tier) return a.tier < b.tier;
    return a.cost != b.cost ? a.cost < b.cost : a.server < b.server;
  };
  const auto most = static_cast<std::ptrdiff_t>(std::min(ranks_.size(), ServerOrder::kMost));
  std::partial_sort(ranks_.begin(), ranks_.begin() + most, ranks_.end(), sooner);
}

void Balancer::note_probes(ServerOrder& out, MonoTime now) {
  const Duration every = policy_ == Policy::latency ? kProbeEvery : Duration::zero();
  for (const std::uint16_t i : members_) {
    // The first one is connected to anyway.
    if (i == out.tries[0].server) continue;
    if (out.probe_count == ServerOrder::kMost) break;
    if (entries_[i].health.take_probe(now, every)) out.probes[out.probe_count++] = i;
  }
}

double Balancer::score(const Entry& entry) const {
  return entry.health.milliseconds() ? entry.health.score() / entry.candidate.weight : kUnknown;
}

std::optional<std::string> Balancer::review(MonoTime now) {
  const Entry& chosen = entries_[chosen_];
  if (chosen.health.is_down()) {
    const std::size_t next = policy_ == Policy::latency ? best_by_score(now) : first_that_works(now);
    if (next == chosen_) return std::nullopt;
    return move_to(next, fmt::format("{} is down ({})", chosen.candidate.name, chosen.fault));
  }
  if (policy_ == Policy::failover) {
    const std::size_t first = first_that_works(now);
    if (first >= chosen_) return std::nullopt;
    return move_to(first, fmt::format("{} works again", entries_[first].candidate.name));
  }
  // The first choice is made at once, as soon as there is something to choose by.
  const bool first_choice = !settled_ && std::all_of(members_.begin(), members_.end(),
                                                     [&](std::uint16_t i) { return entries_[i].health.was_heard(); });
  settled_ = settled_ || first_choice;
  const std::size_t best = best_by_score(now);
  const double ours = score(chosen);
  const double theirs = score(entries_[best]);
  if (best == chosen_ || !chosen.health.milliseconds() || theirs > ours * kBetterBy || theirs > ours - kBetterByMs) {
    better_since_.reset();
    return std::nullopt;
  }
  if (!settled_) return std::nullopt;
  if (!better_since_) better_since_ = now;
  if (!first_choice && now - *better_since_ < kClearlyBetter) return std::nullopt;
  return move_to(best, fmt::format("it answers in {:.0f} ms, {} in {:.0f} ms", *entries_[best].health.milliseconds(),
                                   chosen.candidate.name, *chosen.health.milliseconds()));
}

std::size_t Balancer::best_by_score(MonoTime now) const {
  const auto cost = [&](std::size_t i) {
    const ServerHealth& health = entries_[i].health;
    const double tier = health.is_down() ? 2 : health.is_trusted(now) || i == chosen_ ? 0 : 1;
    return std::pair(tier, score(entries_[i]));
  };
  std::size_t best = chosen_;
  for (const std::uint16_t i : members_) {
    if (cost(i) < cost(best)) best = i;
  }
  return best;
}

std::size_t Balancer::first_that_works(MonoTime now) const {
  const auto first = [&](auto&& works) {
    return std::find_if(members_.begin(), members_.end(), [&](std::uint16_t i) { return works(entries_[i].health); });
  };
  auto found = first([&](const ServerHealth& health) { return health.is_trusted(now); });
  if (found != members_.end()) return *found;
  if (!entries_[chosen_].health.is_down()) return chosen_;
  found = first([](const ServerHealth& health) { return !health.is_down(); });
  return found != members_.end() ? *found : chosen_;
}

std::string Balancer::move_to(std::size_t server, const std::string& why) {
  std::string line = fmt::format("{} go to {} instead of {}: {}", carries_, entries_[server].candidate.name,
                                 entries_[chosen_].candidate.name, why);
  chosen_ = server;
  better_since_.reset();
  return line;
}

std::optional<std::string> Balancer::connected(std::size_t server, Duration took, MonoTime now) {
  if (is_alone()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[server];
  const bool was_slow = entry.health.is_slow();
  if (entry.health.connected(took, now)) return taken_back(entry);
  if (!was_slow || entry.health.is_slow()) return std::nullopt;
  return fmt::format("{} wait for {} again: it was there in {} ms", carries_, entry.candidate.name,
                     std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
}

std::optional<std::string> Balancer::gave_up(std::size_t server) {
  if (is_alone()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[server];
  if (entry.health.is_slow() || entry.health.is_down()) return std::nullopt;
  entry.health.gave_up();
  return fmt::format("{} try {} last for now: it was not there within {} ms", carries_, entry.candidate.name,
                     std::chrono::duration_cast<std::chrono::milliseconds>(entry.health.patience()).count());
}

void Balancer::measured(std::size_t server, Duration took) {
  if (is_alone()) return;
  const std::lock_guard lock(mutex_);
  entries_[server].health.measured(took);
}

std::optional<std::string> Balancer::worked(std::size_t server, MonoTime now) {
  if (is_alone()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[server];
  return entry.health.worked(now) ? taken_back(entry) : std::nullopt;
}

std::optional<std::string> Balancer::failed(std::size_t server, net::DialCause cause, MonoTime now) {
  if (is_alone() || is_ours(cause)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[server];
  if (!entry.health.failed(now)) return std::nullopt;
  return left_out(entry, std::string(net::name_of(cause)));
}

std::optional<std::string> Balancer::closed_early(std::size_t server, MonoTime now) {
  if (is_alone()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[server];
  entry.doubted.store(true, std::memory_order_relaxed);
  if (!entry.health.closed_early(now)) return std::nullopt;
  return left_out(entry, "it ends connections without an answer");
}

std::optional<std::string> Balancer::silent(std::size_t server, MonoTime now) {
  if (is_alone()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[server];
  if (!entry.health.silent(now)) return std::nullopt;
  return left_out(entry, "it takes connections and does not answer");
}

void Balancer::answered(std::size_t server) {
  Entry& entry = entries_[server];
  if (!entry.doubted.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(mutex_);
  entry.doubted.store(false, std::memory_order_relaxed);
  entry.health.answered();
}

std::optional<std::string> Balancer::left_out(Entry& entry, std::string fault) {
  entry.fault = std::move(fault);
  // Where one server is chosen, the next order tells where its traffic goes instead.
  if (has_chosen()) return std::nullopt;
  return fmt::format("{} go past {} for now: {}", carries_, entry.candidate.name, entry.fault);
}

std::optional<std::string> Balancer::taken_back(const Entry& entry) const {
  if (has_chosen()) return std::nullopt;
  return fmt::format("{} go to {} again: it works", carries_, entry.candidate.name);
}

}  // namespace ss::local
