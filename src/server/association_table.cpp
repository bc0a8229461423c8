#include "association_table.hpp"

#include <utility>

#include "ss/base/assert.hpp"

namespace ss::server {

using namespace std::chrono_literals;

namespace {

/// An association goes at most this much late.
constexpr Duration kSweepEvery = 1s;

void mix(std::size_t& hash, std::uint64_t word) {
  // The finaliser of splitmix64: keys come from authenticated packets alone, so no secret is needed.
  std::uint64_t x = hash + word + 0x9E3779B97F4A7C15;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
  x = (x ^ x >> 27) * 0x94D049BB133111EB;
  hash = static_cast<std::size_t>(x ^ x >> 31);
}

}  // namespace

std::size_t AssociationKeyHash::operator()(const AssociationKey& key) const noexcept {
  std::size_t hash = key.user;
  mix(hash, key.session_id);
  if (key.session_id != 0) return hash;
  std::uint64_t word = key.client.port;
  for (const std::uint8_t byte : key.client.address.bytes()) {
    word = word << 8 | byte;
    if (word >> 48 != 0) mix(hash, std::exchange(word, 0));
  }
  mix(hash, word);
  return hash;
}

AssociationTable::AssociationTable(net::Timers& timers, AssociationCounts& counts, const AssociationLimits& limits,
                                   telemetry::Counter& gauge, std::function<void(Association&)> fell_asleep,
                                   std::function<void(Association&)> removed)
    : timers_(timers),
      counts_(counts),
      limits_(limits),
      gauge_(gauge),
      fell_asleep_(std::move(fell_asleep)),
      removed_(std::move(removed)),
      of_user_(counts.of_user.size()),
      asleep_of_user_(counts.of_user.size()),
      sweep_(*this) {}

AssociationTable::~AssociationTable() {
  remove_all();
}

std::shared_ptr<Association> AssociationTable::find(const AssociationKey& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : *found;
}

bool AssociationTable::insert(const std::shared_ptr<Association>& association) {
  if (!make_room(association->session.user())) return false;
  [[maybe_unused]] const bool fresh = by_key_.insert(association).second;
  SS_ASSERT(fresh);
  wake(*association);
  if (!sweep_.running()) timers_.start(sweep_, kSweepEvery);
  return touch(*association, timers_.now());
}

bool AssociationTable::touch(Association& association, MonoTime now) {
  if (!association.awake_) {
    if (!make_room(association.key.user)) return false;
    stop_counting_asleep(association);
    wake(association);
  }
  association.last_packet = now;
  of_user_[association.session.user()].push_back(association);
  (association.only_dns ? dns_ : others_).push_back(association);
  return true;
}

void AssociationTable::remove_all() {
  while (!by_key_.empty()) remove(**by_key_.begin());
}

bool AssociationTable::make_room(std::size_t user) {
  const bool many_users = counts_.of_user.size() > 1;
  if (many_users && counts_.of_user[user].load(std::memory_order_relaxed) >= limits_.of_user) {
    if (of_user_[user].empty() || !may_sleep(user)) return false;
    retire(of_user_[user].front(), timers_.now());
  }
  if (counts_.total.load(std::memory_order_relaxed) >= limits_.total) {
    Association* const oldest = !dns_.empty() ? &dns_.front() : !others_.empty() ? &others_.front() : nullptr;
    if (oldest == nullptr || !may_sleep(oldest->session.user())) return false;
    retire(*oldest, timers_.now());
  }
  return true;
}

bool AssociationTable::may_sleep(std::size_t user) const {
  if (limits_.window == Duration::zero()) return true;
  const bool many_users = counts_.of_user.size() > 1;
  return asleep_total_ < limits_.total && (!many_users || asleep_of_user_[user] < limits_.of_user);
}

void AssociationTable::wake(Association& association) {
  association.awake_ = true;
  of_user_[association.session.user()].push_back(association);
  counts_.total.fetch_add(1, std::memory_order_relaxed);
  counts_.of_user[association.session.user()].fetch_add(1, std::memory_order_relaxed);
  gauge_.add();
}

void AssociationTable::retire(Association& association, MonoTime now) {
  if (now - association.last_packet >= limits_.window) return remove(association);
  stop_counting(association);
  ++asleep_total_;
  ++asleep_of_user_[association.session.user()];
  asleep_.push_back(association);
  fell_asleep_(association);
}

void AssociationTable::remove(Association& association) {
  const auto node = by_key_.extract(by_key_.find(association.key));
  const std::shared_ptr<Association>& gone = node.value();
  if (gone->awake_) {
    stop_counting(*gone);
    fell_asleep_(*gone);
  } else {
    stop_counting_asleep(*gone);
  }
  Queue::take_out(*gone);
  removed_(*gone);
}

void AssociationTable::stop_counting(Association& association) {
  association.awake_ = false;
  UserQueue::take_out(association);
  counts_.total.fetch_sub(1, std::memory_order_relaxed);
  counts_.of_user[association.session.user()].fetch_sub(1, std::memory_order_relaxed);
  gauge_.sub();
}

void AssociationTable::stop_counting_asleep(const Association& association) {
  --asleep_total_;
  --asleep_of_user_[association.session.user()];
}

void AssociationTable::expire(Queue& queue, Duration limit, MonoTime now) {
  while (!queue.empty() && now - queue.front().last_packet >= limit) remove(queue.front());
}

void AssociationTable::sweep() noexcept {
  const MonoTime now = timers_.now();
  expire(dns_, limits_.idle_dns, now);
  expire(others_, limits_.idle, now);
  expire(asleep_, limits_.window, now);
  if (!by_key_.empty()) timers_.start(sweep_, kSweepEvery);
}

}  // namespace ss::server
