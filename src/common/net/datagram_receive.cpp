#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "datagram_batch.hpp"
#include "datagram_control.hpp"
#include "sockaddr.hpp"

namespace ss::net {
namespace {

constexpr std::size_t kMaxBuffers = Datagram::kReceiveArea / Datagram::kReceiveSlot;
constexpr std::size_t kMaxSegments = Datagram::kMaxBatch / kMaxBuffers;
/// Errors of earlier sends that one call passes over; more of them can only come while it runs.
constexpr int kMaxErrors = 8;

#if !defined(SS_PORTABLE) && defined(__linux__)
using Message = mmsghdr;

int receive_some(int descriptor, Message* messages, unsigned count) {
  return ::recvmmsg(descriptor, messages, count, 0, nullptr);
}
#else
struct Message {
  msghdr msg_hdr;
  unsigned msg_len;
};

int receive_some(int descriptor, Message* messages, unsigned count) {
  unsigned done = 0;
  for (; done < count; ++done) {
    const ssize_t n = ::recvmsg(descriptor, &messages[done].msg_hdr, 0);
    if (n < 0) break;
    messages[done].msg_len = static_cast<unsigned>(n);
  }
  return done > 0 ? static_cast<int>(done) : -1;
}
#endif

/// What one system call fills, on the stack.
struct Slots {
  void point_at(Bytes area, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      pieces[i] = {area.data() + i * Datagram::kReceiveSlot, Datagram::kReceiveSlot};
      msghdr& head = messages[i].msg_hdr;
      head = {};
      head.msg_name = &addresses[i];
      head.msg_namelen = sizeof addresses[i];
      head.msg_iov = &pieces[i];
      head.msg_iovlen = 1;
      head.msg_control = controls[i].bytes.data();
      head.msg_controllen = sizeof controls[i].bytes;
    }
  }
  std::array<Message, kMaxBuffers> messages;
  std::array<iovec, kMaxBuffers> pieces;
  std::array<sockaddr_in6, kMaxBuffers> addresses;
  std::array<DatagramControl, kMaxBuffers> controls;
};

/// Takes one buffer apart. @return how many of `into` were filled.
std::size_t split(const Message& message, std::span<Received> into) {
  // A datagram that lacks its end, or whose cuts are not known, is none.
  if ((message.msg_hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return 0;
  const Beside beside = parse_control(message.msg_hdr);
  const Endpoint from = parse_address(message.msg_hdr.msg_name);
  const Bytes whole(static_cast<std::uint8_t*>(message.msg_hdr.msg_iov->iov_base), message.msg_len);
  const std::size_t segment = beside.segment == 0 ? whole.size() : beside.segment;
  std::size_t filled = 0;
  for (std::size_t at = 0; filled < into.size(); at += segment) {
    into[filled++] = {whole.subspan(at, std::min(segment, whole.size() - at)), from, beside.to};
    if (whole.size() - at <= segment) break;
  }
  return filled;
}

}  // namespace

std::size_t receive_batch(int descriptor, Bytes area, std::span<Received> into) {
  const std::size_t count = std::min({kMaxBuffers, area.size() / Datagram::kReceiveSlot, into.size() / kMaxSegments});
  SS_ASSERT(count > 0);
  Slots slots;
  slots.point_at(area, count);
  for (int errors = 0; errors < kMaxErrors;) {
    const int n = receive_some(descriptor, slots.messages.data(), static_cast<unsigned>(count));
    if (n < 0) {
      if (errno == EAGAIN) return 0;
      if (errno != EINTR) ++errors;
      continue;
    }
    std::size_t filled = 0;
    for (int i = 0; i < n; ++i) {
      filled += split(slots.messages[static_cast<std::size_t>(i)], into.subspan(filled));
    }
    if (filled > 0) return filled;
    // Nothing but cut ones: the call has changed the heads.
    slots.point_at(area, count);
    ++errors;
  }
  return 0;
}

}  // namespace ss::net
