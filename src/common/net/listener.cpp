#include "ss/net/listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "accept_loop.hpp"
#include "sockaddr.hpp"
#include "sockets.hpp"
#include "ss/base/address_class.hpp"
#include "ss/net/port_holder.hpp"

namespace ss::net {
namespace {

#if !defined(SS_PORTABLE) && defined(__linux__)
constexpr bool kOneSocketEach = true;
#else
constexpr bool kOneSocketEach = false;
#endif

bool set(const Descriptor& socket, int level, int name, int value) {
  return ::setsockopt(socket.get(), level, name, &value, sizeof value) == 0;
}

/// One listening socket, or the call that failed with errno.
struct Opened {
  Descriptor socket;
  int error = 0;
  const char* failed_at = "";
};

Opened failed(const char* call) {
  return {Descriptor(), errno, call};
}

Opened open_one(const Endpoint& endpoint, const ListenOptions& options, bool shared) {
  Descriptor socket = open_tcp(family_of(endpoint.address), options.accepted.mptcp);
  if (!socket.open()) return failed("socket");
  // Connections of an earlier run that are in TIME_WAIT do not matter; one that listens does, whatever it has set.
  set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
#if defined(SO_REUSEPORT)
  if (shared && !set(socket, SOL_SOCKET, SO_REUSEPORT, 1)) return failed("bind");
#endif
  if (endpoint.address.is_v6()) set(socket, IPPROTO_IPV6, IPV6_V6ONLY, options.v6_only ? 1 : 0);
#if defined(TCP_FASTOPEN)
  if (options.fast_open) set(socket, IPPROTO_TCP, TCP_FASTOPEN, 256);
#endif
  apply_to_accepted(socket.get(), options.accepted);
  if (classify(endpoint.address) == AddressClass::loopback) forgo_pacing(socket.get());
  const SocketAddress address(endpoint);
  if (::bind(socket.get(), address.get(), address.length) != 0) return failed("bind");
  if (::listen(socket.get(), options.backlog) != 0) return failed("listen");
  return {std::move(socket), 0, ""};
}

}  // namespace

bool covers(const Endpoint& bound, bool dual_stack, const Endpoint& wanted) {
  if (wanted.port != bound.port) return false;
  if (wanted.address == bound.address) return true;
  return is_unspecified(bound.address) && (dual_stack || wanted.address.is_v4() == bound.address.is_v4());
}

bool Listeners::covers(const Endpoint& wanted) const {
  return net::covers(endpoint_, dual_stack_, wanted);
}

ListenResult open_listeners(const Endpoint& endpoint, std::span<Worker* const> workers, const ListenOptions& options) {
  SS_ASSERT(!workers.empty());
  ListenResult result;
  // The first socket is opened without SO_REUSEPORT, so that it fails wherever anybody listens already, and gets it
  // afterwards, when nobody else can come in between any more: a proof and its use in one socket.
  Opened first = open_one(endpoint, options, options.share_port);
  if (!first.socket.open()) {
    result.error = first.error;
    result.failed_at = first.failed_at;
    if (first.error == EADDRINUSE) result.holder = describe_port_holder(endpoint);
    return result;
  }
  result.listeners.reset(new Listeners);
  Listeners& made = *result.listeners;
  made.endpoint_ = {endpoint.address, local_endpoint_of(first.socket.get()).port};
  made.dual_stack_ = endpoint.address.is_v6() && is_unspecified(endpoint.address) && !options.v6_only;

  std::vector<Descriptor> sockets;
  sockets.push_back(std::move(first.socket));
#if defined(SO_REUSEPORT)
  if (kOneSocketEach && set(sockets.front(), SOL_SOCKET, SO_REUSEPORT, 1)) {
    while (sockets.size() < workers.size()) {
      Opened next = open_one(made.endpoint_, options, true);
      // With fewer sockets than workers the accept loops there are pass connections on.
      if (!next.socket.open()) break;
      sockets.push_back(std::move(next.socket));
    }
  }
#endif
  const std::vector<Worker*> all(workers.begin(), workers.end());
  try {
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      made.loops_.push_back(
          std::make_shared<Listeners::AcceptLoop>(*workers[i], std::move(sockets[i]), all, options.accepted));
    }
  } catch (const boost::system::system_error& error) {
    // The reactor takes no more descriptors.
    return {nullptr, error.code().value(), "listen", {}};
  }
  return result;
}

void Listeners::start(const OnAccept& on_accept) {
  for (const auto& loop : loops_) {
    asio::post(io_context_of(loop->worker()), [loop, on_accept] { loop->start(on_accept); });
  }
}

void Listeners::close() {
  for (const auto& loop : std::exchange(loops_, {})) {
    asio::post(io_context_of(loop->worker()), [loop] { loop->close(); });
  }
}

Listeners::~Listeners() {
  close();
}

}  // namespace ss::net
