#include "ss/net/datagram_listener.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "asio_worker.hpp"
#include "datagram_control.hpp"
#include "sockaddr.hpp"
#include "sockets.hpp"
#include "ss/net/port_holder.hpp"

namespace ss::net {
namespace {

#if !defined(SS_PORTABLE) && defined(__linux__)
constexpr bool kOneSocketEach = true;
#else
constexpr bool kOneSocketEach = false;
#endif

/// A burst of a thousand full datagrams with what the kernel counts beside each.
constexpr int kBuffer = 4 * 1024 * 1024;

bool set(const Descriptor& socket, int name, int value) {
  return ::setsockopt(socket.get(), SOL_SOCKET, name, &value, sizeof value) == 0;
}

void enlarge_buffers(const Descriptor& socket, const SocketOptions& options) {
  const int receive = std::max(options.recv_buffer, kBuffer);
  const int send = std::max(options.send_buffer, kBuffer);
#if defined(SO_RCVBUFFORCE) && defined(SO_SNDBUFFORCE)
  // Beyond the system's limit; for root alone.
  const bool received = set(socket, SO_RCVBUFFORCE, receive);
  const bool sent = set(socket, SO_SNDBUFFORCE, send);
#else
  constexpr bool received = false;
  constexpr bool sent = false;
#endif
  if (!received) set(socket, SO_RCVBUF, receive);
  if (!sent) set(socket, SO_SNDBUF, send);
}

/// One bound socket, or the call that failed with errno.
struct Opened {
  Descriptor socket;
  int error = 0;
  const char* failed_at = "";
};

Opened failed(const char* call) {
  return {Descriptor(), errno, call};
}

// No SO_REUSEADDR: with datagrams it lets a second process take a port over that the first one holds.
Opened open_one(const Endpoint& endpoint, const ListenOptions& options, bool shared) {
  const Family form = family_of(endpoint.address);
  Descriptor socket = open_udp(form, options.v6_only);
  if (!socket.open()) return failed("socket");
#if defined(SO_REUSEPORT)
  if (shared && !set(socket, SO_REUSEPORT, 1)) return failed("bind");
#endif
  apply_to_bound_datagrams(socket.get(), options.accepted);
  enlarge_buffers(socket, options.accepted);
  if (is_unspecified(endpoint.address)) ask_for_own_address(socket.get(), form);
  const SocketAddress address(endpoint);
  if (::bind(socket.get(), address.get(), address.length) != 0) return failed("bind");
  return {std::move(socket), 0, ""};
}

}  // namespace

DatagramListenResult open_datagram_listeners(const Endpoint& endpoint, std::span<Worker* const> workers,
                                             const ListenOptions& options) {
  SS_ASSERT(!workers.empty());
  DatagramListenResult result;
  // As for connections: the first socket proves the port free, and shares it afterwards.
  Opened first = open_one(endpoint, options, options.share_port);
  if (!first.socket.open()) {
    result.error = first.error;
    result.failed_at = first.failed_at;
    if (first.error == EADDRINUSE) result.holder = describe_port_holder(endpoint, Transport::udp);
    return result;
  }
  result.endpoint = {endpoint.address, local_endpoint_of(first.socket.get()).port};
  result.dual_stack = endpoint.address.is_v6() && is_unspecified(endpoint.address) && !options.v6_only;

  std::vector<Descriptor> sockets;
  sockets.push_back(std::move(first.socket));
#if defined(SO_REUSEPORT)
  if (kOneSocketEach && workers.size() > 1 && set(sockets.front(), SO_REUSEPORT, 1)) {
    while (sockets.size() < workers.size()) {
      Opened next = open_one(result.endpoint, options, true);
      if (!next.socket.open()) break;
      sockets.push_back(std::move(next.socket));
    }
  }
#endif
  const Family form = family_of(endpoint.address);
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    DatagramShared& shared = datagram_shared_of(*workers[i]);
    auto socket = SocketDatagram::adopt(shared, std::move(sockets[i]), form, nullptr, result.error);
    if (!socket) {
      // The poll takes no more descriptors.
      result.sockets.clear();
      result.failed_at = "listen";
      return result;
    }
    result.sockets.push_back(std::move(socket));
  }
  return result;
}

}  // namespace ss::net
