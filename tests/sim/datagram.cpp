#include "sim/datagram.hpp"

#include <algorithm>
#include <cerrno>

#include "ss/base/assert.hpp"

namespace ss::sim {

using net::Outgoing;
using net::Received;
using net::SendResult;
using net::Side;
using net::WaitOutcome;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMaxCoalesced = net::Datagram::kMaxBatch / 8;
constexpr std::size_t kMaxUdpV4 = 65'507;
constexpr std::size_t kMaxUdpV6 = 65'527;

/// The errno that a datagram is given up for: an ICMP error of an older one is told once, and the second try passes.
int send_error_of(Fault fault) {
  if (fault == Fault::too_long) return EMSGSIZE;
  const bool lasts = fault == Fault::unreachable || fault == Fault::network_down || fault == Fault::no_buffers;
  return lasts ? errno_of(fault) : 0;
}

}  // namespace

SimDatagram::SimDatagram(SimDatagramOpener& opener, const Kind& kind)
    : opener_(opener), net_(opener.net_), kind_(kind), waits_(net_.world), self_(std::make_shared<SimDatagram*>(this)) {
  opener_.open_.emplace(++net_.tally.opened, this);
  ++net_.tally.open;
}

SimDatagram::~SimDatagram() {
  unbind();
  std::erase_if(opener_.open_, [this](const auto& entry) { return entry.second == this; });
  --net_.tally.open;
  *self_ = nullptr;
}

int SimDatagram::bind() {
  const std::vector<Endpoint> wanted = opener_.places_of(kind_.local, kind_.both_families);
  if (wanted.empty()) return 0;
  for (const Endpoint& at : wanted) {
    if (!net_.bind(at, *this, kind_.shared)) {
      unbind();
      return EADDRINUSE;
    }
    places_.push_back(at);
  }
  return 0;
}

void SimDatagram::unbind() {
  for (const Endpoint& at : places_) net_.unbind(at, *this);
  places_.clear();
}

Endpoint SimDatagram::local_endpoint() const {
  // Connecting is what makes the system choose an address.
  if (kind_.peer && holds_all_addresses() && !places_.empty()) return places_.front();
  return kind_.local;
}

bool SimDatagram::take(const Endpoint& from, const Endpoint& to, ByteVector bytes) {
  if (kind_.peer && *kind_.peer != from) return false;
  const std::size_t weight = bytes.size() + SocketFaults::kWeight;
  if (queued_weight_ + weight > net_.sockets.receive_room) {
    ++net_.tally.overflowed;
    return true;
  }
  ++net_.tally.taken;
  queued_weight_ += weight;
  queue_.push_back({std::move(bytes), from, to});
  waits_.complete_after(net_.world.some_delay(), Side::read, WaitOutcome::ready);
  return true;
}

void SimDatagram::bounced(const Endpoint& to) {
  // The kernel wakes a connected socket up for it; the seam passes over the error.
  if (!kind_.peer || *kind_.peer != to) return;
  waits_.complete_after(net_.world.some_delay(), Side::read, WaitOutcome::ready);
  waits_.complete_after(net_.world.some_delay(), Side::write, WaitOutcome::ready);
}

std::size_t SimDatagram::try_receive(Bytes area, std::span<Received> into) {
  SS_ASSERT(area.size() >= kReceiveSlot && into.size() >= kMaxBatch);
  const Fault fault = net_.world.step();
  if (queue_.empty() || fault == Fault::nothing_there) return 0;
  std::size_t left = fault == Fault::short_step ? 1 : net_.world.portion(queue_.size());
  const bool flips = fault == Fault::flipped && !queue_.front().bytes.empty() &&
                     net_.is_sealed(queue_.front().from, queue_.front().to);
  std::size_t filled = 0;
  while (left > 0 && area.size() >= kReceiveSlot) {
    const std::size_t most = std::min({left, kMaxCoalesced, into.size() - filled});
    if (most == 0) break;
    const std::size_t moved = fill(area.first(kReceiveSlot), into.subspan(filled, most));
    filled += moved;
    left -= moved;
    area = area.subspan(kReceiveSlot);
  }
  if (flips) into.front().bytes[0] ^= 0x40;
  return filled;
}

std::size_t SimDatagram::fill(Bytes buffer, std::span<Received> into) {
  const Endpoint from = queue_.front().from;
  const Endpoint to = queue_.front().to;
  const std::size_t segment = queue_.front().bytes.size();
  std::size_t moved = 0;
  for (bool more = true; more;) {
    const Queued& next = queue_.front();
    const std::size_t size = next.bytes.size();
    std::copy(next.bytes.begin(), next.bytes.end(), buffer.begin());
    into[moved++] = {buffer.first(size), from, kind_.tells_own_address ? to.address : IpAddress()};
    buffer = buffer.subspan(size);
    queued_weight_ -= size + SocketFaults::kWeight;
    queue_.pop_front();
    // UDP_GRO: equal sizes from one place, and at most a shorter one behind them.
    more = net_.sockets.coalesces && size == segment && segment > 0 && moved < into.size() && !queue_.empty() &&
           queue_.front().from == from && queue_.front().to == to && !queue_.front().bytes.empty() &&
           queue_.front().bytes.size() <= std::min(segment, buffer.size());
  }
  return moved;
}

bool SimDatagram::has_room() const {
  return leaving_ < net_.sockets.send_room;
}

SendResult SimDatagram::try_send(std::span<const Outgoing> batch) {
  SS_ASSERT(!batch.empty());
  const Fault fault = net_.world.step();
  std::size_t most = fault == Fault::nothing_there ? 0 : fault == Fault::short_step ? 1 : batch.size();
  if (net_.world.chance(net_.sockets.blocked)) most = std::min(most, net_.world.below(batch.size()));
  SendResult result;
  for (const Outgoing& one : batch) {
    if (result.handled == most || !has_room()) break;
    const Fault strikes = result.handled == 0 ? fault : Fault::none;
    const int error = send(one, strikes);
    ++result.handled;
    if (error == 0) ++result.sent;
    if (error == EMSGSIZE) ++result.too_long;
    if (error != 0) result.error = error;
  }
  return result;
}

int SimDatagram::send(const Outgoing& one, Fault fault) {
  if (const int error = send_error_of(fault)) return error;
  const Endpoint wanted = kind_.peer ? *kind_.peer : one.to;
  const Endpoint to{wanted.address.unmapped(), wanted.port};
  if (to.port == 0) return EINVAL;
  const bool v4 = to.address.is_v4();
  // As in the kernel: an IPv4 socket cannot name an IPv6 address, an IPv6 one may be barred from IPv4.
  if (kind_.local.address.is_v4() != v4 && !kind_.both_families) return v4 ? ENETUNREACH : EAFNOSUPPORT;
  IpAddress from = one.from;
  if (is_unspecified(from)) {
    from = holds_all_addresses() ? opener_.address_of(v4 ? net::Family::v4 : net::Family::v6) : kind_.local.address;
    if (is_unspecified(from)) return ENETUNREACH;
  } else if (from.is_v4() != v4 || !opener_.owns(from)) {
    return EINVAL;
  }
  const Endpoint as{from, kind_.local.port};
  const std::size_t longest = std::min(net_.path(as, to).longest, v4 ? kMaxUdpV4 : kMaxUdpV6);
  if (one.bytes.size() > longest) return EMSGSIZE;
  leave_later();
  net_.post(as, to, one.bytes, fault);
  return 0;
}

void SimDatagram::leave_later() {
  ++leaving_;
  net_.world.after(net_.world.some_delay(), [self = self_] {
    if (*self == nullptr) return;
    SimDatagram& socket = **self;
    --socket.leaving_;
    if (socket.has_room()) {
      socket.waits_.complete_after(socket.net_.world.some_delay(), Side::write, WaitOutcome::ready);
    }
  });
}

void SimDatagram::wait(Side side, net::Waiter& waiter) {
  const Fault fault = net_.world.step();
  waits_.begin(side, waiter);
  const Duration delay = net_.world.some_delay() + (fault == Fault::late ? Duration(2s) : 0ns);
  const bool may_progress = side == Side::read ? !queue_.empty() : has_room();
  const bool for_nothing = fault == Fault::nothing_there || net_.world.chance(net_.sockets.spurious);
  if (may_progress || for_nothing) waits_.complete_after(delay, side, WaitOutcome::ready);
}

}  // namespace ss::sim
