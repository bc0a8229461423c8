#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ss/base/address.hpp"
#include "ss/base/clock.hpp"
#include "ss/net/resolver.hpp"

namespace ss::net {

/// What the configuration says about sockets. A value of zero or an empty one leaves the system's own.
struct SocketOptions {
  bool no_delay = true;
  Duration keep_alive =
      std::chrono::seconds(15);  ///< Silence before the first probe, and between probes; whole seconds.
  int not_sent_low_water = 0;    ///< TCP_NOTSENT_LOWAT: writable only below so many unsent bytes.
  int send_buffer = 0;
  int recv_buffer = 0;
  int dscp = 0;  ///< 0–63, in the upper six bits of TOS and traffic class.

  // Outgoing connections alone.
  std::optional<IpAddress>
      bind_v4;  ///< Where connections to IPv4 come from; with only the other one set, that family is off.
  std::optional<IpAddress> bind_v6;
  std::string bind_interface;  ///< Linux; needs CAP_NET_RAW on old kernels.
  std::uint32_t fwmark = 0;    ///< Linux; needs CAP_NET_ADMIN.
  bool fast_open = false;      ///< TCP Fast Open: the connect is done by the first write, and so are its errors.
  bool mptcp = false;          ///< Multipath TCP where the kernel has it, else TCP.
};

/// Sets what a connection of ours needs before its connect. An option that this system lacks, and that only tunes, is
/// passed over; one that decides where traffic goes (interface, mark, bind address) fails.
/// @return 0, or errno.
int apply_before_connect(int descriptor, Family family, const SocketOptions& options);

/// Sets what an accepted connection, or a listener that is to hand it down, needs. Failures are passed over.
void apply_to_accepted(int descriptor, const SocketOptions& options);

/// Rids a TCP socket, or a listener that is to hand it down, of BBR's pacing: CUBIC instead, or Reno where CUBIC is not
/// allowed. For a connection that stays on this machine, where no link could be overrun and each paced burst costs a
/// timer interrupt (docs/decisions/0014). Any other congestion control is left alone; failures are passed over.
void forgo_pacing(int descriptor);

/// What apply_before_connect() does, for a UDP socket that sends for us, of which buffers, DSCP, mark, interface and
/// source address apply; binds it, to any address where the configuration names none.
/// @return 0, or errno.
int apply_and_bind_datagrams(int descriptor, Family family, const SocketOptions& options);

/// Sets what a UDP socket that clients speak to needs: buffers and DSCP. Failures are passed over.
void apply_to_bound_datagrams(int descriptor, const SocketOptions& options);

}  // namespace ss::net
