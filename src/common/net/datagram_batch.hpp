#pragma once

#include <span>

#include "gso_refusals.hpp"
#include "ss/net/datagram.hpp"

namespace ss::net {

/// Receives up to eight buffers in one system call (with SS_PORTABLE one in each) and takes them apart.
/// @return  how many of `into` were filled; 0: nothing is there.
std::size_t receive_batch(int descriptor, Bytes area, std::span<Received> into);

/// What sending asks of a socket.
struct DatagramSender {
  int descriptor;
  Family form;            ///< the socket's own; an IPv6 one takes IPv4 addresses mapped
  const IpAddress* peer;  ///< of a connected socket, else null
  bool segments;          ///< runs of equal-sized datagrams may leave as one buffer
};

/// Sends `batch`, up to 64 messages in one system call (with SS_PORTABLE one in each).
SendResult send_batch(const DatagramSender& socket, std::span<const Outgoing> batch, GsoRefusals& refusals);

/// How many datagrams from the front of `batch` can leave as one buffer: to the same place, all of the first one's size
/// but for a last shorter one, none of them empty.
/// @pre  batch is not empty.
std::size_t run_length(std::span<const Outgoing> batch, bool connected);

}  // namespace ss::net
