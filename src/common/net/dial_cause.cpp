#include <cerrno>

#include "ss/net/dial.hpp"

namespace ss::net {

DialCause cause_of(int error) {
  switch (error) {
    case 0:
      return DialCause::connected;
    case ECONNREFUSED:
    case ECONNRESET:
      return DialCause::refused;
    case ETIMEDOUT:
      return DialCause::timed_out;
    case kTtlExpired:
      return DialCause::ttl_expired;
    case EHOSTUNREACH:
#if defined(EHOSTDOWN)
    case EHOSTDOWN:
#endif
      return DialCause::host_unreachable;
    case ENETUNREACH:
    case ENETDOWN:
      return DialCause::network_unreachable;
    case EACCES:
    case EPERM:
      return DialCause::not_permitted;
    // EAGAIN and EADDRNOTAVAIL are what connect says when all ephemeral ports are taken.
    case EAGAIN:
    case EADDRNOTAVAIL:
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return DialCause::no_descriptors;
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
      return DialCause::family_unsupported;
    default:
      return DialCause::failed;
  }
}

std::string_view name_of(DialCause cause) {
  switch (cause) {
    case DialCause::connected:
      return "connected";
    case DialCause::refused:
      return "refused";
    case DialCause::timed_out:
      return "timed out";
    case DialCause::ttl_expired:
      return "TTL expired";
    case DialCause::host_unreachable:
      return "host unreachable";
    case DialCause::network_unreachable:
      return "network unreachable";
    case DialCause::not_permitted:
      return "not permitted";
    case DialCause::no_descriptors:
      return "no descriptors, ports or memory left";
    case DialCause::family_unsupported:
      return "address family unsupported";
    case DialCause::failed:
      return "failed";
    case DialCause::name_not_found:
      return "name not found";
    case DialCause::name_failed:
      return "name look-up failed";
    case DialCause::denied:
      return "denied by policy";
    case DialCause::cancelled:
      return "cancelled";
  }
  return "failed";
}

}  // namespace ss::net
