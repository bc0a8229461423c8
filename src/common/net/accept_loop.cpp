#include "accept_loop.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <system_error>

#include "socket_stream.hpp"
#include "sockets.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::net {
namespace {

constexpr int kBatch = 64;
constexpr int kMaxClosingBatches = 64;
constexpr Duration kShortestPause = std::chrono::milliseconds(10);
constexpr Duration kLongestPause = std::chrono::milliseconds(200);
constexpr Duration kLineEvery = std::chrono::seconds(10);

Descriptor open_spare() {
  return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/// Whether the failure was that connection's own, so that the next one may be better.
bool concerns_one_connection(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case EPERM:
      return true;
    default:
      return false;
  }
}

/// Sets `socket` up as a session on `worker`, which must be the running one.
void begin_session(Worker& worker, Descriptor socket, const OnAccept& on_accept) {
  // Whatever happens to one connection, the accept loop goes on.
  try {
    if (std::unique_ptr<Stream> stream = worker.adopt(socket.release())) {
      worker.counters().accepted.add();
      on_accept(worker, std::move(stream));
    } else {
      worker.counters().accept_errors.add();
    }
  } catch (const std::exception& error) {
    worker.counters().accept_errors.add();
    telemetry::log_error("a connection could not be taken in: {}", error.what());
  }
}

/// A descriptor on its way to another worker; closed where that one never gets to it.
struct Arrival {
  Worker* worker;
  Descriptor socket;
  std::shared_ptr<const OnAccept> on_accept;
  void operator()() {
    worker->loop().arriving.fetch_sub(1, std::memory_order_relaxed);
    begin_session(*worker, std::move(socket), *on_accept);
  }
};

}  // namespace

Listeners::AcceptLoop::AcceptLoop(Worker& worker, Descriptor socket, std::vector<Worker*> workers,
                                  const SocketOptions& accepted)
    : worker_(worker),
      listener_(io_context_of(worker), socket.release()),
      pause_(io_context_of(worker)),
      spare_(open_spare()),
      workers_(std::move(workers)),
      accepted_(accepted) {}

void Listeners::AcceptLoop::start(OnAccept on_accept) {
  on_accept_ = std::make_shared<const OnAccept>(std::move(on_accept));
  wait_readable();
}

void Listeners::AcceptLoop::wait_readable() {
  listener_.async_wait(IoDescriptor::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->readable();
  });
}

void Listeners::AcceptLoop::readable() {
  if (!listener_.is_open()) return;
  Batch batch = Batch::short_of_descriptors;
  try {
    batch = accept_batch();
  } catch (const std::bad_alloc&) {
    last_error_ = ENOMEM;
  }
  if (batch == Batch::short_of_descriptors) {
    back_off(last_error_);
  } else {
    pause_length_ = Duration::zero();
    wait_readable();
  }
}

Listeners::AcceptLoop::Batch Listeners::AcceptLoop::accept_batch() {
  for (int n = 0; n < kBatch; ++n) {
    Descriptor socket = accept_tcp(listener_.native_handle());
    if (socket.open()) {
      deliver(std::move(socket));
      // A callback may have closed us.
      if (!listener_.is_open()) return Batch::emptied;
      continue;
    }
    if (errno == EAGAIN) return Batch::emptied;
    if (concerns_one_connection(errno)) continue;
    last_error_ = errno;
    return Batch::short_of_descriptors;
  }
  return Batch::full;
}

Worker& Listeners::AcceptLoop::choose_worker() {
  Worker* least = &worker_;
  for (Worker* other : workers_) {
    if (other->load() < least->load()) least = other;
  }
#if !defined(SS_PORTABLE)
  // Passing a connection on costs a wake-up of the other thread: only where the kernel's own spread is plainly off.
  const std::uint32_t fewest = least->load();
  if (worker_.load() <= fewest + 8 + fewest / 4) return worker_;
#endif
  return *least;
}

void Listeners::AcceptLoop::deliver(Descriptor socket) {
#if defined(SS_PORTABLE) || !defined(__linux__)
  // On Linux an accepted socket has inherited these from its listener.
  apply_to_accepted(socket.get(), accepted_);
#endif
  Worker& chosen = choose_worker();
  if (&chosen == &worker_) {
    begin_session(worker_, std::move(socket), *on_accept_);
    return;
  }
  chosen.loop().arriving.fetch_add(1, std::memory_order_relaxed);
  asio::post(io_context_of(chosen), Arrival{&chosen, std::move(socket), on_accept_});
}

void Listeners::AcceptLoop::back_off(int error) {
  note_shortage(error);
  // The queue keeps the connections meanwhile; only in a shortage that lasts is the oldest one turned away, so that it
  // may try another server rather than hang.
  if (pause_length_ >= kLongestPause) turn_one_away();
  pause_length_ = std::clamp(pause_length_ * 2, kShortestPause, kLongestPause);
  pause_.expires_after(pause_length_);
  pause_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
    if (!cancelled) self->readable();
  });
}

void Listeners::AcceptLoop::turn_one_away() {
  spare_.reset();
  accept_tcp(listener_.native_handle()).reset();
  spare_ = open_spare();
}

void Listeners::AcceptLoop::note_shortage(int error) {
  worker_.counters().accept_errors.add();
  ++errors_since_line_;
  const MonoTime now = worker_.clock().now();
  if (now < next_line_) return;
  telemetry::log_warn("cannot accept connections: {} ({} times since the last such line)",
                      std::generic_category().message(error), errors_since_line_);
  next_line_ = now + kLineEvery;
  errors_since_line_ = 0;
}

void Listeners::AcceptLoop::close() {
  if (!listener_.is_open()) return;
  pause_.cancel();
  // Bounded, so that a flood cannot keep a closing listener open.
  for (int batches = 0; on_accept_ && batches < kMaxClosingBatches; ++batches) {
    if (accept_batch() != Batch::full) break;
  }
  boost::system::error_code ignored;
  listener_.close(ignored);
}

}  // namespace ss::net
