#include "ss/relay/reply.hpp"

namespace ss::relay {

protocol::socks5::Reply reply_for(net::DialCause cause) {
  using net::DialCause;
  using protocol::socks5::Reply;
  switch (cause) {
    case DialCause::connected:
      return Reply::succeeded;
    case DialCause::refused:
      return Reply::connection_refused;
    case DialCause::network_unreachable:
      return Reply::network_unreachable;
    case DialCause::ttl_expired:
      return Reply::ttl_expired;
    case DialCause::host_unreachable:
    case DialCause::timed_out:
    case DialCause::name_not_found:
    case DialCause::name_failed:
      return Reply::host_unreachable;
    case DialCause::not_permitted:
    case DialCause::denied:
      return Reply::not_allowed;
    case DialCause::family_unsupported:
      return Reply::address_type_not_supported;
    default:
      return Reply::general_failure;
  }
}

}  // namespace ss::relay
