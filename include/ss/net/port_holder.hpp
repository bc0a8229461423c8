#pragma once

#include <cstdint>
#include <string>

#include "ss/base/address.hpp"

namespace ss::net {

enum class Transport : std::uint8_t { tcp, udp };

/// Who listens where `endpoint` would: `pid 123 (nginx)`, several after each other; empty where the system does not
/// tell (other systems than Linux, or a process of another user while we are not root). Cost: reads /proc of every
/// process; for an error message alone.
std::string describe_port_holder(const Endpoint& endpoint, Transport transport = Transport::tcp);

}  // namespace ss::net
