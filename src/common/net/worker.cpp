#include "ss/net/worker.hpp"

#include <exception>

#include "asio_worker.hpp"
#include "socket_stream.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::net {

void AsioAlarm::set(MonoTime when) {
  timer_.expires_at(when);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) timers_->run();
  });
}

Worker::Loop::Loop(const SocketOptions& outgoing)
    : dialer(poll, outgoing), datagrams(poll, outgoing), acceptors(poll, outgoing) {
  alarm.ring(timers);
}

Worker::Worker(unsigned index, const SocketOptions& outgoing)
    : index_(index), loop_(std::make_unique<Loop>(outgoing)) {}

Worker::~Worker() {
  // From here on nothing runs: the sessions that are left go without being resumed.
  loop_->io.stop();
}

void Worker::run() {
  const auto work = asio::make_work_guard(loop_->io);
  while (!loop_->io.stopped()) {
    try {
      loop_->io.run();
    } catch (const std::exception& error) {
      telemetry::log_error("worker {}: an exception escaped a handler: {}", index_, error.what());
    }
  }
}

void Worker::stop() {
  loop_->io.stop();
}

void Worker::post(std::function<void()> fn) {
  asio::post(loop_->io, std::move(fn));
}

const Clock& Worker::clock() const {
  return system_clock();
}
Timers& Worker::timers() {
  return loop_->timers;
}
Spawner& Worker::spawner() {
  return loop_->spawner;
}
Dialer& Worker::dialer() {
  return loop_->dialer;
}
DatagramOpener& Worker::datagrams() {
  return loop_->datagrams;
}
AcceptorOpener& Worker::acceptors() {
  return loop_->acceptors;
}
Resolver& Worker::resolver() {
  SS_ASSERT(loop_->resolver);
  return *loop_->resolver;
}
void Worker::set_resolver(std::unique_ptr<Resolver> resolver) {
  loop_->resolver = std::move(resolver);
}
telemetry::Counters& Worker::counters() {
  return loop_->counters;
}

std::unique_ptr<Stream> Worker::adopt(int descriptor) {
  int error = 0;
  return SocketStream::adopt(loop_->poll, Descriptor(descriptor), Side::read, error);
}

std::uint32_t Worker::load() const {
  return loop_->spawner.live() + loop_->arriving.load(std::memory_order_relaxed);
}

}  // namespace ss::net
