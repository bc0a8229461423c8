#include "sim/udp_peer.hpp"

#include <cstdlib>

namespace ss::sim {

UdpPeer::UdpPeer(Network& network, const Endpoint& at) : net_(network.datagrams), at_(at) {
  if (!net_.bind(at_, *this)) std::abort();
}

UdpPeer::~UdpPeer() {
  net_.unbind(at_, *this);
}

void UdpPeer::roam(const Endpoint& to) {
  net_.unbind(at_, *this);
  at_ = to;
  if (!net_.bind(at_, *this)) std::abort();
}

std::size_t UdpPeer::send_as_step(const Endpoint& to, ConstBytes bytes) {
  const Fault fault = net_.world.step();
  net_.post(at_, to, bytes, fault);
  if (fault == Fault::lost || fault == Fault::refused) return 0;
  return fault == Fault::doubled ? 2 : 1;
}

std::vector<std::string> UdpPeer::texts() const {
  std::vector<std::string> all;
  for (const Heard& one : heard) all.emplace_back(text_of(one.bytes));
  return all;
}

bool UdpPeer::take(const Endpoint& from, const Endpoint& /*to*/, ByteVector bytes) {
  ++net_.tally.taken;
  heard.push_back({from, std::move(bytes), net_.world.now()});
  if (when_heard) {
    // It may bring the list to grow.
    const Heard last = heard.back();
    when_heard(last);
  }
  return true;
}

}  // namespace ss::sim
