#pragma once

#include <cstdint>
#include <optional>

#include "ss/base/clock.hpp"

namespace ss::local {

/// What connections to one server, and probes of it, have shown: how soon it answers, and whether it works.
///
/// A server that fails twice in a row is down: it is tried again after a pause, which doubles each time. When it comes
/// back it is on probation: one failure is enough, and nothing returns to it that goes elsewhere by now. One that a
/// connection did not wait for to the end is slow until another one comes about in time: it comes after the others and
/// is probed, and one failure is enough.
/// Owner: the balancer. Threads: none.
class ServerHealth {
 public:
  static constexpr Duration kFirstPause = std::chrono::seconds(1);
  static constexpr Duration kLongestPause = std::chrono::seconds(60);
  /// On probation for so long.
  static constexpr Duration kProbation = std::chrono::seconds(30);
  /// What fails again within this time goes on with its pause where it was.
  static constexpr Duration kRelapse = std::chrono::minutes(5);
  static constexpr unsigned kFailures = 2;
  /// Streams that it ends without a word one after another: a stock server does that too where the target is at fault.
  static constexpr unsigned kEarlyCloses = 8;

  /// A connection came about.
  /// @return whether the server was down until now.
  bool connected(Duration took, MonoTime now) {
    measured(took);
    if (took <= patience()) slow_ = false;
    return worked(now);
  }
  /// How long something took that says nothing of whether the server works for this.
  void measured(Duration took);
  /// It did what it is for. @return whether it was down until now.
  bool worked(MonoTime now);
  /// @return whether that brought it down. While it is down, the pause grows where it was tried after its end.
  bool failed(MonoTime now);
  /// A connection did not wait for it to the end, since another server may be there sooner.
  void gave_up();
  /// A stream that it had taken ended without a byte. @return whether that brought it down.
  bool closed_early(MonoTime now);
  /// One that always answers in time did not. @return whether that brought it down.
  bool silent(MonoTime now);
  /// It said something.
  void answered() { early_ = 0; }
  /// The pause is over and nobody probes: it counts as back, on probation. At other times nothing happens.
  void try_again(MonoTime now);

  [[nodiscard]] bool is_down() const { return down_; }
  [[nodiscard]] bool is_slow() const { return slow_; }
  /// Whether it is neither down, nor slow, nor on probation.
  [[nodiscard]] bool is_trusted(MonoTime now) const { return !down_ && !slow_ && !is_on_probation(now); }
  /// Whether a probe of it is due: it is down and its pause is over, it is slow or on probation, or nothing was heard
  /// of it for `every` (0: that alone is no reason). From then on it is not, until the probe's result is told or is
  /// overdue.
  bool take_probe(MonoTime now, Duration every);

  /// Whether any result was told yet.
  [[nodiscard]] bool was_heard() const { return heard_.has_value(); }
  /// How long a connection takes, in milliseconds, over the last few; nothing where none came about.
  [[nodiscard]] std::optional<double> milliseconds() const { return measured_ ? std::optional(ms_) : std::nullopt; }
  /// The same, but the more, the more often it failed lately: the smaller, the better.
  /// @pre  milliseconds()
  [[nodiscard]] double score() const { return ms_ * (1 + 4 * failing_); }
  /// How long to wait for it before another server is tried.
  [[nodiscard]] Duration patience() const;

 private:
  [[nodiscard]] bool is_on_probation(MonoTime now) const { return back_ && now - *back_ < kProbation; }
  void go_down(MonoTime now);

  double ms_ = 0;
  double failing_ = 0;  // 0..1: the share of the last few that failed
  bool measured_ = false;
  bool down_ = false;
  bool slow_ = false;
  bool slow_probed_ = false;  // it is slow, and was probed since
  std::uint8_t failures_ = 0;
  std::uint8_t early_ = 0;
  Duration pause_{};
  MonoTime tried_again_{};           // when the pause ends
  std::optional<MonoTime> heard_;    // the last result, of whatever kind
  std::optional<MonoTime> back_;     // since when it is up, after it was down
  std::optional<MonoTime> probing_;  // a probe is under way since then
};

}  // namespace ss::local
