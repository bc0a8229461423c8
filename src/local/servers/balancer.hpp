#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "servers/server_health.hpp"
#include "ss/base/address.hpp"
#include "ss/base/clock.hpp"
#include "ss/config/local_config.hpp"
#include "ss/net/dial.hpp"

namespace ss::local {

/// In which order the servers are to be tried for one connection.
struct ServerOrder {
  /// So many servers are tried for one connection at most.
  static constexpr std::size_t kMost = 8;

  struct Try {
    std::uint16_t server = 0;
    Duration patience{};  ///< how long to wait before the next one is tried; 0: as long as any connection may take
  };
  std::array<Try, kMost> tries{};
  std::uint8_t count = 0;
  /// Servers that are to be probed now, in the background, and reported on by `connected` or `failed`.
  std::array<std::uint16_t, kMost> probes{};
  std::uint8_t probe_count = 0;
  /// A line for the log: that traffic moves to another server, and why.
  std::optional<std::string> news;

  [[nodiscard]] std::span<const Try> view() const { return std::span(tries).first(count); }
  [[nodiscard]] std::span<const std::uint16_t> to_probe() const { return std::span(probes).first(probe_count); }
};

/// Chooses among several servers for TCP, or for UDP, by a policy and by what came of earlier connections. Servers are
/// called by their numbers, from 0.
///
/// `latency`: the server that answers soonest; another one has to be clearly better, for a while. `failover`: the first
/// in order that works; an earlier one has to have worked for a while before traffic returns to it. `sticky`: by the
/// target's host (rendezvous hashing: a server that goes or comes moves its own targets alone). `round_robin`: all in
/// turn. A server's weight divides its score, or is its share. Servers that are down come last, and are still tried.
///
/// With one server to choose every call returns at once. Owner: the service. Threads: any; each call takes a lock, but
/// for `answered` as a rule.
class Balancer {
 public:
  struct Candidate {
    std::string name;   ///< for the log; also what `sticky` knows the server by
    double weight = 1;  ///< 0: nothing goes there
  };
  /// How a server that is down is found to be back.
  enum class Trials : std::uint8_t {
    by_probe,    ///< by the probes that `order` asks for
    by_traffic,  ///< after its pause, by whatever is sent to it
  };

  /// Another server has to be better than the chosen one by a fifth, and by 5 ms, for so long.
  static constexpr Duration kClearlyBetter = std::chrono::seconds(10);
  /// A server that `latency` has heard nothing of for so long is probed.
  static constexpr Duration kProbeEvery = std::chrono::seconds(60);

  /// @param carries  what the log calls that which goes to a server, e.g. `connections`
  /// @pre  there is a candidate with a weight; at most 65535.
  Balancer(config::Policy policy, std::vector<Candidate> candidates, std::string carries, Trials trials);
  Balancer(const Balancer&) = delete;
  Balancer& operator=(const Balancer&) = delete;

  ServerOrder order(const TargetAddress& target, MonoTime now);

  // What came of a server. Each may return a line for the log.
  /// A connection to it came about, a probe's too.
  std::optional<std::string> connected(std::size_t server, Duration took, MonoTime now);
  /// None did. What this machine itself is to blame for does not count.
  std::optional<std::string> failed(std::size_t server, net::DialCause cause, MonoTime now);
  /// A connection did not wait for it to the end, for another server's sake. That is no failure: until one comes about
  /// in time it is tried after the others, and probed.
  std::optional<std::string> gave_up(std::size_t server);
  /// How long a connection took that says nothing of whether it works for what goes there: UDP, by TCP's.
  void measured(std::size_t server, Duration took);
  /// It did what it is for, however long that took.
  std::optional<std::string> worked(std::size_t server, MonoTime now);
  /// It ended a stream without a byte of an answer.
  std::optional<std::string> closed_early(std::size_t server, MonoTime now);
  /// It is one that always answers in time, and did not: it hangs.
  std::optional<std::string> silent(std::size_t server, MonoTime now);
  /// It answered a stream.
  void answered(std::size_t server);

 private:
  struct Entry {
    Candidate candidate;
    std::uint64_t identity = 0;  // a hash of the name
    ServerHealth health;
    double turn = 0;                   // round_robin: the greatest is next
    std::string fault;                 // what brought it down last
    std::atomic<bool> doubted{false};  // it has ended a stream without a word since it last said something
  };
  struct Rank {
    std::uint16_t server;
    std::uint8_t tier;  // trusted, slow or on probation, down
    double cost;        // among those of one tier
  };

  [[nodiscard]] bool is_alone() const { return members_.size() == 1; }
  [[nodiscard]] Rank rank(std::size_t server, std::uint64_t target, MonoTime now) const;
  void rank_all(const TargetAddress& target, MonoTime now);
  void note_probes(ServerOrder& out, MonoTime now);
  [[nodiscard]] double score(const Entry& entry) const;
  /// Whether all traffic goes to one server, which changes now and then.
  [[nodiscard]] bool has_chosen() const {
    return policy_ == config::Policy::latency || policy_ == config::Policy::failover;
  }
  std::optional<std::string> review(MonoTime now);
  [[nodiscard]] std::size_t best_by_score(MonoTime now) const;
  [[nodiscard]] std::size_t first_that_works(MonoTime now) const;
  std::string move_to(std::size_t server, const std::string& why);
  std::optional<std::string> left_out(Entry& entry, std::string fault);
  [[nodiscard]] std::optional<std::string> taken_back(const Entry& entry) const;

  const config::Policy policy_;
  const std::string carries_;
  const Trials trials_;
  std::vector<Entry> entries_;          // as many as from the start: an atomic cannot move
  std::vector<std::uint16_t> members_;  // those with a weight
  std::mutex mutex_;
  std::vector<Rank> ranks_;  // of the order under way
  std::size_t chosen_ = 0;
  bool settled_ = false;                  // latency: the first choice by score has been made
  std::optional<MonoTime> better_since_;  // latency: another one is clearly better
};

}  // namespace ss::local
