#pragma once

#include "ss/base/entropy.hpp"

namespace ss::cipher {

/// The kernel's generator (getrandom(2)), buffered per thread and wiped after use; safe across fork.
Entropy& kernel_entropy();

}  // namespace ss::cipher
