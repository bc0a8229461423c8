#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ss/base/address.hpp"
#include "ss/net/datagram.hpp"
#include "ss/net/listener.hpp"

namespace ss::net {

/// One endpoint that datagrams come in at, or why there is none.
///
/// Owner of the sockets: the program; each goes on its own worker's thread, or after that worker has stopped and before
/// it goes.
struct DatagramListenResult {
  /// The i-th belongs to the i-th worker; empty on failure. One alone, of the first worker, with SS_PORTABLE; fewer
  /// than workers also where descriptors run short.
  std::vector<std::unique_ptr<Datagram>> sockets;
  Endpoint endpoint;           ///< with the port that the system chose where 0 was asked for
  bool dual_stack = false;     ///< `::`, and IPv4 comes here too
  int error = 0;               ///< errno where there are no sockets
  const char* failed_at = "";  ///< `socket`, `bind`, `listen` (the poll): what failed
  std::string holder;          ///< with EADDRINUSE: who holds the port, as describe_port_holder has it
};

/// Opens `endpoint` for datagrams on all of `workers` (at least one): one socket each, among which the kernel spreads
/// the clients by their address. Unless `share_port`, the port is proved free first, as open_listeners does. Of
/// `options.accepted` buffers and DSCP apply; the buffers are 4 MiB where the configuration does not ask for more and
/// the system lets us. On a socket bound to all addresses `Received::to` tells which one a datagram came to, so that
/// answers leave from there. Threads: before the workers run, or while they do.
DatagramListenResult open_datagram_listeners(const Endpoint& endpoint, std::span<Worker* const> workers,
                                             const ListenOptions& options = {});

}  // namespace ss::net
