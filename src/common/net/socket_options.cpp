#include "ss/net/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "sockaddr.hpp"

namespace ss::net {
namespace {

int set(int descriptor, int level, int name, int value) {
  return ::setsockopt(descriptor, level, name, &value, sizeof value) == 0 ? 0 : errno;
}

int whole_seconds(Duration time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  return static_cast<int>(std::clamp<std::int64_t>(seconds, 1, 32767));
}

void set_keep_alive(int descriptor, Duration every) {
  if (every <= Duration::zero()) return;
  set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
#if defined(TCP_KEEPIDLE)
  set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, whole_seconds(every));
#elif defined(TCP_KEEPALIVE)
  set(descriptor, IPPROTO_TCP, TCP_KEEPALIVE, whole_seconds(every));
#endif
#if defined(TCP_KEEPINTVL)
  set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, whole_seconds(every));
#endif
}

void set_dscp(int descriptor, int dscp) {
  if (dscp <= 0) return;
  // A dual-stack socket carries both kinds of packet; the one that does not apply is refused, harmlessly.
  set(descriptor, IPPROTO_IP, IP_TOS, dscp << 2);
#if defined(IPV6_TCLASS)
  set(descriptor, IPPROTO_IPV6, IPV6_TCLASS, dscp << 2);
#endif
}

void set_buffers(int descriptor, const SocketOptions& options) {
  if (options.send_buffer > 0) set(descriptor, SOL_SOCKET, SO_SNDBUF, options.send_buffer);
  if (options.recv_buffer > 0) set(descriptor, SOL_SOCKET, SO_RCVBUF, options.recv_buffer);
}

/// Mark and interface: what decides where traffic goes. @return 0, or errno.
int set_route(int descriptor, const SocketOptions& options) {
#if defined(SO_MARK)
  if (options.fwmark != 0) {
    if (const int error = set(descriptor, SOL_SOCKET, SO_MARK, static_cast<int>(options.fwmark))) return error;
  }
#else
  if (options.fwmark != 0) return ENOPROTOOPT;
#endif
  if (options.bind_interface.empty()) return 0;
#if defined(SO_BINDTODEVICE)
  const std::string& name = options.bind_interface;
  const auto length = static_cast<socklen_t>(name.size());
  return ::setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name.data(), length) == 0 ? 0 : errno;
#else
  return ENOPROTOOPT;
#endif
}

int bind_to(int descriptor, const IpAddress& source) {
  const SocketAddress address(Endpoint{source, 0});
  return ::bind(descriptor, address.get(), address.length) == 0 ? 0 : errno;
}

/// Where traffic to `family` comes from, if the configuration says so.
struct Source {
  const std::optional<IpAddress>& address;
  bool off;  ///< only the other family has a source: this one is not used
};
Source source_of(Family family, const SocketOptions& options) {
  const std::optional<IpAddress>& own = family == Family::v4 ? options.bind_v4 : options.bind_v6;
  const std::optional<IpAddress>& other = family == Family::v4 ? options.bind_v6 : options.bind_v4;
  return {own, !own && other};
}

int bind_before_connect(int descriptor, Family family, const SocketOptions& options) {
  const Source source = source_of(family, options);
  if (!source.address) return source.off ? EAFNOSUPPORT : 0;
#if defined(IP_BIND_ADDRESS_NO_PORT)
  // The port is chosen at connect, when the target is known, so that one address serves more than 28,000 connections.
  set(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
#endif
  return bind_to(descriptor, *source.address);
}

}  // namespace

void apply_to_accepted(int descriptor, const SocketOptions& options) {
  if (options.no_delay) set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set_keep_alive(descriptor, options.keep_alive);
#if defined(TCP_NOTSENT_LOWAT)
  if (options.not_sent_low_water > 0) set(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, options.not_sent_low_water);
#endif
  set_buffers(descriptor, options);
  set_dscp(descriptor, options.dscp);
}

int apply_before_connect(int descriptor, Family family, const SocketOptions& options) {
  apply_to_accepted(descriptor, options);
  if (const int error = set_route(descriptor, options)) return error;
#if defined(TCP_FASTOPEN_CONNECT)
  if (options.fast_open) set(descriptor, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
#endif
  return bind_before_connect(descriptor, family, options);
}

void forgo_pacing(int descriptor) {
#if defined(TCP_CONGESTION)
  std::array<char, 16> name{};  // TCP_CA_NAME_MAX
  socklen_t length = name.size();
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, name.data(), &length) != 0) return;
  if (!std::string_view(name.data()).starts_with("bbr")) return;
  for (const std::string_view other : {std::string_view("cubic"), std::string_view("reno")}) {
    const auto size = static_cast<socklen_t>(other.size());
    if (::setsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, other.data(), size) == 0) return;
  }
#else
  static_cast<void>(descriptor);
#endif
}

void apply_to_bound_datagrams(int descriptor, const SocketOptions& options) {
  set_buffers(descriptor, options);
  set_dscp(descriptor, options.dscp);
}

int apply_and_bind_datagrams(int descriptor, Family family, const SocketOptions& options) {
  apply_to_bound_datagrams(descriptor, options);
  if (const int error = set_route(descriptor, options)) return error;
  const Source source = source_of(family, options);
  if (source.off) return EAFNOSUPPORT;
  const IpAddress any = family == Family::v4 ? IpAddress() : IpAddress(IpAddress::V6{});
  return bind_to(descriptor, source.address.value_or(any));
}

}  // namespace ss::net
