#pragma once

#include <string_view>

#include "ss/net/dial.hpp"
#include "ss/protocol/socks5.hpp"

namespace ss::relay {

/// The SOCKS5 reply that tells a client what became of a dial (RFC 1928 section 6). A timeout is 04: 06 means an
/// expired TTL, which is known of dials that ask for it (net::DialOptions).
protocol::socks5::Reply reply_for(net::DialCause cause);

}  // namespace ss::relay
