#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
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
  refused,    ///< Too many questions under way (`dns_max_questions`).
};

struct ResolveAnswer {
  ResolveStatus status = ResolveStatus::failed;
  std::vector<IpAddress> addresses;
};

/// One question under way. The resolver holds a pointer to it from `Resolver::start` until `complete`, which comes
/// exactly once and never from inside `start`. A question may not be given up: it ends by itself within 5 s.
class Query {
 public:
  virtual ~Query() = default;
  virtual void complete(ResolveAnswer answer) noexcept = 0;
};

/// Names to addresses, per worker: the seam under `resolve`.
///
/// A name is taken as absolute (no search list). Answers come from the hosts file, the TTL cache (negative answers live
/// 5 s) or the name servers; questions for one name and family that are under way are shared. Threads: the worker's.
class Resolver {
 public:
  /// Completes every question still under way as `failed`. The coroutines that asked are gone by then (their worker has
  /// ended).
  virtual ~Resolver() = default;

  /// Answers at once from cache or hosts file (returns true, `answer` is set, `query` is not used), or later through
  /// `query`. `name` is copied where it is needed later.
  virtual bool start(const std::string& name, Family family, Query& query, ResolveAnswer& answer) = 0;
};

/// One coroutine's question and its answer. The coroutine may go before the answer comes: what the resolver points at
/// lives on by itself until then.
///
/// Owner: the coroutine that asks. Threads: the worker's.
class Question {
 public:
  Question() = default;
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  ~Question() {
    if (pending_) pending_->owner = nullptr;
  }

  /// Asks, once. @return true where the answer is there already; else `asker` is resumed when it is.
  bool ask(Resolver& resolver, const std::string& name, Family family, std::coroutine_handle<> asker) {
    auto pending = std::make_unique<Pending>(*this);
    asker_ = asker;
    if (resolver.start(name, family, *pending, answer_)) return true;
    pending_ = pending.release();
    return false;
  }
  [[nodiscard]] bool pending() const { return pending_ != nullptr; }
  /// @pre  asked and not pending
  [[nodiscard]] ResolveAnswer& answer() { return answer_; }

 private:
  struct Pending final : Query {
    explicit Pending(Question& question) : owner(&question) {}
    void complete(ResolveAnswer answer) noexcept override {
      Question* const question = owner;
      delete this;
      if (!question) return;
      question->pending_ = nullptr;
      question->answer_ = std::move(answer);
      question->asker_.resume();
    }
    Question* owner;
  };

  Pending* pending_ = nullptr;
  ResolveAnswer answer_;
  std::coroutine_handle<> asker_;
};

/// Makes a question awaitable: `const ResolveAnswer answer = co_await resolve(resolver, name, Family::v4);`
class [[nodiscard]] ResolveAwaiter {
 public:
  ResolveAwaiter(Resolver& resolver, const std::string& name, Family family)
      : resolver_(resolver), name_(name), family_(family) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) { return !question_.ask(resolver_, name_, family_, awaiter); }
  ResolveAnswer await_resume() { return std::move(question_.answer()); }

 private:
  Resolver& resolver_;
  const std::string& name_;
  Family family_;
  Question question_;
};
inline ResolveAwaiter resolve(Resolver& resolver, const std::string& name, Family family) {
  return {resolver, name, family};
}

}  // namespace ss::net
