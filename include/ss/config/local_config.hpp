#pragma once

#include <vector>

#include "ss/config/settings.hpp"

namespace ss::config {

/// A server that ss-local may connect to.
struct Server {
  TargetAddress address;
  Credentials credentials;
};

/// A listener of ss-local for SOCKS5 clients.
struct Inbound {
  Listener listener;
  std::vector<User> users;  ///< empty = no authentication
};

/// All that ss-local is told, checked.
struct LocalConfig : Settings {
  Server server;
  std::vector<Inbound> inbounds;  ///< at least one
};

}  // namespace ss::config
