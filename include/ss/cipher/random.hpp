#pragma once

#include "ss/base/entropy.hpp"

namespace ss::cipher {

/// The kernel's generator, buffered per thread and wiped after use; a child of fork(2) starts with nothing buffered.
///
/// Owner: the process. Threads: any. Ends the process where the kernel gives nothing.
Entropy& kernel_entropy();

}  // namespace ss::cipher
