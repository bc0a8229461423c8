// The floor: a relay that only copies bytes from a listener to one target. Two of them in a row cost what no pair of
// user-space programs can go below: no SOCKS5, no cipher, one read of up to two of loopback's longest
// segments and one write per wake-up (docs/decisions/0004 has the figures of other batches).
//
// Datagrams are passed on at the same port (udp_floor.hpp).
//
// bench_floor LISTEN_PORT TARGET_PORT

#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "poller.hpp"
#include "sockets.hpp"
#include "udp_floor.hpp"

namespace ss::bench {
namespace {

/// Two segments of 65,483 B. A few bytes more would travel as a third one.
constexpr std::size_t kBatch = 130'900;

class Relay;

/// One of the two sockets of a relay.
class Side final : public Handler {
 public:
  Side(Relay& relay, int fd) : relay_(relay), fd_(fd) {}
  void ready(std::uint32_t events) override;

  Relay& relay_;
  int fd_;
  bool ended_ = false;                   ///< its stream has ended, and the other side was told
  std::vector<std::uint8_t> unwritten_;  ///< what this side's kernel would not take yet
};

class Relay {
 public:
  Relay(Poller& poller, int client, int target)
      : poller_(poller), client_(new Side(*this, client)), target_(new Side(*this, target)) {
    poller_.add(client, *client_, EPOLLIN);
    poller_.add(target, *target_, EPOLLIN);
  }

  void ready(Side& side, std::uint32_t events) {
    if (over_) return;
    if (side.ended_ && (events & (EPOLLHUP | EPOLLERR)) != 0) return finish();  // reset after its end
    Side& other = &side == client_.get() ? *target_ : *client_;
    if ((events & EPOLLOUT) != 0 && !side.unwritten_.empty()) flush(side, other);
    if (!over_ && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !side.ended_ && other.unwritten_.empty()) {
      pump(side, other);
    }
  }

 private:
  void pump(Side& from, Side& to) {
    const Transfer got = receive(from.fd_, scratch().first(kBatch));
    if (got.moved == Moved::nothing_yet) return;
    if (got.moved == Moved::ended) {
      from.ended_ = true;
      shutdown(to.fd_, SHUT_WR);
      if (to.ended_) return finish();
      return watch(from, to);
    }
    const auto bytes = scratch().first(got.bytes);
    const Transfer sent = send(to.fd_, bytes);
    if (sent.moved == Moved::ended) return finish();
    if (sent.bytes == bytes.size()) return;
    to.unwritten_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(sent.bytes), bytes.end());
    watch(from, to);
  }

  void flush(Side& side, Side& other) {
    const Transfer sent = send(side.fd_, side.unwritten_);
    if (sent.moved == Moved::ended) return finish();
    side.unwritten_.erase(side.unwritten_.begin(), side.unwritten_.begin() + static_cast<std::ptrdiff_t>(sent.bytes));
    if (side.unwritten_.empty()) watch(other, side);
  }

  /// A side is read unless it has ended or what it sent last is still unwritten.
  void watch(Side& a, Side& b) {
    for (auto [side, other] : {std::pair{&a, &b}, std::pair{&b, &a}}) {
      std::uint32_t events = side->unwritten_.empty() ? 0U : static_cast<std::uint32_t>(EPOLLOUT);
      if (!side->ended_ && other->unwritten_.empty()) events |= EPOLLIN;
      poller_.change(side->fd_, *side, events);
    }
  }

  void finish() {
    over_ = true;
    const int client = client_->fd_;
    const int target = target_->fd_;
    poller_.retire(client, std::move(client_));
    poller_.retire(target, std::make_unique<Last>(std::move(target_), this));
  }

  /// Frees the relay itself with the second of its sides.
  struct Last final : Handler {
    Last(std::unique_ptr<Side> side, Relay* relay) : side_(std::move(side)), relay_(relay) {}
    void ready(std::uint32_t) override {}
    std::unique_ptr<Side> side_;
    std::unique_ptr<Relay> relay_;
  };

  Poller& poller_;
  std::unique_ptr<Side> client_;
  std::unique_ptr<Side> target_;
  bool over_ = false;
};

void Side::ready(std::uint32_t events) {
  relay_.ready(*this, events);
}

class Listener final : public Handler {
 public:
  Listener(Poller& poller, std::uint16_t port, std::uint16_t target)
      : poller_(poller), fd_(listen_on(port)), target_(target) {
    poller_.add(fd_, *this, EPOLLIN);
  }

  void ready(std::uint32_t) override {
    const int client = accept_from(fd_);
    if (client < 0) return;
    const int target = connect_to(target_);
    if (target < 0) {
      close(client);
      return;
    }
    new Relay(poller_, client, target);  // frees itself when both streams have ended
  }

 private:
  Poller& poller_;
  int fd_;
  std::uint16_t target_;
};

}  // namespace
}  // namespace ss::bench

int main(int count, char** words) {
  if (count != 3) {
    std::fprintf(stderr, "bench_floor LISTEN_PORT TARGET_PORT\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  ss::bench::Poller poller;
  const auto port = static_cast<std::uint16_t>(std::strtoul(words[1], nullptr, 10));
  const auto target = static_cast<std::uint16_t>(std::strtoul(words[2], nullptr, 10));
  ss::bench::Listener listener(poller, port, target);
  ss::bench::UdpFloor datagrams(poller, port, target);
  for (;;) poller.run_once(-1);
}
