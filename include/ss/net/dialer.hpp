#pragma once

#include <memory>

#include "ss/base/address.hpp"
#include "ss/net/stream.hpp"

namespace ss::net {

/// A connection that has begun: either a stream to wait on (Side::write, then `finish_connect`), or why there is none.
struct DialStart {
  std::unique_ptr<Stream> stream;
  int error = 0;  ///< errno where `stream` is null
};

/// Opens outgoing TCP connections: the seam under `dial` (net/dial.hpp).
/// Threads: the worker's.
class Dialer {
 public:
  virtual ~Dialer() = default;
  /// Starts a non-blocking connect with the socket options of the configuration.
  virtual DialStart begin(const Endpoint& to) = 0;
};

}  // namespace ss::net
