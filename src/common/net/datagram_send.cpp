#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <utility>

#include "datagram_batch.hpp"
#include "datagram_control.hpp"
#include "path_mtu.hpp"
#include "sockaddr.hpp"

namespace ss::net {
namespace {

constexpr std::size_t kMaxSegments = 64;  // what every kernel with UDP_SEGMENT takes
constexpr std::size_t kMaxRunBytes = 65'507;
constexpr std::size_t kMaxMessages = 64;
constexpr std::size_t kMaxPieces = 512;

#if !defined(SS_PORTABLE) && defined(__linux__)
using Message = mmsghdr;

int send_some(int descriptor, Message* messages, std::size_t count) {
  return ::sendmmsg(descriptor, messages, static_cast<unsigned>(count), 0);
}
#else
struct Message {
  msghdr msg_hdr;
};

int send_some(int descriptor, const Message* messages, std::size_t /*count*/) {
  return ::sendmsg(descriptor, &messages->msg_hdr, 0) < 0 ? -1 : 1;
}
#endif

/// Messages ready for one system call: 18 KiB on the stack, written where they are used.
class Packed {
 public:
  /// Packs as much of `batch` as fits, from its front.
  Packed(const DatagramSender& socket, std::span<const Outgoing> batch, const GsoRefusals& refusals) {
    while (!batch.empty() && count_ < kMaxMessages && pieces_used_ + kMaxSegments <= kMaxPieces) {
      const IpAddress& to = socket.peer != nullptr ? *socket.peer : batch.front().to.address;
      std::size_t run = socket.segments ? run_length(batch, socket.peer != nullptr) : 1;
      if (run > 1 && refusals.refuses(to)) run = 1;
      pack(socket, batch.first(run));
      batch = batch.subspan(run);
    }
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  /// How many datagrams the i-th message carries.
  [[nodiscard]] std::size_t datagrams(std::size_t i) const { return datagrams_[i]; }
  [[nodiscard]] Message* from(std::size_t i) { return &messages_[i]; }

 private:
  void pack(const DatagramSender& socket, std::span<const Outgoing> run) {
    const Outgoing& first = run.front();
    msghdr& head = messages_[count_].msg_hdr;
    head = {};
    if (socket.peer == nullptr) {
      head.msg_name = &addresses_[count_];
      head.msg_namelen = put_address(&addresses_[count_], first.to, socket.form);
    }
    head.msg_iov = &pieces_[pieces_used_];
    for (const Outgoing& datagram : run) add_piece(head, datagram.bytes);
    put_control(head, controls_[count_], socket.form, first.from, run.size() > 1 ? first.bytes.size() : 0);
    datagrams_[count_++] = run.size();
  }

  void add_piece(msghdr& head, ConstBytes bytes) {
    auto* const start = const_cast<std::uint8_t*>(bytes.data());
    if (head.msg_iovlen > 0) {
      iovec& last = pieces_[pieces_used_ - 1];
      if (static_cast<std::uint8_t*>(last.iov_base) + last.iov_len == start) {
        last.iov_len += bytes.size();
        return;
      }
    }
    pieces_[pieces_used_++] = {start, bytes.size()};
    ++head.msg_iovlen;
  }

  std::array<Message, kMaxMessages> messages_;
  std::array<std::size_t, kMaxMessages> datagrams_;
  std::array<sockaddr_in6, kMaxMessages> addresses_;
  std::array<DatagramControl, kMaxMessages> controls_;
  std::array<iovec, kMaxPieces> pieces_;
  std::size_t count_ = 0;
  std::size_t pieces_used_ = 0;
};

/// Whether an error may mean that the path or the interface does not take segments.
bool concerns_segments(int error) {
  return error == EMSGSIZE || error == EINVAL || error == EIO;
}

/// What became of a failed send.
enum class Verdict : std::uint8_t { again, alone, blocked, given_up };

/// @param tried  how often this message has failed before.
Verdict judge(int error, int& tried, bool segmented) {
  if (error == EINTR) return Verdict::again;
  if (error == EAGAIN) return Verdict::blocked;
  if (error == ENOBUFS) return Verdict::given_up;
  // The error may belong to an older datagram, which ICMP has answered: then it is told only once.
  if (tried++ == 0) return Verdict::again;
  return segmented && concerns_segments(error) ? Verdict::alone : Verdict::given_up;
}

/// Whether an error may mean that the address that a connected socket sends from is ours no more: the machine has
/// changed networks.
bool concerns_source(int error) {
  return error == EINVAL || error == ENETUNREACH || error == EADDRNOTAVAIL || error == ENETDOWN || error == ENODEV;
}

/// Connects a socket to its peer anew, from the address that the system now chooses, unless one was configured.
/// @return  whether that could be done.
bool connect_anew(int descriptor) {
  sockaddr_in6 peer{};
  socklen_t length = sizeof peer;
  auto* const address = reinterpret_cast<sockaddr*>(&peer);
  if (::getpeername(descriptor, address, &length) != 0) return false;
  sockaddr nobody{};
  nobody.sa_family = AF_UNSPEC;
  if (::connect(descriptor, &nobody, sizeof nobody) != 0) return false;
  return ::connect(descriptor, address, length) == 0;
}

std::size_t fitting(const DatagramSender& socket, const Outgoing& datagram) {
  return socket.peer != nullptr ? longest_payload(socket.descriptor, family_of(*socket.peer))
                                : longest_payload(datagram.to);
}

}  // namespace

std::size_t run_length(std::span<const Outgoing> batch, bool connected) {
  const Outgoing& first = batch.front();
  const std::size_t segment = first.bytes.size();
  std::size_t run = 1;
  for (std::size_t total = segment; segment > 0 && run < batch.size() && run < kMaxSegments; ++run) {
    const Outgoing& next = batch[run];
    const std::size_t size = next.bytes.size();
    total += size;
    if (size == 0 || size > segment || total > kMaxRunBytes) break;
    if ((!connected && next.to != first.to) || next.from != first.from) break;
    if (size < segment) return run + 1;
  }
  return run;
}

SendResult send_batch(const DatagramSender& socket, std::span<const Outgoing> batch, GsoRefusals& refusals) {
  SendResult result;
  while (result.handled < batch.size()) {
    Packed packed(socket, batch.subspan(result.handled), refusals);
    int tried = 0;
    bool repack = false;
    bool anew = false;
    for (std::size_t at = 0; at < packed.count() && !repack;) {
      const int n = send_some(socket.descriptor, packed.from(at), packed.count() - at);
      if (n > 0) {
        for (const std::size_t end = at + static_cast<std::size_t>(n); at < end; ++at) {
          result.handled += packed.datagrams(at);
          result.sent += packed.datagrams(at);
        }
        tried = 0;
        continue;
      }
      const int error = errno;
      const std::size_t run = packed.datagrams(at);
      switch (judge(error, tried, run > 1)) {
        case Verdict::again:
          break;
        case Verdict::blocked:
          return result;
        case Verdict::alone:
          refusals.remember(socket.peer != nullptr ? *socket.peer : batch[result.handled].to.address);
          repack = true;
          break;
        case Verdict::given_up:
          if (socket.peer != nullptr && concerns_source(error) && !std::exchange(anew, true) &&
              connect_anew(socket.descriptor)) {
            tried = 0;
            break;
          }
          if (error == EMSGSIZE) {
            if (result.too_long == 0) result.fits = fitting(socket, batch[result.handled]);
            result.too_long += run;
          }
          result.error = error;
          result.handled += run;
          ++at;
          tried = 0;
          break;
      }
    }
  }
  return result;
}

}  // namespace ss::net
