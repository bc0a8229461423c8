#pragma once

#include <cstdint>
#include <string>

#include "servers/server.hpp"

namespace ss::local {

/// How a stream to a server went wrong before its answer had begun.
enum class Trouble : std::uint8_t {
  closed,    ///< It ended the stream without a byte.
  reset,     ///< It reset the stream.
  silent,    ///< Nothing came for kSilent.
  unopened,  ///< What came does not open.
};

/// One sentence for the log: what was seen, its causes in order of likelihood, and the mend.
[[nodiscard]] std::string diagnose(Trouble trouble, const Server& server);

}  // namespace ss::local
