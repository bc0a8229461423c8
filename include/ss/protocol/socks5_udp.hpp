#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/clock.hpp"
#include "ss/base/errc.hpp"
#include "ss/protocol/address_codec.hpp"

namespace ss::protocol::socks5 {

/// One datagram between a client and its association (RFC 1928 section 7), both ways alike:
///
///   [RSV u16][FRAG u8][ATYP][ADDR][PORT u16be][payload]
///
/// FRAG 0 is a standalone datagram. Otherwise its low 7 bits are a position, from 1, and its high bit marks the last
/// fragment of the sequence.
struct UdpDatagram {
  std::uint8_t fragment = 0;  ///< FRAG
  TargetAddress target;       ///< in an answer the source
  ConstBytes address;         ///< [ATYP][ADDR][PORT] as they stood, so a name that spells an address is still a name
  ConstBytes payload;         ///< may be empty
};

/// RSV is not looked at.
/// Errors: Errc::truncated, bad_address_type, bad_domain, bad_port (0).
/// Lifetime: `address` and `payload` point into `bytes`.
/// Cost: no copy; no allocation but for a name that is longer than std::string holds by itself.
Result<UdpDatagram> parse_udp(ConstBytes bytes);

/// What stands in front of the address: RSV 0 and FRAG 0.
inline constexpr std::size_t kUdpPrefix = 3;
inline constexpr std::size_t kMaxUdpHeader = kUdpPrefix + kMaxAddressLength;

/// Answers are standalone: [00 00 00].
/// @pre  out.size() >= kUdpPrefix
/// @return  bytes written
std::size_t put_udp_prefix(Bytes out);

/// The prefix and the source of an answer.
/// @pre  out.size() >= kUdpPrefix + address_length(source)
/// @return  bytes written
std::size_t put_udp_header(const TargetAddress& source, Bytes out);

/// The reassembly queue and timer of RFC 1928 section 7 for one association.
///
/// The RFC abandons a sequence when a datagram comes whose FRAG is lower than the highest of the sequence, or when the
/// timer runs out. What follows from that, and what it leaves open:
///   - A sequence can only become whole in order, since a position that was passed over would abandon it. So a gap
///     abandons it at once, and position 1 alone begins one.
///   - Position 1 always begins anew, also where position 1 was the highest: it may be the next sequence as well as a
///     copy, and both come out right.
///   - A copy of the highest fragment is passed over: its FRAG is not lower. One of the same position that differs
///     belongs to another sequence, and abandons this one.
///   - FRAG 0 is lower than any, so a standalone datagram abandons a sequence; it is itself delivered.
///   - FRAG 0x80 is the last of nothing. It is dropped, and abandons a sequence as any position 0 does.
///   - The timer runs from the first fragment on and is not extended.
///   - All fragments have the same address, byte for byte; another one abandons the sequence.
///   - What abandons a sequence and does not begin one is dropped.
///
/// Owner: the association. Threads: its worker's.
/// Cost: a pointer and a counter while no sequence is under way; then at most kMaxDatagram bytes of payload in at most
/// 127 fragments, in a vector that doubles. Delivery, abandoning and expiry free it.
class FragmentQueue {
 public:
  static constexpr Duration kTimer = std::chrono::seconds(5);
  static constexpr std::uint8_t kMostFragments = 127;

  FragmentQueue();
  FragmentQueue(FragmentQueue&&) noexcept;
  FragmentQueue& operator=(FragmentQueue&&) noexcept;
  ~FragmentQueue();

  /// @pre  datagram.fragment != 0: a standalone datagram needs no queue. Call `abandon` and deliver it.
  /// @return  the whole payload, where `datagram` is the last of its sequence; it goes to `datagram.target`. Nothing:
  ///          kept or dropped.
  std::optional<ByteVector> take(const UdpDatagram& datagram, MonoTime now);

  /// Gives up the sequence that is under way, if any.
  void abandon();
  /// Gives it up where its timer has run out: kTimer after its first fragment, to the nanosecond.
  void expire(MonoTime now);

  /// Whether no sequence is under way.
  [[nodiscard]] bool empty() const { return sequence_ == nullptr; }
  /// When `expire` will have to do something.
  /// @pre  !empty()
  [[nodiscard]] MonoTime expires_at() const;
  /// Fragments so far that were not delivered and never will be.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  struct Sequence;

  [[nodiscard]] bool continued_by(const UdpDatagram& datagram) const;
  [[nodiscard]] bool repeated_by(const UdpDatagram& datagram) const;

  std::unique_ptr<Sequence> sequence_;
  std::uint64_t dropped_ = 0;
};

}  // namespace ss::protocol::socks5
