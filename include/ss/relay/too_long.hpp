#pragma once

#include <cstddef>

#include "ss/relay/environment.hpp"

namespace ss::relay {

/// Counts `count` datagrams that were dropped as too long, and says so once a minute.
/// @param bytes  of the longest of them: its payload where it is one datagram once sealed, else as it was to leave.
/// @param fits  bytes that would have gone, by the same measure; 0: not known.
void note_too_long(Environment& env, std::size_t count, std::size_t bytes, std::size_t fits);

}  // namespace ss::relay
