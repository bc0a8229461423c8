#include "socket_stream.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <utility>

#include "kept_icmp.hpp"
#include "sockaddr.hpp"
#if defined(__linux__)
#include <linux/sockios.h>
#endif

namespace ss::net {

std::unique_ptr<SocketStream> SocketStream::adopt(SocketPoll& poll, Descriptor socket, Side first, int& error) {
  auto stream = std::make_unique<SocketStream>(poll, std::move(socket));
  error = stream->socket_.join(first);
  return error == 0 ? std::move(stream) : nullptr;
}

IoResult SocketStream::failure() {
  // EINPROGRESS: a connect that rides on the first write (TCP Fast Open) has only begun.
  if (errno == EAGAIN || errno == EINPROGRESS) return {IoStatus::blocked, 0, 0};
  // EPIPE means that the peer had ended before: that end was a true one.
  if (error_ == 0 && errno != EPIPE) error_ = errno;
  return {IoStatus::failed, 0, errno};
}

IoResult SocketStream::done(ssize_t bytes) {
  socket_.note_moved(static_cast<std::size_t>(bytes));
  return {IoStatus::done, static_cast<std::size_t>(bytes), 0};
}

IoResult SocketStream::try_read(std::span<const Bytes> into) {
  SS_ASSERT(!into.empty() && into.size() <= kMaxSpans);
  std::array<iovec, kMaxSpans> spans;
  for (std::size_t i = 0; i < into.size(); ++i) spans[i] = {into[i].data(), into[i].size()};
  for (;;) {
    const ssize_t n = ::readv(socket_.descriptor(), spans.data(), static_cast<int>(into.size()));
    if (n > 0) return done(n);
    if (n == 0 && error_ != 0) return {IoStatus::failed, 0, error_};
    if (n == 0) return {IoStatus::ended, 0, 0};
    if (errno != EINTR) return failure();
  }
}

IoResult SocketStream::try_write(std::span<const ConstBytes> from) {
  SS_ASSERT(!from.empty() && from.size() <= kMaxSpans);
  std::array<iovec, kMaxSpans> spans;
  for (std::size_t i = 0; i < from.size(); ++i) spans[i] = {const_cast<std::uint8_t*>(from[i].data()), from[i].size()};
  msghdr message{};
  message.msg_iov = spans.data();
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(from.size());
#if defined(MSG_NOSIGNAL)
  constexpr int kFlags = MSG_NOSIGNAL;
#else
  constexpr int kFlags = 0;  // SO_NOSIGPIPE stands on the socket there, and the programs ignore SIGPIPE.
#endif
  for (;;) {
    const ssize_t n = ::sendmsg(socket_.descriptor(), &message, kFlags);
    if (n >= 0) return done(n);
    if (errno != EINTR) return failure();
  }
}

int SocketStream::finish_connect() {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(socket_.descriptor(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  if (!icmp_kept_) return error;
  // What is kept may be there before the socket's own error is.
  const int kept = take_kept_icmp(socket_.descriptor());
  if (kept == kTtlExpired || error == 0) error = kept;
  if (error == 0) forgo_icmp(socket_.descriptor(), *std::exchange(icmp_kept_, std::nullopt));
  return error;
}

void SocketStream::shut_write() {
  ::shutdown(socket_.descriptor(), SHUT_WR);
}

void SocketStream::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_.close();
}

std::size_t SocketStream::unacknowledged() const {
  int bytes = 0;
#if !defined(SS_PORTABLE) && defined(SIOCOUTQ)
  if (::ioctl(socket_.descriptor(), SIOCOUTQ, &bytes) != 0) return 0;
#elif defined(SO_NWRITE)
  socklen_t length = sizeof bytes;
  if (::getsockopt(socket_.descriptor(), SOL_SOCKET, SO_NWRITE, &bytes, &length) != 0) return 0;
#endif
  return bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

Endpoint SocketStream::local_endpoint() const {
  return local_endpoint_of(socket_.descriptor());
}
Endpoint SocketStream::peer_endpoint() const {
  return peer_endpoint_of(socket_.descriptor());
}

}  // namespace ss::net
