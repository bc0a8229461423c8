#include <algorithm>
#include <cerrno>

#include "sim/datagram.hpp"

namespace ss::sim {

using net::Datagram;
using net::Family;

namespace {

Endpoint any_of(Family family) {
  return {family == Family::v4 ? IpAddress() : IpAddress(IpAddress::V6{}), 0};
}

}  // namespace

std::unique_ptr<Datagram> SimDatagramOpener::open(Family family, int& error) {
  return open_as({any_of(family)}, error);
}

std::unique_ptr<Datagram> SimDatagramOpener::open_connected(const Endpoint& peer, int& error) {
  const Family family = peer.address.is_v4() ? Family::v4 : Family::v6;
  if (is_unspecified(address_of(family))) {
    error = ENETUNREACH;
    return nullptr;
  }
  return open_as({any_of(family), peer}, error);
}

std::unique_ptr<Datagram> SimDatagramOpener::open_bound(const Endpoint& at, int& error) {
  return open_as({.local = at, .tells_own_address = is_unspecified(at.address)}, error);
}

std::unique_ptr<Datagram> SimDatagramOpener::open_listener(const Endpoint& at, int& error) {
  const bool all = is_unspecified(at.address);
  return open_as({.local = at, .both_families = all && at.address.is_v6(), .tells_own_address = all, .shared = true},
                 error);
}

std::unique_ptr<Datagram> SimDatagramOpener::open_as(SimDatagram::Kind kind, int& error) {
  const Fault fault = net_.world.step();
  error = fails_with;
  if (fault == Fault::no_descriptors || fault == Fault::no_buffers) error = errno_of(fault);
  if (error == 0 && !is_unspecified(kind.local.address) && !owns(kind.local.address)) error = EADDRNOTAVAIL;
  if (error == 0 && kind.local.port == 0) {
    kind.local.port = choose_port(kind);
    if (kind.local.port == 0) error = EADDRINUSE;
  }
  if (error != 0) return nullptr;
  auto socket = std::make_unique<SimDatagram>(*this, kind);
  error = socket->bind();
  if (error != 0) return nullptr;
  return socket;
}

std::vector<Endpoint> SimDatagramOpener::places_of(const Endpoint& at, bool both_families) const {
  if (!is_unspecified(at.address)) return {at};
  std::vector<Endpoint> places;
  for (const IpAddress& own : addresses_) {
    if (both_families || own.is_v4() == at.address.is_v4()) places.push_back({own, at.port});
  }
  return places;
}

std::uint16_t SimDatagramOpener::choose_port(const SimDatagram::Kind& kind) {
  for (int tried = 0; tried <= kLastPort - kFirstPort; ++tried) {
    const std::uint16_t port = next_port_;
    next_port_ = port == kLastPort ? kFirstPort : static_cast<std::uint16_t>(port + 1);
    const std::vector<Endpoint> places = places_of({kind.local.address, port}, kind.both_families);
    if (std::all_of(places.begin(), places.end(), [this](const Endpoint& at) { return net_.is_free(at); })) return port;
  }
  return 0;
}

bool SimDatagramOpener::roam(const IpAddress& before, const IpAddress& now) {
  std::replace(addresses_.begin(), addresses_.end(), before, now);
  bool all = true;
  for (const auto& [number, socket] : open_) {
    if (!socket->holds_all_addresses()) continue;
    socket->unbind();
    if (socket->bind() != 0) all = false;
  }
  return all;
}

IpAddress SimDatagramOpener::address_of(Family family) const {
  const auto found = std::find_if(addresses_.begin(), addresses_.end(),
                                  [family](const IpAddress& own) { return own.is_v4() == (family == Family::v4); });
  return found == addresses_.end() ? IpAddress() : *found;
}

bool SimDatagramOpener::owns(const IpAddress& address) const {
  return std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
}

}  // namespace ss::sim
