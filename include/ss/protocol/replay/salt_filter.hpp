#pragma once

#include <cstdint>

#include "ss/base/bytes.hpp"
#include "ss/base/clock.hpp"

namespace ss::protocol {

/// What a filter knows of a salt.
enum class SaltVerdict : std::uint8_t {
  fresh,     ///< It was not there, and is from now on.
  repeated,  ///< It was there: a replay.
  /// Its stamp is not above one whose salt has been forgotten already: it may be a replay. Happens after a restart, and
  /// after a backward step of the clock.
  forgotten,
};

/// Remembers the salts of authenticated streams so that a recorded one is not served twice.
///
/// Only salts of streams that have authenticated may be put in: garbage must never make it grow.
class SaltFilter {
 public:
  virtual ~SaltFilter() = default;

  /// Looks `salt` up and puts it in, as one step; only a fresh one is put in.
  /// @param stamp  what its stream says of the time; SIP004, where it says nothing: 0.
  [[nodiscard]] virtual SaltVerdict insert(ConstBytes salt, UnixSeconds stamp, MonoTime now) = 0;

  /// Says that `insert(salt)` follows soon, whose memory can be fetched meanwhile. Nothing changes: what has not
  /// authenticated may be announced too.
  virtual void expect(ConstBytes /*salt*/) const {}
};

}  // namespace ss::protocol
