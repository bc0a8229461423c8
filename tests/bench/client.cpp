#include "client.hpp"

#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "sockets.hpp"

namespace ss::bench {

namespace {

constexpr std::array<std::uint8_t, 3> kGreeting{5, 1, 0};
constexpr std::size_t kGreetingReply = 2;
constexpr std::size_t kReplyV4 = 10;
constexpr std::size_t kReplyV6 = 22;

}  // namespace

Client::Client(Load& load) : load_(load), fd_(connect_to(load.via != 0 ? load.via : load.target)) {
  if (fd_ < 0) {
    std::perror("connect");  // out of ports or descriptors: figures of such a run would mean nothing
    std::exit(1);
  }
  ++load_.open;
  load_.poller.add(fd_, *this, EPOLLOUT);
}

void Client::ready(std::uint32_t) {
  switch (phase_) {
    case Phase::connecting:
      return begin_negotiation();
    case Phase::greeting:
    case Phase::request:
      return read_reply();
    case Phase::established:
      return moved();
  }
}

void Client::begin_negotiation() {
  int cause = 0;
  socklen_t size = sizeof cause;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &cause, &size);
  if (cause != 0) return end(false);
  watch(EPOLLIN);
  if (load_.via == 0) {
    phase_ = Phase::established;
    return established();
  }
  phase_ = Phase::greeting;
  if (send(fd_, kGreeting).bytes != kGreeting.size()) end(false);
}

void Client::read_reply() {
  // Never a byte more than the reply: what follows it belongs to the target's stream.
  const std::size_t wanted = phase_ == Phase::greeting    ? kGreetingReply
                             : got_ > 3 && reply_[3] == 4 ? kReplyV6
                                                          : kReplyV4;
  const Transfer got = receive(fd_, std::span(reply_).subspan(got_, wanted - got_));
  if (got.moved == Moved::nothing_yet) return;
  if (got.moved == Moved::ended) return end(false);
  got_ += got.bytes;
  if (got_ < wanted) return;
  if (reply_[0] != 5 || reply_[1] != 0) return end(false);
  if (phase_ == Phase::greeting) {
    phase_ = Phase::request;
    got_ = 0;
    const std::array<std::uint8_t, 10> request{5,
                                               1,
                                               0,
                                               1,
                                               127,
                                               0,
                                               0,
                                               1,
                                               static_cast<std::uint8_t>(load_.target >> 8),
                                               static_cast<std::uint8_t>(load_.target)};
    if (send(fd_, request).bytes != request.size()) end(false);
    return;
  }
  if (reply_[3] == 4 && got_ < kReplyV6) return;
  phase_ = Phase::established;
  established();
}

void Client::end(bool good) {
  --load_.open;
  ++(good ? load_.done : load_.errors);
  load_.poller.retire(fd_, std::unique_ptr<Handler>(this));
  ended(good);
}

}  // namespace ss::bench
