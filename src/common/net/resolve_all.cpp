#include "ss/net/resolve_all.hpp"

#include <coroutine>
#include <utility>

#include "bell.hpp"

namespace ss::net {
namespace {

/// The pause that ends a look-up: for the slower family, or for a cancel.
class Patience final : public DialControl::Target {
 public:
  Patience(Timers& timers, DialControl* control, std::coroutine_handle<> self)
      : timers_(timers), control_(control), bell_(self) {
    if (control_) control_->set_target(this);
  }
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;
  ~Patience() {
    if (control_) control_->set_target(nullptr);
  }
  void end_in(Duration after) {
    if (!bell_.running()) bell_.set(timers_, after);
  }
  [[nodiscard]] bool over() const { return bell_.rang() || cancelled(); }
  [[nodiscard]] bool cancelled() const { return control_ && control_->cancelled(); }

 private:
  void start_cancel() noexcept override { bell_.set(timers_, Duration::zero()); }

  Timers& timers_;
  DialControl* control_;
  Bell bell_;
};

/// One family's share. A family that is not wanted counts as answered with nothing.
struct Share {
  void ask(bool wanted, Resolver& resolver, const std::string& name, Family family, std::coroutine_handle<> self) {
    asked = wanted;
    if (wanted) question.ask(resolver, name, family, self);
  }
  [[nodiscard]] bool pending() const { return question.pending(); }
  [[nodiscard]] bool found() { return asked && !pending() && question.answer().status == ResolveStatus::found; }
  void add_to(ResolveAnswer& answer) {
    if (found()) {
      std::vector<IpAddress>& addresses = question.answer().addresses;
      answer.addresses.insert(answer.addresses.end(), addresses.begin(), addresses.end());
      answer.status = ResolveStatus::found;
    } else if (asked && !pending() && answer.status == ResolveStatus::not_found) {
      answer.status = question.answer().status;
    }
  }

  Question question;
  bool asked = false;
};

}  // namespace

Task<ResolveAnswer> resolve_all(Resolver& resolver, Timers& timers, std::string name, ResolveOptions options,
                                DialControl* control) {
  const std::coroutine_handle<> self = co_await OwnHandle{};
  Patience patience(timers, control, self);
  Share v6;
  Share v4;
  v6.ask(options.v6 && !patience.cancelled(), resolver, name, Family::v6, self);
  v4.ask(options.v4 && !patience.cancelled(), resolver, name, Family::v4, self);

  while ((v6.pending() || v4.pending()) && !patience.over()) {
    if (v6.found() || v4.found()) patience.end_in(options.resolution_delay);
    co_await std::suspend_always{};
  }
  ResolveAnswer answer{ResolveStatus::not_found, {}};
  if (patience.cancelled()) {
    answer.status = ResolveStatus::failed;
  } else {
    v6.add_to(answer);
    v4.add_to(answer);
  }
  co_return answer;
}

}  // namespace ss::net
