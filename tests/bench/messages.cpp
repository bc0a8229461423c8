#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "latencies.hpp"
#include "modes.hpp"
#include "pattern.hpp"
#include "sockets.hpp"

namespace ss::bench {

namespace {

constexpr auto kGrace = std::chrono::seconds(5);  // for what is still under way at the deadline

/// One short connection, which starts the next one at its end.
class Exchange final : public Client {
 public:
  Exchange(Load& load, Latencies& latencies) : Client(load), latencies_(latencies) {}

 private:
  void established() override {
    std::array<std::uint8_t, kExchange> message{};
    const auto ask = question(Kind::exchange, 0);
    std::copy(ask.begin(), ask.end(), message.begin());
    std::memcpy(message.data() + kQuestion, pattern().at(0, kExchange).data(), kExchange - kQuestion);
    if (send(fd_, message).bytes != message.size()) end(false);
  }
  void moved() override {
    const Transfer got = receive(fd_, scratch());
    if (got.moved == Moved::nothing_yet) return;
    if (got.moved == Moved::ended || got_ + got.bytes > kExchange ||
        !pattern().matches(got_, scratch().first(got.bytes))) {
      return end(false);
    }
    got_ += got.bytes;
    if (got_ < kExchange) return;
    latencies_.add(began_);
    end(true);
  }
  void ended(bool) override {
    if (!load_.over()) new Exchange(load_, latencies_);
  }

  Latencies& latencies_;
  Clock::time_point began_ = Clock::now();
  std::size_t got_ = 0;
};

class Ping final : public Client {
 public:
  Ping(Load& load, Latencies& latencies) : Client(load), latencies_(latencies) {}

 private:
  static constexpr std::size_t kMessage = 64;

  void established() override {
    const auto ask = question(Kind::echo, 0);
    if (send(fd_, ask).bytes != ask.size()) return end(false);
    next();
  }
  void next() {
    sent_ = Clock::now();
    got_ = 0;
    if (send(fd_, pattern().at(offset_, kMessage)).bytes != kMessage) end(false);
  }
  void moved() override {
    const Transfer got = receive(fd_, scratch());
    if (got.moved == Moved::nothing_yet) return;
    if (got.moved == Moved::ended || got_ + got.bytes > kMessage ||
        !pattern().matches(offset_ + got_, scratch().first(got.bytes))) {
      return end(false);
    }
    got_ += got.bytes;
    if (got_ < kMessage) return;
    latencies_.add(sent_);
    offset_ += kMessage;
    if (load_.over()) return end(true);
    next();
  }
  void ended(bool) override {}

  Latencies& latencies_;
  Clock::time_point sent_;
  std::uint64_t offset_ = 0;
  std::size_t got_ = 0;
};

/// A connection that has carried one byte each way and then rests.
class Idle final : public Client {
 public:
  Idle(Load& load, unsigned& established) : Client(load), established_(established) {}

 private:
  void established() override {
    const auto ask = question(Kind::echo, 0);
    const std::uint8_t byte = 0;
    if (send(fd_, ask).bytes != ask.size() || send(fd_, {&byte, 1}).bytes != 1) end(false);
  }
  void moved() override {
    if (receive(fd_, scratch()).moved == Moved::ended) return end(false);
    ++established_;
  }
  void ended(bool) override {}

  unsigned& established_;
};

/// Runs until the deadline and until what was under way then has ended; what has not is lost.
void run_to_end(Load& load) {
  while (load.open > 0 && Clock::now() < load.deadline + kGrace) load.poller.run_once(100);
  load.errors += load.open;
}

std::string seconds_since(Clock::time_point start) {
  return ", \"seconds\": " + std::to_string(std::chrono::duration<double>(Clock::now() - start).count());
}

}  // namespace

std::string run_short(Load& load, unsigned connections) {
  Latencies latencies;
  const auto start = Clock::now();
  for (unsigned i = 0; i < connections; ++i) new Exchange(load, latencies);
  run_to_end(load);
  return "\"connections\": " + std::to_string(load.done) + seconds_since(start) + latencies.figures();
}

std::string run_ping(Load& load, unsigned connections) {
  Latencies latencies;
  const auto start = Clock::now();
  for (unsigned i = 0; i < connections; ++i) new Ping(load, latencies);
  run_to_end(load);
  return "\"messages\": " + std::to_string(latencies.count()) + seconds_since(start) + latencies.figures();
}

std::string run_idle(Load& load, unsigned connections) {
  constexpr unsigned kAtOnce = 64;
  unsigned established = 0;
  unsigned started = 0;
  while (established + load.errors < connections && !load.over()) {
    while (started < connections && started - established < kAtOnce) {
      new Idle(load, established);
      ++started;
    }
    load.poller.run_once(100);
  }
  std::printf("ready\n");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return "\"connections\": " + std::to_string(established);
}

}  // namespace ss::bench
