#include "socket_dialer.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "kept_icmp.hpp"
#include "sockaddr.hpp"
#include "socket_stream.hpp"
#include "sockets.hpp"
#include "ss/base/address_class.hpp"

namespace ss::net {

namespace {

#if defined(MSG_FASTOPEN)
/// A connect whose SYN carries `first`, where the kernel has the other end's cookie; else one that asks for it.
/// @return false: not supported here, nothing has begun; else as connect, and in `sent` how much was taken.
bool connect_with(int socket, const SocketAddress& address, ConstBytes first, int& error, std::size_t& sent) {
  const ssize_t n =
      ::sendto(socket, first.data(), first.size(), MSG_FASTOPEN | MSG_NOSIGNAL, address.get(), address.length);
  if (n < 0 && errno == EOPNOTSUPP) return false;
  error = n < 0 ? errno : 0;
  sent = n < 0 ? 0 : static_cast<std::size_t>(n);
  return true;
}
#endif

int plain_connect(int socket, const SocketAddress& address) {
  return ::connect(socket, address.get(), address.length) == 0 ? 0 : errno;
}

}  // namespace

DialStart SocketDialer::begin(const Endpoint& to, const DialWishes& wishes) {
  const Family family = family_of(to.address);
  Descriptor socket = open_tcp(family, options_.mptcp);
  if (!socket.open()) return {nullptr, errno};
  if (const int error = apply_before_connect(socket.get(), family, options_)) return {nullptr, error};
  if (classify(to.address) == AddressClass::loopback) forgo_pacing(socket.get());

  const bool icmp_kept = wishes.tell_ttl && keep_icmp(socket.get(), family);

  const SocketAddress address(to);
  DialStart start;
  bool begun = false;
#if defined(MSG_FASTOPEN)
  if (!wishes.first.empty()) begun = connect_with(socket.get(), address, wishes.first, start.error, start.sent);
#endif
  if (!begun) start.error = plain_connect(socket.get(), address);
  // EINTR leaves the connect going on, as EINPROGRESS does.
  if (start.error != 0 && start.error != EINPROGRESS && start.error != EINTR) {
    // A machine without IPv6 has no address to connect from. The other meaning, that all ports are taken, is rarer.
    if (start.error == EADDRNOTAVAIL && family == Family::v6) start.error = EAFNOSUPPORT;
    return start;
  }
  std::unique_ptr<SocketStream> stream = SocketStream::adopt(poll_, std::move(socket), Side::write, start.error);
  if (stream && icmp_kept) stream->note_icmp_kept(family);
  start.stream = std::move(stream);
  return start;
}

}  // namespace ss::net
