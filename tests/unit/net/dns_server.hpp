#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/net/ares_resolver.hpp"
#include "ss/net/worker.hpp"

namespace ss::net::test {

constexpr std::uint16_t kA = 1;
constexpr std::uint16_t kCname = 5;
constexpr std::uint16_t kAaaa = 28;

/// A message that a name server was sent.
struct DnsQuestion {
  ByteVector message;
  std::string name;
  std::uint16_t type = 0;
  bool over_tcp = false;
};

struct DnsRecord {
  std::uint16_t type;
  std::uint32_t ttl;
  ByteVector data;
};

inline DnsRecord record_of(const char* address, std::uint32_t ttl = 60) {
  const IpAddress ip = IpAddress::parse(address).value();
  return {ip.is_v4() ? kA : kAaaa, ttl, ByteVector(ip.bytes().begin(), ip.bytes().end())};
}

/// The answer to `question`: its records stand under the name that was asked for.
/// @param code  RCODE: 0 no error, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED
inline ByteVector reply_to(const DnsQuestion& question, const std::vector<DnsRecord>& records, unsigned code = 0) {
  ByteVector out = question.message;
  const auto append = [&](std::initializer_list<unsigned> bytes) {
    for (const unsigned b : bytes) out.push_back(static_cast<std::uint8_t>(b));
  };
  out[2] = 0x81;  // a response, recursion desired
  out[3] = static_cast<std::uint8_t>(0x80 | code);
  put_u16be(out.data() + 6, static_cast<std::uint16_t>(records.size()));
  for (const DnsRecord& record : records) {
    append({0xc0, 12});  // the name of the question
    append(
        {0u, record.type, 0, 1, record.ttl >> 24, record.ttl >> 16 & 0xff, record.ttl >> 8 & 0xff, record.ttl & 0xff});
    append({static_cast<unsigned>(record.data.size() >> 8), static_cast<unsigned>(record.data.size() & 0xff)});
    out.insert(out.end(), record.data.begin(), record.data.end());
  }
  return out;
}

/// A name server on loopback that says what its script says: any number of messages to each question, none among them.
/// Owner: the test. Threads: its own runs the script.
class DnsServer {
 public:
  using Script = std::function<std::vector<ByteVector>(const DnsQuestion&)>;

  explicit DnsServer(Script script, const char* address = "127.0.0.1", std::uint16_t port = 0)
      : script_(std::move(script)), address_(IpAddress::parse(address).value()) {
    // A port that one transport gives away may be taken in the other one.
    for (int tries = port == 0 ? 20 : 1; tries > 0 && !ready_; --tries) ready_ = bind_both(port);
    if (!ready_) return;
    if (::pipe(stop_.data()) != 0) std::abort();
    thread_ = std::thread([this] { serve(); });
  }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;
  ~DnsServer() {
    if (ready_) {
      ::close(stop_[1]);
      thread_.join();
      ::close(stop_[0]);
    }
    ::close(udp_);
    ::close(tcp_);
  }

  /// Whether the address could be had.
  [[nodiscard]] bool ready() const { return ready_; }
  [[nodiscard]] Endpoint endpoint() const { return {address_, port_}; }
  /// Questions so far.
  [[nodiscard]] int asked() const { return asked_.load(); }

 private:
  bool bind_both(std::uint16_t port) {
    ::close(udp_);
    ::close(tcp_);
    udp_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    tcp_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(tcp_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    std::memcpy(&at.sin_addr, address_.bytes().data(), 4);
    socklen_t length = sizeof at;
    if (::bind(udp_, reinterpret_cast<sockaddr*>(&at), length) != 0) return false;
    ::getsockname(udp_, reinterpret_cast<sockaddr*>(&at), &length);
    port_ = ntohs(at.sin_port);
    return ::bind(tcp_, reinterpret_cast<sockaddr*>(&at), length) == 0 && ::listen(tcp_, 8) == 0;
  }

  void serve() {
    while (true) {
      std::array<pollfd, 3> wait{{{stop_[0], POLLIN, 0}, {udp_, POLLIN, 0}, {tcp_, POLLIN, 0}}};
      if (::poll(wait.data(), wait.size(), -1) < 0 || wait[0].revents != 0) return;
      if (wait[1].revents != 0) serve_udp();
      if (wait[2].revents != 0) serve_tcp();
    }
  }

  void serve_udp() {
    ByteVector message(512);
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    const ssize_t n = ::recvfrom(udp_, message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
    if (n < 17) return;
    message.resize(static_cast<std::size_t>(n));
    for (const ByteVector& out : answers_to(std::move(message), false)) {
      ::sendto(udp_, out.data(), out.size(), 0, reinterpret_cast<sockaddr*>(&from), length);
    }
  }

  void serve_tcp() {
    const int peer = ::accept(tcp_, nullptr, nullptr);
    const timeval limit{2, 0};
    ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    std::array<std::uint8_t, 2> size{};
    if (::recv(peer, size.data(), size.size(), MSG_WAITALL) == 2) {
      ByteVector message(get_u16be(size.data()));
      if (::recv(peer, message.data(), message.size(), MSG_WAITALL) == static_cast<ssize_t>(message.size())) {
        for (const ByteVector& out : answers_to(std::move(message), true)) {
          put_u16be(size.data(), static_cast<std::uint16_t>(out.size()));
          ::send(peer, size.data(), size.size(), MSG_NOSIGNAL | MSG_MORE);
          ::send(peer, out.data(), out.size(), MSG_NOSIGNAL);
        }
      }
    }
    ::close(peer);
  }

  std::vector<ByteVector> answers_to(ByteVector message, bool over_tcp) {
    ++asked_;
    DnsQuestion question{std::move(message), {}, 0, over_tcp};
    ByteReader reader(ConstBytes(question.message).subspan(12));
    for (std::uint8_t length = reader.u8(); length != 0; length = reader.u8()) {
      if (!question.name.empty()) question.name += '.';
      question.name += text_of(reader.take(length));
    }
    question.type = reader.u16be();
    return script_(question);
  }

  Script script_;
  IpAddress address_;
  std::uint16_t port_ = 0;
  bool ready_ = false;
  int udp_ = -1;
  int tcp_ = -1;
  std::array<int, 2> stop_{-1, -1};
  std::atomic<int> asked_{0};
  std::thread thread_;
};

/// One question whose answer a test waits for.
struct Expected final : Query {
  void complete(ResolveAnswer answer) noexcept override { promise.set_value(std::move(answer)); }
  std::promise<ResolveAnswer> promise;
  bool at_once = false;
};

/// A worker on its own thread with a resolver of the given options.
/// Owner: the test. Threads: the test's; what it does on the worker goes there by itself.
class ResolverRig {
 public:
  explicit ResolverRig(const ResolverOptions& options) : worker_(0) {
    worker_.set_resolver(make_ares_resolver(worker_, options));
    thread_ = std::thread([this] { worker_.run(); });
  }
  ResolverRig(const ResolverRig&) = delete;
  ResolverRig& operator=(const ResolverRig&) = delete;
  ~ResolverRig() { end(); }

  /// Ends the loop, then the resolver, with the questions that are still under way.
  void drop_resolver() {
    end();
    worker_.set_resolver(nullptr);
  }

  /// Starts all questions in one turn of the loop.
  std::vector<std::future<ResolveAnswer>> start(std::vector<std::unique_ptr<Expected>>& askers,
                                                const std::vector<std::pair<std::string, Family>>& questions) {
    const std::size_t first = askers.size();
    std::vector<std::future<ResolveAnswer>> answers;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      askers.push_back(std::make_unique<Expected>());
      answers.push_back(askers.back()->promise.get_future());
    }
    std::promise<void> started;
    worker_.post([&] {
      for (std::size_t i = 0; i < questions.size(); ++i) {
        ResolveAnswer answer;
        Expected& asker = *askers[first + i];
        asker.at_once = worker_.resolver().start(questions[i].first, questions[i].second, asker, answer);
        if (asker.at_once) asker.complete(std::move(answer));
      }
      started.set_value();
    });
    started.get_future().get();
    return answers;
  }

  ResolveAnswer ask(const std::string& name, Family family = Family::v4) {
    std::vector<std::unique_ptr<Expected>> askers;
    ResolveAnswer answer = start(askers, {{name, family}})[0].get();
    at_once_ = askers[0]->at_once;
    return answer;
  }
  /// Whether the last `ask` was answered without a wait.
  [[nodiscard]] bool at_once() const { return at_once_; }

 private:
  void end() {
    worker_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Worker worker_;
  std::thread thread_;
  bool at_once_ = false;
};

inline std::string text_of(const ResolveAnswer& answer) {
  static constexpr const char* kNames[] = {"found", "not_found", "failed", "timed_out", "refused"};
  std::string text = kNames[static_cast<std::size_t>(answer.status)];
  for (const IpAddress& address : answer.addresses) text += ' ' + address.to_string();
  return text;
}

/// Options that look at no file of this machine.
inline ResolverOptions options_for(const DnsServer& server) {
  ResolverOptions options;
  options.nameservers = {server.endpoint()};
  options.hosts = "/nonexistent/hosts";
  return options;
}

}  // namespace ss::net::test
