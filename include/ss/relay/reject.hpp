#pragma once

#include <cstdint>

#include "ss/base/clock.hpp"
#include "ss/cipher/method.hpp"
#include "ss/net/deadline.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"

namespace ss::relay {

/// What an unauthenticated stream gets (key `reject`).
enum class RejectPolicy : std::uint8_t {
  silent,  ///< Nothing: read and discard until the deadline, then FIN.
  reset,   ///< RST.
  fin,     ///< FIN, then read and discard until the deadline.
};

/// How one listener rejects. With a 2022 method `reset` and `fin` act at once, as most stock servers do; with SIP004,
/// which has no one-read rule, they act at the deadline, for every cause alike, or short probes would show how many
/// bytes it takes to fail.
struct RejectRule {
  /// From accept, never extended by bytes, the same everywhere: a deadline of one's own would mark a server for ever.
  static constexpr Duration kDeadline = std::chrono::seconds(60);

  RejectPolicy policy = RejectPolicy::silent;
  bool at_once = false;

  static RejectRule make(RejectPolicy policy, const cipher::Method& method) {
    return {policy, policy != RejectPolicy::silent && method.is_2022()};
  }
};

/// The only way out for a stream that has not authenticated (SECURITY A1, A2): whatever the cause, the peer sees the
/// same. Never sends a byte. A peer that closes first is closed likewise.
///
/// @param limit  on `stream`, running since it was accepted, RejectRule::kDeadline long.
/// Afterwards nothing waits on `stream`.
net::Task<> reject(Environment& env, LiveSession& session, net::Stream& stream, RejectRule rule, net::Deadline& limit);

}  // namespace ss::relay
