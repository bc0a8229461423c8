#pragma once

#include <memory>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/net/stream.hpp"

namespace ss::net {

/// A connection that has begun: either a stream to wait on (Side::write, then `finish_connect`), or why there is none.
struct DialStart {
  std::unique_ptr<Stream> stream;
  int error = 0;         ///< errno where `stream` is null
  std::size_t sent = 0;  ///< how much of the first bytes is on its way
};

/// What is asked of an attempt beyond the connection.
struct DialWishes {
  /// May ride in the SYN (TCP Fast Open, RFC 7413), where this machine knows that the other end takes it: for bytes
  /// that harm nobody if they come twice. Empty: a plain connect.
  ConstBytes first{};
  /// Whether `finish_connect` is to tell an expired TTL from a host that cannot be reached (kTtlExpired), where the
  /// system can. Costs three system calls.
  bool tell_ttl = false;
};

/// Opens outgoing TCP connections: the seam under `dial` (net/dial.hpp).
/// Threads: the worker's.
class Dialer {
 public:
  virtual ~Dialer() = default;
  /// Starts a non-blocking connect with the socket options of the configuration.
  virtual DialStart begin(const Endpoint& to, const DialWishes& wishes) = 0;
};

}  // namespace ss::net
