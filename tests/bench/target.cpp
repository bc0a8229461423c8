#include "target.hpp"

#include <sys/socket.h>

#include <array>
#include <cstring>
#include <memory>

#include "datagrams.hpp"
#include "pattern.hpp"
#include "poller.hpp"
#include "sockets.hpp"

namespace ss::bench {

namespace {

/// One connection to the target. Owner: the poller's event data until it ends; it retires itself.
class TargetConnection final : public Handler {
 public:
  TargetConnection(Poller& poller, int fd) : poller_(poller), fd_(fd) { poller_.add(fd, *this, EPOLLIN); }

  void ready(std::uint32_t) override {
    if (asked_ < kQuestion && !read_question()) return;
    switch (static_cast<Kind>(question_[0])) {
      case Kind::source:
        return send_source();
      case Kind::sink:
        return read_sink();
      case Kind::echo:
        return send_echo();
      case Kind::exchange:
        return exchange();
    }
    end();
  }

 private:
  /// Whether the question is whole.
  bool read_question() {
    const Transfer got = receive(fd_, std::span(question_).subspan(asked_));
    if (got.moved == Moved::ended) end();
    if (got.moved != Moved::some) return false;
    asked_ += got.bytes;
    if (asked_ < kQuestion) return false;
    std::memcpy(&count_, question_.data() + 1, sizeof count_);
    if (static_cast<Kind>(question_[0]) == Kind::source) poller_.change(fd_, *this, EPOLLOUT);
    return true;
  }

  void send_source() {
    if (done_ == count_) return wait_for_end();
    const Transfer sent = send(fd_, pattern().at(done_, count_ - done_));
    if (sent.moved == Moved::ended) return end();
    done_ += sent.bytes;
    if (done_ == count_) poller_.change(fd_, *this, EPOLLIN);
  }

  void read_sink() {
    if (done_ == count_) return wait_for_end();
    const Transfer got = receive(fd_, scratch());
    if (got.moved == Moved::ended) return end();
    if (got.moved == Moved::nothing_yet) return;
    good_ = good_ && done_ + got.bytes <= count_ && pattern().matches(done_, scratch().first(got.bytes));
    done_ += got.bytes;
    if (done_ < count_) return;
    const std::uint8_t verdict = good_ ? kGood : kBad;
    send(fd_, {&verdict, 1});
  }

  void send_echo() {
    const Transfer got = receive(fd_, scratch());
    if (got.moved == Moved::nothing_yet) return;
    // A client of the bench never has more under way than its own socket buffer takes back.
    if (got.moved == Moved::ended || send(fd_, scratch().first(got.bytes)).bytes != got.bytes) end();
  }

  void exchange() {
    if (done_ == kExchange - kQuestion) return wait_for_end();
    const Transfer got = receive(fd_, scratch().first(kExchange - kQuestion - done_));
    if (got.moved == Moved::nothing_yet) return;
    if (got.moved == Moved::ended || !pattern().matches(done_, scratch().first(got.bytes))) return end();
    done_ += got.bytes;
    if (done_ == kExchange - kQuestion) send(fd_, pattern().at(0, kExchange));
  }

  void wait_for_end() {
    if (receive(fd_, scratch()).moved != Moved::nothing_yet) end();
  }

  void end() { poller_.retire(fd_, std::unique_ptr<Handler>(this)); }

  Poller& poller_;
  int fd_;
  std::array<std::uint8_t, kQuestion> question_{};
  std::size_t asked_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t done_ = 0;
  bool good_ = true;
};

class Listener final : public Handler {
 public:
  Listener(Poller& poller, std::uint16_t port) : poller_(poller), fd_(listen_on(port)) {
    poller_.add(fd_, *this, EPOLLIN);
  }
  void ready(std::uint32_t) override {
    if (const int fd = accept_from(fd_); fd >= 0) new TargetConnection(poller_, fd);
  }

 private:
  Poller& poller_;
  int fd_;
};

/// Sends every datagram back to where it came from.
class DatagramEcho final : public Handler {
 public:
  DatagramEcho(Poller& poller, std::uint16_t port) : fd_(open_udp(port)) { poller.add(fd_, *this, EPOLLIN); }
  void ready(std::uint32_t) override {
    for (const Segments& buffer : reader_.receive(fd_)) writer_.add(buffer, &buffer.peer);
    writer_.send(fd_);
  }

 private:
  int fd_;
  DatagramReader reader_;
  DatagramWriter writer_;
};

}  // namespace

void serve(std::uint16_t port) {
  Poller poller;
  const Listener listener(poller, port);
  const DatagramEcho echo(poller, port);
  for (;;) poller.run_once(-1);
}

}  // namespace ss::bench
