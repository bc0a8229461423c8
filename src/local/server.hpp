#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "server_clock.hpp"
#include "ss/base/address.hpp"
#include "ss/protocol/credentials.hpp"

namespace ss::local {

/// Whose program answers at a server's address, as far as its answers have shown.
enum class Kind : std::uint8_t {
  unknown,
  ours,     ///< It tells what became of a connection (CONTRACT section 4).
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
  /// Whether it ever gave an answer that opened: then the key and the method are right.
  [[nodiscard]] bool was_heard() const { return heard_.load(std::memory_order_relaxed); }
  void heard() {
    if (!was_heard()) heard_.store(true, std::memory_order_relaxed);
  }

 private:
  const std::string name_;
  const TargetAddress address_;
  const protocol::ClientCredentials credentials_;
  ServerClock clock_;
  std::atomic<Kind> kind_{Kind::unknown};
  std::atomic<bool> heard_{false};
};

}  // namespace ss::local
