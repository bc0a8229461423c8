#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "slot.hpp"
#include "ss/cipher/aead.hpp"
#include "support.hpp"

namespace ss::cipher {

struct KeyCacheProbe {
  static Slot& slot(KeyCache& cache, std::size_t i) { return cache.slots_[i]; }
  static std::size_t touched(const KeyCache& cache) { return cache.touched_; }
  /// Changes whenever the slot goes to another key.
  static std::uint64_t stamp(const KeyCache& cache, std::size_t i) { return cache.uses_[i].stamp; }
};

namespace {

class KeyCacheOn : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (!use_backend(GetParam())) GTEST_SKIP() << "this build or processor lacks the back end";
  }

  static void seal_one(AeadKey& key) {
    ByteVector text = counted(8);
    ByteVector tag(kTagLength);
    key.seal(counted(12), text, tag);
  }

  static AeadKey aes(KeyCache& cache, unsigned first) {
    return AeadKey(cache, Algorithm::aes_256_gcm, key_of(Algorithm::aes_256_gcm, first));
  }

  /// Whether nothing of any key lies in the slot.
  static bool is_wiped(const Slot& slot) {
    const auto* const context = static_cast<const EVP_CIPHER_CTX*>(slot.context);
    return std::count(slot.material.begin(), slot.material.end(), 0) == static_cast<std::ptrdiff_t>(Slot::kMaterial) &&
           (context == nullptr || EVP_CIPHER_CTX_get0_cipher(context) == nullptr);
  }
};

INSTANTIATE_TEST_SUITE_P(All, KeyCacheOn, testing::ValuesIn(kBackends),
                         [](const auto& test) { return name_of(test.param); });

TEST_P(KeyCacheOn, ClaimsNoSlotBeforeTheFirstRecord) {
  KeyCache cache(4);
  AeadKey key = aes(cache, 1);
  EXPECT_EQ(KeyCacheProbe::touched(cache), 0U);
  seal_one(key);
  EXPECT_EQ(KeyCacheProbe::touched(cache), 1U);
}

TEST_P(KeyCacheOn, WipesTheSlotOfADestroyedKey) {
  KeyCache cache(4);
  {
    AeadKey key = aes(cache, 1);
    seal_one(key);
    EXPECT_FALSE(is_wiped(KeyCacheProbe::slot(cache, 0)));
  }
  EXPECT_TRUE(is_wiped(KeyCacheProbe::slot(cache, 0)));
}

TEST_P(KeyCacheOn, WipesTheSlotOfAnAssignedKey) {
  KeyCache cache(4);
  AeadKey key = aes(cache, 1);
  seal_one(key);
  key = aes(cache, 2);
  EXPECT_TRUE(is_wiped(KeyCacheProbe::slot(cache, 0)));
}

TEST_P(KeyCacheOn, KeepsTheSlotOfAMovedKey) {
  KeyCache cache(4);
  AeadKey key = aes(cache, 1);
  seal_one(key);
  {
    const AeadKey moved(std::move(key));
    EXPECT_FALSE(is_wiped(KeyCacheProbe::slot(cache, 0)));
  }
  EXPECT_TRUE(is_wiped(KeyCacheProbe::slot(cache, 0)));
}

TEST_P(KeyCacheOn, WipesTheSlotOfAKeyMovedByAssignment) {
  KeyCache cache(4);
  {
    AeadKey first = aes(cache, 1);
    AeadKey second = aes(cache, 2);
    seal_one(second);
    first = std::move(second);
    EXPECT_FALSE(is_wiped(KeyCacheProbe::slot(cache, 0)));
  }
  EXPECT_TRUE(is_wiped(KeyCacheProbe::slot(cache, 0)));
}

TEST_P(KeyCacheOn, UsesTheSlotFreedLastFirst) {
  KeyCache cache(8);
  for (unsigned i = 0; i < 100; ++i) {
    AeadKey key = aes(cache, i);
    seal_one(key);
  }
  EXPECT_EQ(KeyCacheProbe::touched(cache), 1U);
}

TEST_P(KeyCacheOn, LeavesASlotToTheKeyThatTookIt) {
  KeyCache cache(1);
  std::optional<AeadKey> first(aes(cache, 1));
  AeadKey second = aes(cache, 2);
  seal_one(*first);
  seal_one(second);
  first.reset();
  EXPECT_FALSE(is_wiped(KeyCacheProbe::slot(cache, 0)));
}

TEST_P(KeyCacheOn, EvictsAKeyThatWasNotUsedLately) {
  KeyCache cache(3);
  std::vector<AeadKey> keys;
  for (unsigned i = 0; i < 5; ++i) keys.push_back(aes(cache, i));
  for (unsigned i = 0; i < 4; ++i) seal_one(keys[i]);  // the fourth takes slot 0 and leaves the others a second chance
  const std::uint64_t busy = KeyCacheProbe::stamp(cache, 1);
  const std::uint64_t idle = KeyCacheProbe::stamp(cache, 2);
  seal_one(keys[1]);
  seal_one(keys[4]);
  EXPECT_EQ(KeyCacheProbe::stamp(cache, 1), busy);
  EXPECT_NE(KeyCacheProbe::stamp(cache, 2), idle);
}

TEST_P(KeyCacheOn, ServesAlgorithmsInTurnFromOneSlot) {
  KeyCache cache(1);
  std::vector<AeadKey> keys;
  for (const Algorithm a : kAlgorithms) keys.emplace_back(cache, a, key_of(a));
  std::vector<std::string> sealed[2];
  for (auto& round : sealed) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      ByteVector text = counted(33);
      ByteVector tag(kTagLength);
      keys[i].seal(counted(nonce_length(kAlgorithms[i])), text, tag);
      round.push_back(hex(text) + hex(tag));
    }
  }
  EXPECT_EQ(sealed[0], sealed[1]);
}

#if defined(__linux__)
/// The fields that /proc/self/smaps gives for the mapping around `at`, by name.
std::map<std::string, std::string> mapping_around(const void* at) {
  std::ifstream smaps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(at);
  std::map<std::string, std::string> fields;
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    char* end = nullptr;
    const std::uintptr_t from = std::strtoull(line.c_str(), &end, 16);
    if (*end == '-') {
      inside = from <= wanted && wanted < std::strtoull(end + 1, nullptr, 16);
    } else if (const auto colon = line.find(':'); inside && colon != std::string::npos) {
      fields[line.substr(0, colon)] = line.substr(colon + 1);
    }
  }
  return fields;
}

TEST(KeyCacheMemory, IsLeftOutOfCoreDumps) {
  KeyCache cache;
  EXPECT_NE(mapping_around(&KeyCacheProbe::slot(cache, 0))["VmFlags"].find(" dd"), std::string::npos);
}

TEST(KeyCacheMemory, CostsNothingBeforeTheFirstKey) {
  KeyCache cache;
  EXPECT_EQ(std::stoi(mapping_around(&KeyCacheProbe::slot(cache, 0))["Rss"]), 0);
}
#endif

}  // namespace
}  // namespace ss::cipher
