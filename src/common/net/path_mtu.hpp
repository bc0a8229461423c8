#pragma once

#include <cstddef>

#include "ss/net/resolver.hpp"

namespace ss::net {

/// The longest payload that goes in one UDP datagram over the path that a connected socket has, as the system knows it.
/// @return  bytes; 0 where the system does not tell.
std::size_t longest_payload(int connected, Family family);

/// The same for the path to `to`, asked of a socket made for it; nothing is sent.
std::size_t longest_payload(const Endpoint& to);

}  // namespace ss::net
