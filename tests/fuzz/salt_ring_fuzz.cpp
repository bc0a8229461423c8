// Input: [kind u8: salts of 16 (0), 24 (1) or 32 (2) bytes][appends u8][what a file holds in the place of a ring of
// salts].
#include <cstdlib>

#include "fuzz_support.hpp"
#include "ss/protocol/replay/stored_salts.hpp"

namespace {

using namespace ss;
using namespace ss::protocol;

constexpr UnixSeconds kSomeTime = 1'700'000'000;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Held {
  std::size_t count = 0;
  ByteVector last;
  UnixSeconds last_stamp = 0;
};

Held held_by(const SaltRing& ring) {
  Held held;
  ring.for_each([&](ConstBytes salt, UnixSeconds stamp) {
    ++held.count;
    held.last.assign(salt.begin(), salt.end());
    held.last_stamp = stamp;
  });
  return held;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t length = std::size_t{16} + std::size_t{8} * (data[0] % 3U);
  ByteVector memory(data + 2, data + size);
  std::size_t capacity = 1;
  while (SaltRing::bytes_for(length, capacity) < memory.size()) ++capacity;
  memory.resize(SaltRing::bytes_for(length, capacity));
  SaltRing ring(memory, length);
  require(ring.capacity() == capacity && held_by(ring).count <= capacity);

  const KeyBytes key(ByteVector(32, 7));
  ExactSaltPool pool(key);
  restore(pool, ring, kSomeTime, MonoTime{});
  require(pool.size() <= capacity);
  RecentSaltSet set(key, capacity);
  restore(set, ring);
  // What is held is known: as a salt, or as one of a time that is forgotten.
  ring.for_each([&](ConstBytes salt, UnixSeconds stamp) {
    require(pool.insert(salt, stamp, MonoTime{}) != SaltVerdict::fresh);
    require(set.insert(salt, stamp, MonoTime{}) == SaltVerdict::repeated);
  });

  for (std::size_t i = 0; i < data[1]; ++i) {
    const ByteVector salt(length, static_cast<std::uint8_t>(i));
    const UnixSeconds dropped = ring.dropped();
    ring.append(salt, i);
    const Held held = held_by(ring);
    require(ring.dropped() >= dropped && held.count <= capacity);
    // A count that goes over its end begins anew.
    require(held.count == 0 || (held.last == salt && held.last_stamp == i));
  }
  return 0;
}
