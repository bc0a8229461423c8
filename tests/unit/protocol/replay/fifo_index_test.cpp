#include "ss/protocol/replay/fifo_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

namespace ss::protocol {
namespace {

struct Entry {
  std::uint64_t fingerprint;
  int value;
};

bool has(const FifoIndex<Entry>& index, std::uint64_t fingerprint, int value) {
  return index.contains(fingerprint, [&](const Entry& entry) { return entry.value == value; });
}

TEST(FifoIndex, AgreesWithAPlainQueueUnderCrowdedFingerprints) {
  std::mt19937 random(1);
  FifoIndex<Entry> index;
  std::deque<Entry> model;
  int next = 0;
  for (int round = 0; round < 20'000; ++round) {
    // Waves of growth and decline; few fingerprints, so that runs collide and wrap around the table's end.
    const bool grow = model.empty() || random() % 100 < (round / 2000 % 2 == 0 ? 60U : 40U);
    if (grow) {
      const std::uint64_t fingerprint = random() % 4 == 0 ? ~std::uint64_t{0} - random() % 3 : random() % 64;
      index.push({fingerprint, next});
      model.push_back({fingerprint, next++});
    } else {
      ASSERT_EQ(index.front().value, model.front().value);
      const Entry gone = model.front();
      index.pop();
      model.pop_front();
      ASSERT_FALSE(has(index, gone.fingerprint, gone.value));
    }
    ASSERT_EQ(index.size(), model.size());
    if (round % 250 == 0) {
      for (const Entry& entry : model) ASSERT_TRUE(has(index, entry.fingerprint, entry.value)) << round;
    }
  }
}

TEST(FifoIndex, GivesMemoryBackWhenItEmpties) {
  FifoIndex<Entry> index;
  const std::size_t least = index.capacity();
  for (int i = 0; i < 10'000; ++i) index.push({static_cast<std::uint64_t>(i) * 0x9E3779B97F4A7C15U, i});
  EXPECT_GE(index.capacity(), 10'000U);
  while (index.size() > 0) index.pop();
  EXPECT_EQ(index.capacity(), least);
}

}  // namespace
}  // namespace ss::protocol
