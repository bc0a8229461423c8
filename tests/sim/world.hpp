#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string_view>

#include "ss/base/clock.hpp"
#include "ss/base/entropy.hpp"

namespace ss::sim {

/// What is done to one I/O step of a run.
enum class Fault : std::uint8_t {
  none,
  ended,           ///< the peer has shut its write half, here and now
  reset,           ///< ECONNRESET
  broken_pipe,     ///< EPIPE
  timed_out,       ///< ETIMEDOUT
  unreachable,     ///< EHOSTUNREACH
  network_down,    ///< ENETDOWN
  no_buffers,      ///< ENOBUFS
  no_descriptors,  ///< EMFILE where something is opened
  short_step,      ///< one byte moves, whatever could
  nothing_there,   ///< a wake-up for nothing: the attempt blocks
  late,            ///< a completion comes 2 s late
  flipped,  ///< one bit of what was read changes; only on the wire between the two programs, else nothing happens
  // What befalls the first datagram that a step sends.
  lost,       ///< it does not arrive
  refused,    ///< it does not, and an ICMP error comes back
  doubled,    ///< it comes twice
  reordered,  ///< those behind it pass it
  too_long,   ///< EMSGSIZE
  // What befalls a run as a whole, whatever its step was about: the run's own doing (World::when_struck).
  roamed,    ///< ss-local has another address from now on
  departed,  ///< an application shuts its connection
  vanished,  ///< an application resets its connection
};
inline constexpr Fault kLastStreamFault = Fault::flipped;
inline constexpr Fault kLastFault = Fault::vanished;
std::string_view name_of(Fault fault);
/// The errno of a fault that is one, else 0.
int errno_of(Fault fault);

/// How many bytes one attempt moves; with datagrams, how many of them one receive hands over.
enum class Split : std::uint8_t { whole, one_byte, random };

/// Which fault strikes at which I/O step, counted over the whole run.
struct FaultPlan {
  std::uint64_t step = ~std::uint64_t{0};
  Fault fault = Fault::none;
};

/// Virtual time, the queue of what happens next, and the seed behind every choice. Same seed, same trace.
///
/// Owner: the run. Threads: one.
class World final : public Clock, public Entropy {
 public:
  World(std::uint64_t seed, Split split, FaultPlan plan) : split_(split), plan_(plan), random_(seed) {}

  [[nodiscard]] MonoTime now() const override { return now_; }
  [[nodiscard]] UnixSeconds unix_now() const override {
    return 1'700'000'000 +
           static_cast<UnixSeconds>(std::chrono::duration_cast<std::chrono::seconds>(now_.time_since_epoch()).count());
  }
  [[nodiscard]] Duration since_boot() const override { return now_.time_since_epoch(); }
  void fill(Bytes out) override {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random_());
  }

  /// Runs `event` after `delay`; what is due at the same time runs in the order in which it was asked for.
  void after(Duration delay, std::function<void()> event);
  /// Runs events until none is left or `limit` of virtual time has gone by. @return whether none is left.
  bool run(Duration limit);

  /// A small delay, as of a kernel or a wire.
  Duration some_delay();
  /// Counts one I/O step. @return what strikes it.
  Fault step();
  /// Called with the planned fault at the step that it strikes, from inside of that step.
  std::function<void(Fault)> when_struck;
  /// Called after every event.
  std::function<void()> after_event;
  /// How many of `possible` bytes, or datagrams of a batch (>= 1), this attempt moves.
  std::size_t portion(std::size_t possible);
  /// Whether something of this chance happens. A chance of 0 leaves every later choice as it was.
  bool chance(std::uint32_t thousandths);
  /// Any of 0 .. limit - 1.
  /// @pre  limit > 0
  std::size_t below(std::size_t limit);
  /// Folds one number into the trace.
  void note(std::uint64_t what) { trace_ = (trace_ ^ what) * 0x100000001b3ULL; }

  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  /// Whether the planned fault has struck.
  [[nodiscard]] bool struck() const { return steps_ > plan_.step && plan_.fault != Fault::none; }
  /// Every event's time, every portion and what became of every datagram, folded into one number.
  [[nodiscard]] std::uint64_t trace() const { return trace_; }

 private:
  Split split_;
  FaultPlan plan_;
  std::mt19937_64 random_;
  MonoTime now_{};
  std::uint64_t asked_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t trace_ = 0xcbf29ce484222325ULL;
  std::map<std::pair<MonoTime, std::uint64_t>, std::function<void()>> events_;
};

}  // namespace ss::sim
