#include "sim/network.hpp"

#include <cerrno>
#include <deque>
#include <utility>

#include "sim/waits.hpp"

namespace ss::sim {

net::DialStart SimDialer::begin(const Endpoint& to, const net::DialWishes& /*wishes*/) {
  const Fault fault = network_.world.step();
  if (fault == Fault::no_descriptors || fault == Fault::no_buffers) return {nullptr, errno_of(fault)};
  const Endpoint own{own_, next_port_++};
  auto link = std::make_shared<Link>(network_.world, network_.alive);
  link->sealed = to_pair_;
  if (to_pair_) link->acks_late = network_.acks_late;
  network_.links.emplace(to, link);
  auto stream = std::make_unique<SimStream>(link, 0, own, to, true);
  stream->connecting();
  // The stream may be given up before the connect ends: then its end of the link is empty.
  const auto slow = network_.connect_takes.find(to);
  const Duration more = slow == network_.connect_takes.end() ? Duration::zero() : slow->second;
  network_.world.after(network_.world.some_delay() + more, [this, link, own, to, fault] {
    SimStream* const dialled = link->ends[0];
    if (dialled == nullptr) return;
    const auto listener = network_.listeners.find(to);
    const int error = errno_of(fault) != 0 ? errno_of(fault) : listener == network_.listeners.end() ? ECONNREFUSED : 0;
    if (error == 0) listener->second(std::make_unique<SimStream>(link, 1, to, own, to_pair_));
    dialled->connected(error);
  });
  return {std::move(stream)};
}

namespace {

class SimAcceptor final : public net::Acceptor {
 public:
  SimAcceptor(Network& network, const Endpoint& at) : network_(network), at_(at), waits_(network.world) {
    network_.listeners[at_] = [this](std::unique_ptr<net::Stream> stream) {
      come_.push_back(std::move(stream));
      waits_.complete_after(network_.world.some_delay(), net::Side::read, net::WaitOutcome::ready);
    };
  }
  ~SimAcceptor() override { network_.listeners.erase(at_); }

  std::unique_ptr<net::Stream> try_accept() override {
    if (come_.empty()) return nullptr;
    std::unique_ptr<net::Stream> first = std::move(come_.front());
    come_.pop_front();
    return first;
  }
  void wait(net::Waiter& waiter) override {
    waits_.begin(net::Side::read, waiter);
    if (come_.empty()) return;
    waits_.complete_after(network_.world.some_delay(), net::Side::read, net::WaitOutcome::ready);
  }
  void cancel() override { waits_.cancel(); }
  [[nodiscard]] Endpoint local_endpoint() const override { return at_; }

 private:
  Network& network_;
  Endpoint at_;
  std::deque<std::unique_ptr<net::Stream>> come_;
  Waits waits_;
};

}  // namespace

net::ListenStart SimAcceptorOpener::open(const Endpoint& at) {
  if (const int error = errno_of(network_.world.step())) return {nullptr, error};
  if (network_.listeners.count(at) > 0) return {nullptr, EADDRINUSE};
  return {std::make_unique<SimAcceptor>(network_, at), 0};
}

bool SimResolver::start(const std::string& name, net::Family family, net::Query& query, net::ResolveAnswer&) {
  const Fault fault = network_.world.step();
  network_.world.after(network_.world.some_delay(), [this, name, family, fault, &query] {
    net::ResolveAnswer answer;
    answer.status = net::ResolveStatus::not_found;
    if (errno_of(fault) != 0) answer.status = net::ResolveStatus::failed;
    const auto found = network_.names.find(name);
    if (answer.status != net::ResolveStatus::failed && found != network_.names.end()) {
      for (const IpAddress& address : found->second) {
        if (address.is_v4() == (family == net::Family::v4)) answer.addresses.push_back(address);
      }
      if (!answer.addresses.empty()) answer.status = net::ResolveStatus::found;
    }
    query.complete(std::move(answer));
  });
  return false;
}

}  // namespace ss::sim
