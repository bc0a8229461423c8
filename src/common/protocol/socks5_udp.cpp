#include "ss/protocol/socks5_udp.hpp"

#include <algorithm>

#include "ss/protocol/packet.hpp"

namespace ss::protocol::socks5 {

namespace {

constexpr std::uint8_t kLastFragment = 0x80;

std::uint8_t position_of(const UdpDatagram& datagram) {
  return static_cast<std::uint8_t>(datagram.fragment & ~kLastFragment);
}

bool is_last(const UdpDatagram& datagram) {
  return (datagram.fragment & kLastFragment) != 0;
}

}  // namespace

Result<UdpDatagram> parse_udp(ConstBytes bytes) {
  if (bytes.size() < kUdpPrefix) return Errc::truncated;
  const ConstBytes addressed = bytes.subspan(kUdpPrefix);
  Parsed<ParsedAddress> parsed = parse_address(addressed);
  if (parsed.failed()) return parsed.error();
  if (parsed.needs_more()) return Errc::truncated;
  auto& [target, length] = parsed.value();
  if (target.port() == 0) return Errc::bad_port;
  return UdpDatagram{bytes[2], std::move(target), addressed.first(length), addressed.subspan(length)};
}

std::size_t put_udp_prefix(Bytes out) {
  return ByteWriter(out).u16be(0).u8(0).size();
}

std::size_t put_udp_header(const TargetAddress& source, Bytes out) {
  return put_udp_prefix(out) + put_address(source, out.subspan(kUdpPrefix));
}

/// Positions 1 to `highest`, of which none was the last.
struct FragmentQueue::Sequence {
  MonoTime expires_at;
  ByteVector address;
  ByteVector payload;
  std::size_t highest_size = 0;  ///< bytes of the highest fragment, at the end of `payload`
  std::uint8_t highest = 0;
};

FragmentQueue::FragmentQueue() = default;
FragmentQueue::FragmentQueue(FragmentQueue&&) noexcept = default;
FragmentQueue& FragmentQueue::operator=(FragmentQueue&&) noexcept = default;
FragmentQueue::~FragmentQueue() = default;

MonoTime FragmentQueue::expires_at() const {
  return sequence_->expires_at;
}

void FragmentQueue::abandon() {
  if (sequence_ == nullptr) return;
  dropped_ += sequence_->highest;
  sequence_.reset();
}

void FragmentQueue::expire(MonoTime now) {
  if (sequence_ != nullptr && now >= sequence_->expires_at) abandon();
}

std::optional<ByteVector> FragmentQueue::take(const UdpDatagram& datagram, MonoTime now) {
  expire(now);
  if (position_of(datagram) == 1) {
    abandon();
    sequence_ = std::make_unique<Sequence>();
    sequence_->expires_at = now + kTimer;
    sequence_->address.assign(datagram.address.begin(), datagram.address.end());
  } else if (repeated_by(datagram)) {
    ++dropped_;
    return std::nullopt;
  }
  if (!continued_by(datagram)) {
    abandon();
    ++dropped_;
    return std::nullopt;
  }

  Sequence& sequence = *sequence_;
  sequence.payload.insert(sequence.payload.end(), datagram.payload.begin(), datagram.payload.end());
  sequence.highest_size = datagram.payload.size();
  sequence.highest = position_of(datagram);
  if (!is_last(datagram)) return std::nullopt;
  ByteVector whole = std::move(sequence.payload);
  sequence_.reset();
  return whole;
}

bool FragmentQueue::continued_by(const UdpDatagram& datagram) const {
  if (sequence_ == nullptr || position_of(datagram) != sequence_->highest + 1) return false;
  // Nothing can follow the last position.
  if (position_of(datagram) == kMostFragments && !is_last(datagram)) return false;
  return std::ranges::equal(datagram.address, sequence_->address) &&
         datagram.payload.size() <= kMaxDatagram - sequence_->payload.size();
}

bool FragmentQueue::repeated_by(const UdpDatagram& datagram) const {
  return sequence_ != nullptr && datagram.fragment == sequence_->highest &&
         std::ranges::equal(datagram.address, sequence_->address) &&
         std::ranges::equal(datagram.payload, ConstBytes(sequence_->payload).last(sequence_->highest_size));
}

}  // namespace ss::protocol::socks5
