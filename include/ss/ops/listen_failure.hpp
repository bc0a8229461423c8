#pragma once

#include <string>

#include "ss/base/address.hpp"

namespace ss::ops {

/// Why a listener could not be had, on one line: the address, the errno text, the likely cause and, where the port is
/// taken, by which process.
std::string describe_listen_failure(const Endpoint& endpoint, int error);

/// The process that listens on this TCP port, e.g. `nginx (pid 812)`; empty where the system does not tell.
std::string port_holder(std::uint16_t port);

}  // namespace ss::ops
