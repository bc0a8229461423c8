#include "association_table.hpp"

#include <algorithm>
#include <utility>

#include "ss/base/assert.hpp"

namespace ss::server {

using namespace std::chrono_literals;

namespace {

/// An association goes at most this much late.
constexpr Duration kSweepEvery = 1s;

/// How long a DNS association is left alone where another one has to go: by then its answer has come, or none will.
constexpr Duration kAnswerTime = 5s;

}  // namespace

std::size_t AssociationKeyHash::operator()(const AssociationKey& of) const noexcept {
  std::array<std::uint8_t, 8 + 8 + 2 + 16> text{};
  ByteWriter writer(text);
  writer.u64be(of.user).u64be(of.session_id).u16be(of.client.port);
  if (of.session_id == 0) writer.bytes(of.client.address.bytes());
  return static_cast<std::size_t>(cipher::siphash(key, writer.written()));
}

AssociationTable::AssociationTable(net::Timers& timers, AssociationCounts& counts, const AssociationLimits& limits,
                                   telemetry::Counter& gauge, std::function<void(Association&)> fell_asleep,
                                   std::function<void(Association&)> removed, const AssociationKeyHash& hash)
    : timers_(timers),
      counts_(counts),
      limits_(limits),
      gauge_(gauge),
      fell_asleep_(std::move(fell_asleep)),
      removed_(std::move(removed)),
      by_key_(0, Hash{{}, hash}),
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
    if (!make_room(association.session.user())) return false;
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
  const MonoTime now = timers_.now();
  return make_room_of_user(user, now) && make_room_in_all(now);
}

bool AssociationTable::make_room_of_user(std::size_t user, MonoTime now) {
  const bool many_users = counts_.of_user.size() > 1;
  if (!many_users || counts_.of_user[user].load(std::memory_order_relaxed) < limits_.of_user) return true;
  // The others of his are on other workers: they give way there when their turn comes.
  if (of_user_[user].empty()) return true;
  Association& oldest = of_user_[user].front();
  if (!expired(oldest, now) && asleep_of_user_[user] >= limits_.of_user) return false;
  if (!expired(oldest, now) && asleep_total_ >= limits_.total) return false;
  retire(oldest, now);
  return true;
}

bool AssociationTable::make_room_in_all(MonoTime now) {
  // Two for one where others have taken in more than their shares allow, so that the sum comes back to the limit.
  const std::uint32_t share = std::max<std::uint32_t>(1, limits_.total / limits_.tables);
  for (int gone = 0; gone < 2; ++gone) {
    if (counts_.total.load(std::memory_order_relaxed) < limits_.total) return true;
    if (limits_.tables > 1 && awake_here_ < share) return true;
    Association* const oldest = first_to_go(now);
    if (oldest == nullptr) return false;
    if (!expired(*oldest, now) && asleep_total_ >= limits_.total) return false;
    retire(*oldest, now);
  }
  return true;
}

Association* AssociationTable::first_to_go(MonoTime now) const {
  if (dns_.empty()) return others_.empty() ? nullptr : &others_.front();
  Association& dns = dns_.front();
  if (others_.empty() || now - dns.last_packet >= kAnswerTime) return &dns;
  return dns.last_packet < others_.front().last_packet ? &dns : &others_.front();
}

bool AssociationTable::expired(const Association& association, MonoTime now) const {
  return now - association.last_packet >= limits_.window;
}

void AssociationTable::wake(Association& association) {
  association.awake_ = true;
  ++awake_here_;
  of_user_[association.session.user()].push_back(association);
  counts_.total.fetch_add(1, std::memory_order_relaxed);
  counts_.of_user[association.session.user()].fetch_add(1, std::memory_order_relaxed);
  gauge_.add();
}

void AssociationTable::retire(Association& association, MonoTime now) {
  if (expired(association, now)) return remove(association);
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
  --awake_here_;
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
