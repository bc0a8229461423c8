#pragma once

#include "ss/base/bytes.hpp"
#include "ss/base/clock.hpp"

namespace ss::protocol {

/// Remembers the salts of authenticated streams so that a recorded one is not served twice.
///
/// Only salts of streams that have authenticated may be put in: garbage must never make it grow.
class SaltFilter {
 public:
  virtual ~SaltFilter() = default;

  /// Looks `salt` up and puts it in, as one step.
  /// @return false: it was there already, so the stream is a replay.
  [[nodiscard]] virtual bool insert(ConstBytes salt, MonoTime now) = 0;

  /// Says that `insert(salt)` follows soon, whose memory can be fetched meanwhile. Nothing changes: what has not
  /// authenticated may be announced too.
  virtual void expect(ConstBytes /*salt*/) const {}
};

}  // namespace ss::protocol
