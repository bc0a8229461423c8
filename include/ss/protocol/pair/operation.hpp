#pragma once

#include <cstdint>
#include <optional>

#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/errc.hpp"

namespace ss::protocol::pair {

/// What a stream may ask of our own server instead of a connection: the target is 255.255.255.255, which nobody can
/// connect to, the port 0x5300 and this. It counts under a marked salt alone.
enum class Operation : std::uint8_t {
  hello = 0,   ///< who are you: a frame and a Hello
  bind = 1,    ///< RFC 1928 BIND: the payload begins with the expected peer, as an address; two frames, then the stream
  echo = 2,    ///< sends back what comes
  source = 3,  ///< sends zeros until the client ends the stream
  sink = 4,    ///< discards what comes
  status = 5,  ///< how the user stands: a frame and a Status
};

/// Which operation a target stands for; nothing: none that is known.
std::optional<Operation> operation_of(const TargetAddress& target);
TargetAddress target_of(Operation operation);
/// Whether a target is kept for operations, known or not: 255.255.255.255 with a port from 0x5300 to 0x53FF.
bool is_reserved(const TargetAddress& target);

/// A set of operations: bit n is operation n.
constexpr std::uint16_t bit_of(Operation operation) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(operation));
}

/// The answer to HELLO, behind its frame:  [version u8 = 1][operations u16be][time u64be]
struct Hello {
  static constexpr std::size_t kLength = 1 + 2 + 8;
  std::uint16_t operations = 0;  ///< that this user is served, as bits
  std::uint64_t time = 0;        ///< the server's, in milliseconds since 1970
};
/// @pre  out.size() >= Hello::kLength
/// @return  bytes written
std::size_t put_hello(const Hello& hello, Bytes out);
/// What follows the known fields is not looked at.
/// @pre  bytes.size() >= Hello::kLength
/// Errors: Errc::bad_version.
Result<Hello> parse_hello(ConstBytes bytes);

/// The answer to STATUS, behind its frame:  [version u8 = 1][flags u8]
struct Status {
  static constexpr std::size_t kLength = 2;
  bool has_quota = false;   ///< bit 0
  bool has_expiry = false;  ///< bit 1
  bool has_notice = false;  ///< bit 2
};
/// @pre  out.size() >= Status::kLength
/// @return  bytes written
std::size_t put_status(const Status& status, Bytes out);
/// @pre  bytes.size() >= Status::kLength
/// Errors: Errc::bad_version.
Result<Status> parse_status(ConstBytes bytes);

}  // namespace ss::protocol::pair
