#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ss/base/address.hpp"
#include "ss/net/socket_options.hpp"
#include "ss/net/worker.hpp"

namespace ss::net {

struct ListenOptions {
  SocketOptions accepted;   ///< what accepted connections have set
  bool v6_only = false;     ///< `::` then leaves IPv4 alone
  bool share_port = false;  ///< other processes of this user may listen on the same port too (--reuse-port)
  bool fast_open = false;   ///< take data in the SYN
  int backlog = 4096;       ///< the system's own limit (net.core.somaxconn) cuts it
};

/// Called on the worker that the connection will live on.
using OnAccept = std::function<void(Worker&, std::unique_ptr<Stream>)>;

/// One endpoint that connections come in at: a listening socket for each worker, each with its own accept loop.
///
/// Few connections spread unevenly over several sockets, so a worker with many more sessions than the least loaded one
/// passes what it accepts on to that one. With SS_PORTABLE one socket on the first worker feeds them all. Shortage of
/// descriptors or memory pauses an accept loop for 10 to 200 ms; nothing ends it but `close`.
///
/// Owner: the program; goes before its workers do. Threads: one; `close` may be called from any.
class Listeners {
 public:
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;
  /// Closes.
  ~Listeners();

  /// Where this listens; with the port that the system chose where 0 was asked for.
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  /// Whether connections to `wanted` arrive here already: `0.0.0.0` after a dual-stack `::` on the same port. Opening
  /// `wanted` as well gives EADDRINUSE, which is then no failure; so open `::` before `0.0.0.0`, and ask this first.
  [[nodiscard]] bool covers(const Endpoint& wanted) const;

  /// Begins to accept. Connections queue from `open_listeners` on, so nothing is lost in between.
  void start(const OnAccept& on_accept);
  /// Takes in what is queued already, then stops listening. Connections that were accepted go on. Soon, not from inside
  /// the call.
  void close();

  struct AcceptLoop;

 private:
  friend struct ListenResult open_listeners(const Endpoint&, std::span<Worker* const>, const ListenOptions&);
  Listeners() = default;
  Endpoint endpoint_;
  bool dual_stack_ = false;
  std::vector<std::shared_ptr<AcceptLoop>> loops_;
};

/// Whether what comes to `wanted` arrives at a socket bound to `bound`.
/// @param dual_stack  `bound` is `::` and takes IPv4 too.
bool covers(const Endpoint& bound, bool dual_stack, const Endpoint& wanted);

/// Listeners, or why there are none.
struct ListenResult {
  std::unique_ptr<Listeners> listeners;
  int error = 0;               ///< errno where `listeners` is null
  const char* failed_at = "";  ///< `socket`, `bind`, `listen`: the call that failed
  std::string holder;          ///< with EADDRINUSE: who listens there, as describe_port_holder has it
};

/// Opens `endpoint` on all of `workers` (at least one). Unless `share_port`, the port is proved free first: a second
/// start on the same port fails with EADDRINUSE, also against a process that uses SO_REUSEPORT. Threads: before the
/// workers run, or while they do.
ListenResult open_listeners(const Endpoint& endpoint, std::span<Worker* const> workers,
                            const ListenOptions& options = {});

}  // namespace ss::net
