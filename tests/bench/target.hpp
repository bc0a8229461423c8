#pragma once

#include <cstdint>

namespace ss::bench {

/// Answers questions (pattern.hpp) on 127.0.0.1:`port`, and echoes datagrams there, until the process is ended.
[[noreturn]] void serve(std::uint16_t port);

}  // namespace ss::bench
