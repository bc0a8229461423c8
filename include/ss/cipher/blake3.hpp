#pragma once

#include <cstdint>
#include <string_view>

#include "ss/base/bytes.hpp"
#include "ss/base/errc.hpp"

namespace ss::cipher {

/// BLAKE3 of at most one chunk (1,024 bytes), which is all that Shadowsocks 2022 hashes. `out` may have any length.
///
/// Errors: Errc::too_long where `input` (or `context`) is over 1,024 bytes; `out` is untouched then.
[[nodiscard]] Result<void> blake3_hash(ConstBytes input, Bytes out);

/// BLAKE3 in derive_key mode.
[[nodiscard]] Result<void> blake3_derive_key(std::string_view context, ConstBytes material, Bytes out);

}  // namespace ss::cipher
