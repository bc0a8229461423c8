#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "servers/server_clock.hpp"
#include "ss/base/address.hpp"
#include "ss/base/clock.hpp"
#include "ss/protocol/credentials.hpp"

namespace ss::local {

class Balancer;

/// Whose program answers at a server's address, as far as its answers have shown.
enum class Kind : std::uint8_t {
  unknown,
  ours,     ///< It tells what became of a connection (docs/PROTOCOL.md).
  foreign,  ///< It does not: a stock server.
};

/// A server that ss-local may send to, and what is known of it.
///
/// Owner: the service; outlives its sessions. Threads: any.
class Server {
 public:
  Server(std::string name, TargetAddress address, protocol::ClientCredentials credentials)
      : name_(std::move(name)), address_(std::move(address)), credentials_(std::move(credentials)) {}

  /// What the log calls it.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const TargetAddress& address() const { return address_; }
  [[nodiscard]] const protocol::ClientCredentials& credentials() const { return credentials_; }
  [[nodiscard]] ServerClock& clock() { return clock_; }

  [[nodiscard]] Kind kind() const { return kind_.load(std::memory_order_relaxed); }
  void set_kind(Kind kind) { kind_.store(kind, std::memory_order_relaxed); }
  /// It gave no answer that ours would have given. What other answers have shown counts for more.
  void presume_foreign() {
    Kind unknown = Kind::unknown;
    kind_.compare_exchange_strong(unknown, Kind::foreign, std::memory_order_relaxed);
  }
  /// How long no answer is taken as a promise after one was broken: behind one address there may be several programs.
  static constexpr Duration kDistrust = std::chrono::seconds(60);
  /// What an answer shows. @param now  since boot, here and below.
  void learn(Kind kind, Duration now) {
    const bool distrusted = now.count() < distrusted_until_.load(std::memory_order_relaxed);
    set_kind(kind == Kind::ours && distrusted ? Kind::unknown : kind);
  }
  /// It was known to be ours, and a frame of its did not come.
  void forget(Duration now) {
    distrusted_until_.store((now + kDistrust).count(), std::memory_order_relaxed);
    set_kind(Kind::unknown);
  }
  /// Whether it ever gave an answer that opened: then the key and the method are right.
  [[nodiscard]] bool was_heard() const { return heard_.load(std::memory_order_relaxed); }
  void heard();
  /// It ended a stream without an answer. @return a line for the log.
  std::optional<std::string> closed_early(MonoTime now);
  /// It is ours, and did not say in time what became of a request: it hangs. @return a line for the log.
  std::optional<std::string> silent(MonoTime now);
  /// Packets to it were answered, or nothing came back for any. @return a line for the log.
  std::optional<std::string> packets_answered(MonoTime now);
  std::optional<std::string> packets_unanswered(MonoTime now);
  /// Tells the balancers from now on how the server of this number answers. Before any worker runs.
  /// @param tcp  null where there is nothing to choose, as `udp`.
  void report_to(Balancer* tcp, Balancer* udp, std::size_t number) {
    tcp_ = tcp;
    udp_ = udp;
    number_ = number;
  }

 private:
  const std::string name_;
  const TargetAddress address_;
  const protocol::ClientCredentials credentials_;
  ServerClock clock_;
  Balancer* tcp_ = nullptr;  // null: there is nothing to choose
  Balancer* udp_ = nullptr;
  std::size_t number_ = 0;
  std::atomic<Kind> kind_{Kind::unknown};
  std::atomic<Duration::rep> distrusted_until_{0};
  std::atomic<bool> heard_{false};
  std::atomic<bool> packets_lost_{false};  // since the last that was answered
};

}  // namespace ss::local
