#include "associations.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "pattern.hpp"

namespace ss::bench {

namespace {

constexpr std::size_t kTag = 8;
constexpr auto kStalled = std::chrono::milliseconds(200);
constexpr unsigned kFirstTries = 25;
constexpr int kFirstTryMs = 200;
/// How many windows behind the newest echo a datagram counts as lost. One that comes later still counts as echoed.
constexpr std::uint64_t kBehind = 4;

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "%s\n", what);  // figures of such a run would mean nothing
  std::exit(1);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

std::uint64_t place_of(std::uint64_t tag) {
  return (tag % 1'000'003) * 4099 + (tag >> 48) * 65'537;
}

}  // namespace

Echoes::Echoes(Load& run, std::size_t bytes, unsigned each, bool singly)
    : load(run),
      size(bytes),
      window(each),
      plain(singly),
      prefix(run.via != 0 ? 10 : 0),
      area(Association::kMostAtOnce * (bytes + prefix)),
      writer(!singly) {}

Association::Association(Echoes& run, unsigned number) : run_(run), index_(number) {
  if (run_.load.via != 0) {
    associate();
  } else {
    fd_ = open_udp_to(run_.load.target);
  }
  if (run_.plain) receive_singly(fd_);
  await_first_echo();
  run_.load.poller.add(fd_, *this, EPOLLIN);
}

Association::~Association() {
  close(fd_);
  if (control_ >= 0) close(control_);
}

/// RFC 1928 section 7. The proxy is on this machine, whatever address it gives.
void Association::associate() {
  control_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in proxy = loopback(run_.load.via);
  const std::array<std::uint8_t, 3> greeting{5, 1, 0};
  const std::array<std::uint8_t, 10> request{5, 3, 0, 1, 0, 0, 0, 0, 0, 0};
  std::array<std::uint8_t, 22> reply{};
  const auto talk = [&](std::span<const std::uint8_t> words, std::size_t wanted) {
    return write(control_, words.data(), words.size()) == static_cast<ssize_t>(words.size()) &&
           recv(control_, reply.data(), wanted, MSG_WAITALL) == static_cast<ssize_t>(wanted);
  };
  if (connect(control_, reinterpret_cast<const sockaddr*>(&proxy), sizeof proxy) != 0 || !talk(greeting, 2) ||
      reply[1] != 0 || !talk(request, 10) || reply[1] != 0) {
    give_up("no UDP association");
  }
  std::size_t port = 8;
  if (reply[3] == 4) {
    port = 20;
    if (recv(control_, reply.data() + 10, 12, MSG_WAITALL) != 12) give_up("no UDP association");
  }
  fd_ = open_udp_to(static_cast<std::uint16_t>(reply[port] << 8 | reply[port + 1]));
  prefix_ = {0,
             0,
             0,
             1,
             127,
             0,
             0,
             1,
             static_cast<std::uint8_t>(run_.load.target >> 8),
             static_cast<std::uint8_t>(run_.load.target)};
}

void Association::await_first_echo() {
  for (unsigned tries = 0; tries < kFirstTries; ++tries) {
    send(1);
    pollfd wanted{fd_, POLLIN, 0};
    if (poll(&wanted, 1, kFirstTryMs) != 1) continue;
    const std::span<const Segments> got = run_.reader.receive(fd_);
    if (got.empty()) {
      poll(nullptr, 0, kFirstTryMs);  // refused: nobody is there yet
      continue;
    }
    // Beside the count: the clock has not started yet.
    run_.sent -= seen_.size();
    first_ = oldest_ = seen_.size();
    under_way_ = 0;
    return;
  }
  give_up("no datagram comes back");
}

void Association::put(std::uint64_t number, std::uint8_t* at) const {
  std::memcpy(at, prefix_.data(), run_.prefix);
  const std::uint64_t name = tag(number);
  std::memcpy(at + run_.prefix, &name, kTag);
  const std::size_t rest = run_.size - kTag;
  std::memcpy(at + run_.prefix + kTag, pattern().at(place_of(name), rest).data(), rest);
}

void Association::send(std::size_t count) {
  const std::size_t length = run_.prefix + run_.size;
  while (count > 0) {
    const std::size_t now = std::min({count, kMostAtOnce, std::size_t{65'507} / length});
    for (std::size_t i = 0; i < now; ++i) put(seen_.size() + i, run_.area.data() + i * length);
    if (run_.plain) {
      for (std::size_t i = 0; i < now; ++i) {
        run_.writer.add({std::span(run_.area).subspan(i * length, length), length, {}}, nullptr);
      }
    } else {
      run_.writer.add({std::span(run_.area).first(now * length), length, {}}, nullptr);
    }
    run_.writer.send(fd_);
    seen_.resize(seen_.size() + now);
    under_way_ += now;
    run_.sent += now;
    count -= now;
  }
}

void Association::ready(std::uint32_t) {
  const std::span<const Segments> got = run_.reader.receive(fd_);
  if (got.empty()) return;
  last_arrival_ = run_.last_arrival = Clock::now();
  for (const Segments& buffer : got) {
    for (std::size_t at = 0; at < buffer.bytes.size(); at += buffer.segment) {
      take(buffer.bytes.subspan(at, std::min(buffer.segment, buffer.bytes.size() - at)));
    }
  }
  fill_window();
}

void Association::take(std::span<const std::uint8_t> datagram) {
  if (datagram.size() != run_.prefix + run_.size || std::memcmp(datagram.data(), prefix_.data(), run_.prefix) != 0) {
    ++run_.load.errors;
    return;
  }
  const auto payload = datagram.subspan(run_.prefix);
  std::uint64_t name = 0;
  std::memcpy(&name, payload.data(), kTag);
  const std::uint64_t number = name & ((std::uint64_t{1} << 48) - 1);
  if (number < first_ && name == tag(number)) return;
  if (name != tag(number) || number >= seen_.size() || seen_[number] ||
      !pattern().matches(place_of(name), payload.subspan(kTag))) {
    ++run_.load.errors;
    return;
  }
  seen_[number] = true;
  ++run_.echoed;
  if (number >= oldest_) --under_way_;
  write_off_before(number);
}

void Association::write_off_before(std::uint64_t newest) {
  if (run_.window == 0) return;
  for (; oldest_ + kBehind * run_.window < newest; ++oldest_) under_way_ -= seen_[oldest_] ? 0U : 1U;
}

void Association::fill_window() {
  if (under_way_ < run_.window && !run_.load.over()) send(run_.window - under_way_);
}

void Association::recover() {
  if (under_way_ > 0 && Clock::now() - last_arrival_ < kStalled) return;
  oldest_ = seen_.size();
  under_way_ = 0;
  last_arrival_ = Clock::now();
  fill_window();
}

}  // namespace ss::bench
