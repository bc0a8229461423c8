#pragma once

namespace ss::net {

/// What the kernel does for batches of equal-sized datagrams.
struct UdpOffload {
  bool segments = false;   ///< UDP_SEGMENT: one buffer leaves as many datagrams
  bool coalesces = false;  ///< UDP_GRO: many datagrams come in as one buffer
};

/// What this kernel has; nothing with SS_PORTABLE. Found out once. Threads: any.
const UdpOffload& udp_offload();

/// Has what comes to `socket` joined into buffers where `offload` says so.
void ask_for_joined(int socket, const UdpOffload& offload);

}  // namespace ss::net
