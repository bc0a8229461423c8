#pragma once

#include <chrono>
#include <cstdint>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/clock.hpp"
#include "ss/base/errc.hpp"

namespace ss::protocol {

/// The header chunks of SIP022 3.1.3 as plaintext. Sealing, salts and identity headers are the handshakes' part.

/// HeaderTypeClientStream and HeaderTypeServerStream.
enum class HeaderType : std::uint8_t { request = 0, response = 1 };

/// Longest padding that a sender may put in a request; receivers take any that lies inside its chunk.
inline constexpr std::size_t kMaxPadding = 900;
/// Largest difference between a timestamp and our clock, in seconds; 30 is accepted, 31 is not.
inline constexpr UnixSeconds kMaxClockDifference = 30;

/// How long what a peer has stamped can be timely: a stamp may run 30 s ahead and is accepted until it is 30 s old, and
/// stamps are whole seconds: just under 61 s. One second more covers a wall clock that is being slewed against the
/// steady one. What must not be taken twice (salts, packet IDs) is remembered for so long.
inline constexpr Duration kTimelyFor = std::chrono::seconds(62);

/// Whether a timestamp is inside the window, whatever 64 bits it is.
[[nodiscard]] bool is_timely(UnixSeconds theirs, UnixSeconds ours);
/// theirs − ours in seconds, cut to the range of the type.
[[nodiscard]] std::int64_t clock_offset(UnixSeconds theirs, UnixSeconds ours);

/// Fixed-length header of a request:  [TYPE u8 = 0][timestamp u64be][length u16be]
struct FixedHeader {
  static constexpr std::size_t kLength = 1 + 8 + 2;
  UnixSeconds timestamp = 0;
  std::uint16_t variable_length = 0;  ///< bytes of the variable-length header
};
/// @pre  out.size() == FixedHeader::kLength
void put_fixed_header(const FixedHeader& header, Bytes out);
/// The timestamp is not judged.
/// @pre  bytes.size() == FixedHeader::kLength
/// Errors: Errc::bad_header_type.
Result<FixedHeader> parse_fixed_header(ConstBytes bytes);

/// Variable-length header of a request:  [ATYP … PORT][padding length u16be][padding][payload: the rest]
struct VariableHeader {
  TargetAddress target;
  ConstBytes payload;  ///< points into the parsed bytes
};
/// Bytes of a variable-length header.
[[nodiscard]] std::size_t variable_header_length(const TargetAddress& target, std::size_t padding, std::size_t payload);
/// Writes all of it but the padding's bytes.
/// @pre  out.size() == variable_header_length(target, padding, payload.size()) <= 0xFFFF
/// @return  where the padding lies in `out`; the caller fills it with random bytes.
Bytes put_variable_header(const TargetAddress& target, std::size_t padding, ConstBytes payload, Bytes out);
/// Everything must lie inside `bytes`; nothing is ever waited for.
/// Errors: Errc::bad_address_type, bad_domain, truncated (the address does not end in here), bad_port (0), bad_padding
/// (longer than the rest, or neither padding nor payload).
Result<VariableHeader> parse_variable_header(ConstBytes bytes);

/// Fixed-length header of a response:  [TYPE u8 = 1][timestamp u64be][request salt: 16/32 B][length u16be]
struct ResponseHeader {
  static constexpr std::size_t length(std::size_t salt) { return 1 + 8 + salt + 2; }
  UnixSeconds timestamp = 0;
  ConstBytes request_salt;           ///< points into the parsed bytes
  std::uint16_t payload_length = 0;  ///< bytes of the payload chunk behind it, which has no length chunk
};
/// @pre  out.size() == ResponseHeader::length(header.request_salt.size())
void put_response_header(const ResponseHeader& header, Bytes out);
/// Neither timestamp nor salt is judged.
/// @pre  bytes.size() == ResponseHeader::length(salt length of the method)
/// Errors: Errc::bad_header_type.
Result<ResponseHeader> parse_response_header(ConstBytes bytes);

}  // namespace ss::protocol
