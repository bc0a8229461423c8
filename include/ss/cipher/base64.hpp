#pragma once

#include <string>
#include <string_view>

#include "ss/base/bytes.hpp"
#include "ss/base/errc.hpp"

namespace ss::cipher {

enum class Alphabet : std::uint8_t {
  standard,  ///< RFC 4648 section 4
  any,       ///< that or the URL-safe one of section 5, even mixed
};

/// Padded standard base64 / URL-safe base64 without padding.
std::string base64(ConstBytes bytes);
std::string base64url(ConstBytes bytes);

/// Accepts input with and without `=` padding; trailing bits must be zero.
/// Errors: Errc::bad_base64.
Result<ByteVector> base64_decode(std::string_view text, Alphabet alphabet);

}  // namespace ss::cipher
