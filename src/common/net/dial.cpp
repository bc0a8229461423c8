#include "ss/net/dial.hpp"

#include <cerrno>
#include <coroutine>
#include <utility>

#include "bell.hpp"

namespace ss::net {
namespace {

/// Whether a connect that fails so has not come as far as a program of the other end.
bool is_from_before(int error) {
  if (error == ECONNREFUSED) return true;
  switch (cause_of(error)) {
    case DialCause::ttl_expired:
    case DialCause::host_unreachable:
    case DialCause::network_unreachable:
    case DialCause::not_permitted:
      return true;
    default:
      return false;
  }
}

/// One connection under way. Whatever completes resumes the race, which then looks at all of its attempts.
struct Attempt final : CoroutineWaiter {
  Attempt(DialStart start, std::coroutine_handle<> race) : stream(std::move(start.stream)), sent(start.sent) {
    waiting_ = race;
  }
  [[nodiscard]] bool pending() const { return static_cast<bool>(waiting_); }
  [[nodiscard]] int verdict() const { return outcome_ == WaitOutcome::ready ? stream->finish_connect() : ECANCELED; }

  std::unique_ptr<Stream> stream;  ///< null once it has failed or won
  const std::size_t sent;
};

/// The attempts of one dial. Only `self`, the dial's coroutine, calls it, and only while it runs; every event resumes
/// that.
class Race final : public DialControl::Target {
 public:
  Race(Dialer& dialer, Timers& timers, std::size_t most, DialControl* control, std::coroutine_handle<> self)
      : dialer_(dialer), timers_(timers), control_(control), self_(self), limit_(self) {
    attempts_.reserve(most);
    if (control_) control_->set_target(this);
  }
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;
  ~Race() {
    if (control_) control_->set_target(nullptr);
  }

  void start_limit(Duration after) { limit_.set(timers_, after); }
  [[nodiscard]] bool cancelled() const { return control_ && control_->cancelled(); }
  [[nodiscard]] bool out_of_time() const { return limit_.rang(); }

  /// @return whether the attempt is under way; otherwise its failure is noted.
  bool begin(const Endpoint& to, const DialOptions& options) {
    DialStart start = dialer_.begin(to, {pending() ? ConstBytes() : options.first, options.tell_ttl});
    if (!start.stream) {
      note(start.error);
      return false;
    }
    Attempt& attempt = attempts_.emplace_back(std::move(start), self_);
    attempt.stream->wait(Side::write, attempt);
    return true;
  }

  /// Takes in what has completed: the first success becomes the result, failures are noted and closed.
  /// @return whether an attempt has failed.
  bool collect() {
    bool failed = false;
    for (Attempt& attempt : attempts_) {
      if (!attempt.stream || attempt.pending() || result_.stream) continue;
      if (const int error = attempt.verdict()) {
        note(error);
        spent_first_ = spent_first_ || (attempt.sent > 0 && !is_from_before(error));
        attempt.stream.reset();
        failed = true;
      } else {
        result_ = {std::move(attempt.stream), DialCause::connected, 0, {}, attempt.sent};
        result_.bound = result_.stream->local_endpoint();
      }
    }
    return failed;
  }

  [[nodiscard]] bool won() const { return result_.stream != nullptr; }
  /// Whether a failed attempt may have given its bytes to a program: a second one must not get them too.
  [[nodiscard]] bool has_spent_first() const { return spent_first_; }
  /// Whether the newest attempt may be joined by another: none of its bytes could be the second copy.
  [[nodiscard]] bool may_be_joined() const { return attempts_.back().sent == 0; }
  [[nodiscard]] bool pending() const {
    for (const Attempt& attempt : attempts_) {
      if (attempt.pending()) return true;
    }
    return false;
  }

  /// Ends what is left. Streams may not go before their waits have completed, which they now do soon.
  void reset_others() {
    limit_.stop();
    for (Attempt& attempt : attempts_) {
      if (attempt.stream) attempt.stream->reset();
    }
  }

  void note(int error) {
    const DialCause cause = cause_of(error);
    if (result_.error == 0 || cause < result_.cause) {
      result_.cause = cause;
      result_.error = error;
    }
  }
  DialResult take() { return std::move(result_); }

 private:
  void start_cancel() noexcept override { start_limit(Duration::zero()); }

  Dialer& dialer_;
  Timers& timers_;
  DialControl* control_;
  std::coroutine_handle<> self_;
  Bell limit_;
  std::vector<Attempt> attempts_;  ///< never reallocated: streams point at their waiters
  DialResult result_;
  bool spent_first_ = false;
};

}  // namespace

Task<DialResult> dial(Dialer& dialer, Timers& timers, std::vector<Endpoint> endpoints, DialOptions options,
                      DialControl* control) {
  const std::coroutine_handle<> self = co_await OwnHandle{};
  Race race(dialer, timers, endpoints.size(), control, self);
  Bell stagger(self);
  race.start_limit(options.connect_timeout);

  std::size_t next = 0;
  bool begin = true;
  while (!race.cancelled()) {
    bool began = false;
    while (begin && !began && next < endpoints.size()) began = race.begin(endpoints[next++], options);
    if (began && next < endpoints.size() && race.may_be_joined()) stagger.set(timers, options.attempt_delay);
    if (!race.pending() && next == endpoints.size()) break;

    co_await std::suspend_always{};
    begin = race.collect() || stagger.rang();
    if (race.won() || race.has_spent_first()) break;
    if (race.out_of_time() && !race.cancelled()) {
      race.note(ETIMEDOUT);
      break;
    }
  }

  stagger.stop();
  race.reset_others();
  while (race.pending()) co_await std::suspend_always{};
  DialResult result = race.take();
  if (race.cancelled()) {
    if (result.stream) result.stream->reset();
    result = {nullptr, DialCause::cancelled, ECANCELED, {}, 0};
  }
  if (endpoints.empty()) result.error = EDESTADDRREQ;
  co_return result;
}

std::vector<Endpoint> interleave(const std::vector<IpAddress>& addresses, std::uint16_t port, bool ipv6_first) {
  std::vector<Endpoint> ordered;
  ordered.reserve(addresses.size());
  const auto next_of = [&](std::size_t from, bool v6) {
    while (from < addresses.size() && addresses[from].is_v6() != v6) ++from;
    return from;
  };
  std::size_t preferred = next_of(0, ipv6_first);
  std::size_t other = next_of(0, !ipv6_first);
  while (ordered.size() < addresses.size()) {
    if (preferred < addresses.size()) {
      ordered.push_back({addresses[preferred], port});
      preferred = next_of(preferred + 1, ipv6_first);
    }
    if (other < addresses.size()) {
      ordered.push_back({addresses[other], port});
      other = next_of(other + 1, !ipv6_first);
    }
  }
  return ordered;
}

}  // namespace ss::net
