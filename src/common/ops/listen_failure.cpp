#include "ss/ops/listen_failure.hpp"

#include <fmt/core.h>

#include <cerrno>

#include "ss/ops/errno_text.hpp"
#include "ss/telemetry/log_line.hpp"

namespace ss::ops {

namespace {

std::string likely_cause(const Endpoint& endpoint, int error, std::string_view holder) {
  switch (error) {
    case EADDRINUSE:
      return holder.empty() ? ": another process has the port; as root, `ss -ltnp` names it"
                            : fmt::format(": {} has the port", telemetry::escape_line(holder));
    case EACCES:
    case EPERM:
      return endpoint.port < 1024 ? ": ports below 1024 need root or the capability CAP_NET_BIND_SERVICE"
                                  : ": a security rule of this system forbids it";
    case EADDRNOTAVAIL:
      return ": no network interface of this machine has that address";
    case EAFNOSUPPORT:
      return endpoint.address.is_v6() ? ": IPv6 is switched off here" : ": IPv4 is switched off here";
    case EMFILE:
    case ENFILE:
      return ": the limit of open files is reached; raise `nofile`";
    default:
      return "";
  }
}

}  // namespace

std::string describe_listen_failure(const Endpoint& endpoint, int error, std::string_view holder) {
  return fmt::format("cannot listen on {}: {}{}", endpoint.to_string(), errno_text(error),
                     likely_cause(endpoint, error, holder));
}

}  // namespace ss::ops
