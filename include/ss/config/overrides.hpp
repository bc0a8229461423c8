#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ss/base/secret.hpp"
#include "ss/config/settings.hpp"

namespace ss::config {

/// A secret and how messages call the place where it came from: `-k`, `--key-file`, `$SS_PASSWORD`.
struct NamedSecret {
  std::string_view origin;  ///< of static lifetime
  Secret secret;
};

/// What the command line says. Each field that is set stands in front of the file's key, and is checked as that key is;
/// texts are as the user typed them. A link stands between the two.
struct Overrides {
  std::vector<std::string> server;           ///< -s, may be repeated on ss-server
  std::optional<std::string> server_port;    ///< -p
  std::optional<std::string> local_address;  ///< -b: ss-local listens there; ss-server: source of outgoing connections
  std::optional<std::string> local_port;     ///< -l
  std::optional<NamedSecret> password;       ///< -k, --key-file, a credential
  std::optional<NamedSecret> default_password;  ///< $SS_PASSWORD: used where nothing else gives a password or key
  std::optional<NamedSecret> key;               ///< --key: base64 of the raw master key
  std::optional<std::string> method;            ///< -m
  std::optional<std::string> timeout;           ///< -t
  std::optional<Mode> mode;                     ///< -u, -U
  bool ipv6_first = false;                      ///< -6
  bool fast_open = false;                       ///< --fast-open
  bool no_delay = false;                        ///< --no-delay
  bool reuse_port = false;                      ///< --reuse-port
  bool mptcp = false;                           ///< --mptcp
  std::optional<std::string> mtu;               ///< --mtu
  std::optional<std::string> acl;               ///< --acl
  std::optional<std::string> plugin;            ///< --plugin
  std::optional<std::string> plugin_opts;       ///< --plugin-opts
  std::optional<std::string> workers;           ///< --workers
  std::optional<std::string> nofile;            ///< -n
  std::optional<std::string> user;              ///< -a
  std::optional<std::string> pid_file;          ///< -f
  std::optional<std::string> bind_interface;    ///< -i
  std::optional<std::string> dns;               ///< -d
  std::optional<std::string> link;              ///< ss://…
};

}  // namespace ss::config
