#include "ss/cipher/random.hpp"

#include <pthread.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "ss/base/secret.hpp"

namespace ss::cipher {
namespace {

/// What getentropy(3) hands out at most in one call; on Linux it is getrandom(2) without a file or a flag to get wrong.
constexpr std::size_t kRefill = 256;

/// Grows in every child process, so that what was buffered before the fork is never used twice.
std::atomic<std::uint64_t> forks{0};

void draw(Bytes out) {
  if (getentropy(out.data(), out.size()) == 0) return;
  // Without randomness every salt and key would be a guess: nothing may go on.
  std::perror("the kernel gave no random bytes");
  std::abort();
}

/// Bytes drawn ahead: a salt costs a copy instead of a system call.
class Buffer {
 public:
  ~Buffer() { wipe(bytes_); }

  void fill(Bytes out) {
    const std::uint64_t now = forks.load(std::memory_order_relaxed);
    if (drawn_in_ != now) {
      wipe(bytes_);
      left_ = 0;
      drawn_in_ = now;
    }
    while (!out.empty()) {
      if (left_ == 0) {
        draw(bytes_);
        left_ = bytes_.size();
      }
      const std::size_t n = std::min(left_, out.size());
      const Bytes taken = Bytes(bytes_).subspan(bytes_.size() - left_, n);
      std::copy(taken.begin(), taken.end(), out.begin());
      wipe(taken);
      left_ -= n;
      out = out.subspan(n);
    }
  }

 private:
  std::array<std::uint8_t, kRefill> bytes_{};
  std::size_t left_ = 0;
  std::uint64_t drawn_in_ = 0;
};

class KernelEntropy final : public Entropy {
 public:
  KernelEntropy() {
    pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  }

  void fill(Bytes out) override {
    thread_local Buffer buffer;
    buffer.fill(out);
  }
};

}  // namespace

Entropy& kernel_entropy() {
  static KernelEntropy entropy;
  return entropy;
}

}  // namespace ss::cipher
