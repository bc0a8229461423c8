#include "asio_stream.hpp"

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
/// What Asio keeps while a wait is pending: two words, in memory that it recycles.
struct AsioStream::Woken {
  AsioStream* stream;
  Side side;
  void operator()(const boost::system::error_code& error) const {
    Waiter* const waiter = std::exchange(stream->waiters_[static_cast<std::size_t>(side)], nullptr);
    // What is not a cancel shows itself at the next attempt.
    const bool cancelled = error == asio::error::operation_aborted;
    waiter->complete(cancelled ? WaitOutcome::cancelled : WaitOutcome::ready);
  }
};

std::unique_ptr<AsioStream> AsioStream::adopt(asio::io_context& io, Descriptor socket, int& error) {
  auto stream = std::make_unique<AsioStream>(io);
  boost::system::error_code failed;
  stream->socket_.assign(socket.get(), failed);
  if (failed) {
    error = failed.value();
    return nullptr;
  }
  static_cast<void>(socket.release());
  // Tells Asio that the socket is non-blocking already, or every first wait would ask the kernel.
  stream->socket_.native_non_blocking(true, failed);
  return stream;
}

AsioStream::~AsioStream() {
  // Only a worker whose loop has ended may drop sessions where they stand (Spawner).
  SS_ASSERT((!waiters_[0] && !waiters_[1]) || socket_.get_executor().context().stopped());
}

IoResult AsioStream::failure() {
  // EINPROGRESS: a connect that rides on the first write (TCP Fast Open) has only begun.
  if (errno == EAGAIN || errno == EINPROGRESS) return {IoStatus::blocked, 0, 0};
  // EPIPE means that the peer had ended before: that end was a true one.
  if (error_ == 0 && errno != EPIPE) error_ = errno;
  return {IoStatus::failed, 0, errno};
}

IoResult AsioStream::try_read(std::span<const Bytes> into) {
  SS_ASSERT(!into.empty() && into.size() <= kMaxSpans);
  std::array<iovec, kMaxSpans> spans;
  for (std::size_t i = 0; i < into.size(); ++i) spans[i] = {into[i].data(), into[i].size()};
  for (;;) {
    const ssize_t n = ::readv(descriptor(), spans.data(), static_cast<int>(into.size()));
    if (n > 0) return {IoStatus::done, static_cast<std::size_t>(n), 0};
    if (n == 0 && error_ != 0) return {IoStatus::failed, 0, error_};
    if (n == 0) return {IoStatus::ended, 0, 0};
    if (errno != EINTR) return failure();
  }
}

IoResult AsioStream::try_write(std::span<const ConstBytes> from) {
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
    const ssize_t n = ::sendmsg(descriptor(), &message, kFlags);
    if (n >= 0) return {IoStatus::done, static_cast<std::size_t>(n), 0};
    if (errno != EINTR) return failure();
  }
}

void AsioStream::wait(Side side, Waiter& waiter) {
  Waiter*& slot = waiters_[static_cast<std::size_t>(side)];
  SS_ASSERT(!slot);
  slot = &waiter;
  socket_.async_wait(side == Side::read ? IoDescriptor::wait_read : IoDescriptor::wait_write, Woken{this, side});
}

void AsioStream::cancel() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

int AsioStream::finish_connect() {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  if (!icmp_kept_) return error;
  // What is kept may be there before the socket's own error is.
  const int kept = take_kept_icmp(descriptor());
  if (kept == kTtlExpired || error == 0) error = kept;
  if (error == 0) forgo_icmp(descriptor(), *std::exchange(icmp_kept_, std::nullopt));
  return error;
}

void AsioStream::shut_write() {
  ::shutdown(descriptor(), SHUT_WR);
}

void AsioStream::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  boost::system::error_code ignored;
  socket_.close(ignored);
}

std::size_t AsioStream::unacknowledged() const {
  int bytes = 0;
#if !defined(SS_PORTABLE) && defined(SIOCOUTQ)
  if (::ioctl(descriptor(), SIOCOUTQ, &bytes) != 0) return 0;
#elif defined(SO_NWRITE)
  socklen_t length = sizeof bytes;
  if (::getsockopt(descriptor(), SOL_SOCKET, SO_NWRITE, &bytes, &length) != 0) return 0;
#endif
  return bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

Endpoint AsioStream::local_endpoint() const {
  return local_endpoint_of(descriptor());
}
Endpoint AsioStream::peer_endpoint() const {
  return peer_endpoint_of(descriptor());
}

}  // namespace ss::net
