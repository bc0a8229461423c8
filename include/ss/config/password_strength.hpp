#pragma once

#include <string_view>

namespace ss::config {

/// SIP004 passwords under this many bits can be searched with a recorded stream, or by probing (partitioning oracles).
inline constexpr double kStrongBits = 64;

/// A rough upper estimate of the bits that somebody who knows how people choose passwords must search.
///
/// Each character counts the base-2 logarithm of its alphabet: 26 for lower case, 26 for upper case, 10 for digits, 33
/// for other ASCII, 64 for what is beyond, summed over the classes that occur. It counts one bit where it can be
/// foretold: equal to the one before, its neighbour in the alphabet or on the keyboard, or the continuation of three
/// characters that stood earlier in the text. A common word, also with digits for letters, counts ten bits in all.
/// Cost: the square of the length, which is cut at 128 bytes.
double password_bits(std::string_view password);

}  // namespace ss::config
