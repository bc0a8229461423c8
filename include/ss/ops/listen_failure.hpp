#pragma once

#include <string>
#include <string_view>

#include "ss/base/address.hpp"

namespace ss::ops {

/// Why a listener could not be had, on one line: the address, the errno text and the likely cause.
/// @param holder  with EADDRINUSE: who has the port, e.g. `pid 812 (nginx)`; empty where that is not known.
std::string describe_listen_failure(const Endpoint& endpoint, int error, std::string_view holder);

}  // namespace ss::ops
