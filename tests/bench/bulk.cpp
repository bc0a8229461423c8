#include <sys/socket.h>

#include "modes.hpp"
#include "pattern.hpp"
#include "sockets.hpp"

namespace ss::bench {

namespace {

class Upload final : public Client {
 public:
  Upload(Load& load, std::uint64_t bytes) : Client(load), left_(bytes) {}

 private:
  void established() override {
    const auto ask = question(Kind::sink, left_);
    if (send(fd_, ask).bytes != ask.size()) return end(false);
    watch(EPOLLOUT);
  }
  void moved() override {
    if (left_ == 0) return read_verdict();
    const Transfer sent = send(fd_, pattern().at(offset_, left_));
    if (sent.moved == Moved::ended) return end(false);
    offset_ += sent.bytes;
    left_ -= sent.bytes;
    if (left_ == 0) watch(EPOLLIN);
  }
  void read_verdict() {
    std::uint8_t verdict = kBad;
    const Transfer got = receive(fd_, {&verdict, 1});
    if (got.moved != Moved::nothing_yet) end(got.moved == Moved::some && verdict == kGood);
  }
  void ended(bool) override {}

  std::uint64_t left_;
  std::uint64_t offset_ = 0;
};

class Download final : public Client {
 public:
  Download(Load& load, std::uint64_t bytes) : Client(load), left_(bytes) {}

 private:
  void established() override {
    const auto ask = question(Kind::source, left_);
    if (send(fd_, ask).bytes != ask.size()) end(false);
  }
  void moved() override {
    const Transfer got = receive(fd_, scratch());
    if (got.moved == Moved::nothing_yet) return;
    if (got.moved == Moved::ended || got.bytes > left_ || !pattern().matches(offset_, scratch().first(got.bytes))) {
      return end(false);
    }
    offset_ += got.bytes;
    left_ -= got.bytes;
    if (left_ == 0) end(true);
  }
  void ended(bool) override {}

  std::uint64_t left_;
  std::uint64_t offset_ = 0;
};

}  // namespace

std::string run_bulk(Load& load, bool up, unsigned connections, std::uint64_t bytes) {
  const std::uint64_t each = bytes / connections;
  const auto start = Clock::now();
  for (unsigned i = 0; i < connections; ++i) {
    if (up) {
      new Upload(load, each);
    } else {
      new Download(load, each);
    }
  }
  while (load.open > 0 && !load.over()) load.poller.run_once(100);
  load.errors += load.open;  // what has not come by the deadline is lost
  const std::chrono::duration<double> took = Clock::now() - start;
  return "\"bytes\": " + std::to_string(each * load.done) + ", \"seconds\": " + std::to_string(took.count());
}

}  // namespace ss::bench
