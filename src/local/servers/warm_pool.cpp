#include "servers/warm_pool.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ss/net/dial_control.hpp"
#include "ss/relay/connect.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::local {

using namespace std::chrono_literals;
using net::Side;
using net::WaitOutcome;

namespace {

/// How often old ones are looked for, and how late one may go.
constexpr Duration kTick = 2s;

/// Ends within this time have one cause.
constexpr Duration kOneEnd = 1s;
/// Having waited for so long, a connection shows that the server lets connections wait.
constexpr Duration kLasted = 20s;

constexpr Duration kFirstPause = 1s;
constexpr Duration kLongestPause = 60s;

/// A dial that takes longer than four times the last one's time, within these limits, is taken to come to nothing.
constexpr Duration kLeastUsual = 300ms;
constexpr Duration kMostUsual = 1s;

constexpr Duration kLookEvery = 1s;
/// The clock that runs through sleep is ahead of the other by so much more than before: the machine has slept.
constexpr Duration kSlept = 1s;

}  // namespace

/// A connection that waits, watched for its end. Owner: the list. Threads: the worker's.
class WarmPool::Held final : public net::Waiter {
 public:
  Held(WarmPool& pool, std::unique_ptr<net::Stream> stream, MonoTime since)
      : pool_(pool), stream_(std::move(stream)), since_(since) {
    stream_->wait(Side::read, *this);
  }

  [[nodiscard]] Duration age(MonoTime now) const { return now - since_; }
  [[nodiscard]] bool is_leaving() const { return leaving_; }
  /// Ends the watch, soon; then the stream goes to `taker`, or is closed where that is null.
  void leave(Taking* taker) {
    leaving_ = true;
    taker_ = taker;
    stream_->cancel();
  }
  [[nodiscard]] Taking* taker() const { return taker_; }
  [[nodiscard]] std::unique_ptr<net::Stream> release() { return std::move(stream_); }

 private:
  void complete(WaitOutcome outcome) override { pool_.completed(*this, outcome); }

  WarmPool& pool_;
  std::unique_ptr<net::Stream> stream_;
  MonoTime since_;
  Taking* taker_ = nullptr;
  bool leaving_ = false;
};

/// The list of one run of `keep`, and the way to wake that up.
class WarmPool::Keeping final : private net::DialControl::Target {
 public:
  Keeping(WarmPool& pool, relay::LiveSession& session) : pool_(pool), session_(session) {
    pool_.held_ = &list;
    control_.set_target(this);
  }
  Keeping(const Keeping&) = delete;
  Keeping& operator=(const Keeping&) = delete;
  ~Keeping() {
    pool_.held_ = nullptr;
    pool_.nap_ = nullptr;
    session_.dial = nullptr;
  }

  /// Lets the session's stop end the next nap.
  void be_woken() { session_.dial = &control_; }

  HeldList list;

 private:
  void start_cancel() noexcept override { pool_.wake_keeper(); }

  WarmPool& pool_;
  relay::LiveSession& session_;
  net::DialControl control_;
};

WarmPool::WarmPool(relay::Environment& env, const WarmRules& rules, Dialled dialled)
    : env_(env), rules_(rules), dialled_(std::move(dialled)), next_pause_(kFirstPause) {}

void WarmPool::asked() {
  if (rules_.size == 0U) return;
  demand_.note(now());
  asked_at_ = now();
  refill();
}

void WarmPool::connected_cold(Duration took) {
  if (rules_.size == 0U) return;
  connect_time_ = took;
  refill();
}

std::size_t WarmPool::wanted(MonoTime now) {
  if (now < resting_until_ || !asked_at_) return 0;
  if (rules_.size) return now - *asked_at_ < kFixedFor ? *rules_.size : 0;
  return connect_time_ < rules_.worth_it ? 0 : std::min<std::size_t>(demand_.peak(now), kMost);
}

void WarmPool::refill() {
  if (size() >= wanted(now())) return;
  if (held_) {
    wake_keeper();
  } else {
    env_.spawner.spawn(keep());
  }
}

net::Task<> WarmPool::keep() {
  relay::LiveSession session(env_.sessions);
  Keeping keeping(*this, session);
  while (!session.stopping()) {
    retire();
    const std::size_t most = wanted(now());
    if (keeping.list.size() < most && now() >= paced_until_) {
      co_await dial_one(session);
      continue;
    }
    if (keeping.list.empty() && most == 0) break;
    net::Sleep nap(env_.timers, kTick);
    nap_ = &nap;
    keeping.be_woken();
    co_await nap;
    nap_ = nullptr;
  }
  drop();
  while (!keeping.list.empty()) {
    net::Sleep nap(env_.timers, kTick);
    nap_ = &nap;
    co_await nap;
    nap_ = nullptr;
  }
}

net::Task<> WarmPool::dial_one(relay::LiveSession& session) {
  const MonoTime begun = now();
  dialling_since_ = begun;
  net::DialResult result = co_await relay::connect(env_, session, rules_.server, rules_.dial, rules_.ipv6_first);
  dialling_since_.reset();
  if (result.cause == net::DialCause::cancelled) co_return;
  const Duration took = now() - begun;
  if (dialled_) dialled_(result, took);
  if (result.stream) {
    connect_time_ = took;
    next_pause_ = kFirstPause;
    hold(std::move(result.stream));
  } else {
    resting_until_ = now() + std::exchange(next_pause_, std::min<Duration>(2 * next_pause_, kLongestPause));
    drop();
  }
}

bool WarmPool::dials_in_vain() const {
  const Duration usual = std::clamp<Duration>(4 * connect_time_, kLeastUsual, kMostUsual);
  return dialling_since_ && now() - *dialling_since_ > usual;
}

void WarmPool::hold(std::unique_ptr<net::Stream> stream) {
  if (size() > 0 && has_changed_networks()) drop();
  if (size() == 0) look_at_network(stream->peer_endpoint());
  held_->push_back(std::make_unique<Held>(*this, std::move(stream), now()));
}

void WarmPool::retire() {
  for (const std::unique_ptr<Held>& held : *held_) {
    if (held->is_leaving() || held->age(now()) < kOldest) continue;
    note_lasted();
    held->leave(nullptr);
  }
}

WarmPool::Held* WarmPool::oldest() {
  if (!held_) return nullptr;
  const auto found = std::find_if(held_->begin(), held_->end(), [&](const std::unique_ptr<Held>& held) {
    return !held->is_leaving() && held->age(now()) < kOldest;
  });
  return found == held_->end() ? nullptr : found->get();
}

bool WarmPool::has_some() {
  if (!oldest() || dials_in_vain()) return false;
  if (!has_changed_networks()) return true;
  drop();
  return false;
}

WarmPool::Taking WarmPool::take() {
  return Taking(*this);
}

bool WarmPool::Taking::await_ready() {
  held_ = pool_.oldest();
  return held_ == nullptr;
}

void WarmPool::Taking::await_suspend(std::coroutine_handle<> taker) {
  taker_ = taker;
  held_->leave(this);
}

void WarmPool::drop() {
  if (!held_) return;
  for (const std::unique_ptr<Held>& held : *held_) {
    if (!held->is_leaving()) held->leave(nullptr);
  }
}

void WarmPool::wake_keeper() {
  if (nap_) nap_->cancel();
}

void WarmPool::completed(Held& held, WaitOutcome outcome) {
  Taking* const taker = held.taker();
  std::unique_ptr<net::Stream> stream = held.release();
  const bool lasted = held.age(now()) >= kLasted;
  const bool wanted_to_leave = held.is_leaving();
  std::erase_if(*held_, [&](const std::unique_ptr<Held>& each) { return each.get() == &held; });
  wake_keeper();
  if (!wanted_to_leave || (taker && (outcome == WaitOutcome::ready || !is_untouched(*stream)))) {
    note_end();
    stream.reset();
  } else if (taker && lasted) {
    note_lasted();
  }
  if (!taker) return;
  taker->stream_ = std::move(stream);
  taker->taker_.resume();
}

void WarmPool::note_end() {
  // Or one that is ended at once would be dialled again as fast as the path allows.
  paced_until_ = now() + kOneEnd;
  if (ends_ > 0 && now() - last_end_ < kOneEnd) return;
  last_end_ = now();
  if (++ends_ < kEnds) return;
  ends_ = 0;
  const Duration rest = std::exchange(next_rest_, std::min<Duration>(2 * next_rest_, kLongestRest));
  resting_until_ = now() + rest;
  telemetry::log_info("{} ends connections that wait: none are kept ready for the next {} min", rules_.name,
                      std::chrono::duration_cast<std::chrono::minutes>(rest).count());
  drop();
}

void WarmPool::note_lasted() {
  ends_ = 0;
  next_rest_ = kFirstRest;
}

void WarmPool::look_at_network(const Endpoint& server) {
  towards_ = server;
  source_ = rules_.source ? rules_.source(server) : std::nullopt;
  slept_ = env_.clock.since_boot() - now().time_since_epoch();
  looked_ = now();
}

bool WarmPool::has_changed_networks() {
  if (!towards_ || now() - looked_ < kLookEvery) return false;
  const std::optional<IpAddress> source = source_;
  const Duration slept = slept_;
  look_at_network(*towards_);
  return source_ != source || slept_ - slept > kSlept;
}

bool is_untouched(net::Stream& stream) {
  std::array<std::uint8_t, 1> byte;
  return stream.try_read(Bytes(byte)).status == net::IoStatus::blocked;
}

}  // namespace ss::local
