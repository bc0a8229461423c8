#pragma once

#include <coroutine>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ss/base/address.hpp"

namespace ss::net {

enum class Family : std::uint8_t { v4, v6 };

enum class ResolveStatus : std::uint8_t {
  found,      ///< At least one address.
  not_found,  ///< The name does not exist, or has no address of that family.
  failed,     ///< No server answered, or none could (SERVFAIL, REFUSED, broken answer).
  timed_out,  ///< Nothing within 5 s.
  refused,    ///< Too many questions under way (512 per process).
};

struct ResolveAnswer {
  ResolveStatus status = ResolveStatus::failed;
  std::vector<IpAddress> addresses;
};

/// One question under way: intrusive, as Waiter is. Completed exactly once, never from inside `Resolver::start`.
/// A question may not be given up: it ends by itself within 5 s.
class Query {
 public:
  virtual ~Query() = default;
  virtual void complete(ResolveAnswer answer) = 0;
};

/// Names to addresses, per worker: the seam under `resolve`.
///
/// A name is taken as absolute (no search list). Answers come from the hosts file, the TTL cache (negative answers live 5 s) or
/// the name servers; questions for one name and family that are under way are shared.
/// Threads: the worker's.
class Resolver {
 public:
  virtual ~Resolver() = default;

  /// Answers at once from cache or hosts file (returns true, `answer` is set, `query` is not used), or later through `query`.
  virtual bool start(const std::string& name, Family family, Query& query, ResolveAnswer& answer) = 0;
};

/// Makes a question awaitable: `ResolveAnswer a = co_await resolve(resolver, name, Family::v4);`
class [[nodiscard]] ResolveAwaiter : private Query {
 public:
  ResolveAwaiter(Resolver& resolver, const std::string& name, Family family)
      : resolver_(resolver), name_(name), family_(family) {}
  bool await_ready() { return resolver_.start(name_, family_, *this, answer_); }
  void await_suspend(std::coroutine_handle<> awaiter) noexcept { waiting_ = awaiter; }
  ResolveAnswer await_resume() { return std::move(answer_); }

 private:
  void complete(ResolveAnswer answer) override {
    answer_ = std::move(answer);
    waiting_.resume();
  }
  Resolver& resolver_;
  const std::string& name_;
  Family family_;
  ResolveAnswer answer_;
  std::coroutine_handle<> waiting_;
};
inline ResolveAwaiter resolve(Resolver& resolver, const std::string& name, Family family) {
  return {resolver, name, family};
}

}  // namespace ss::net
