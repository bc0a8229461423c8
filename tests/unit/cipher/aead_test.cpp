#include "ss/cipher/aead.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "support.hpp"

namespace ss::cipher {
namespace {

/// Every test runs for each algorithm on each back end of this build and processor.
class Aead : public testing::TestWithParam<std::tuple<Backend, Algorithm>> {
 protected:
  void SetUp() override {
    if (!use_backend(std::get<0>(GetParam()))) GTEST_SKIP() << "this build or processor lacks the back end";
  }

  static Algorithm algorithm() { return std::get<1>(GetParam()); }
  AeadKey key(unsigned first = 1) { return AeadKey(cache_, algorithm(), key_of(algorithm(), first)); }
  static ByteVector nonce(unsigned first = 7) { return counted(nonce_length(algorithm()), first); }

  KeyCache cache_{8};
};

INSTANTIATE_TEST_SUITE_P(All, Aead, testing::Combine(testing::ValuesIn(kBackends), testing::ValuesIn(kAlgorithms)),
                         [](const auto& test) {
                           return name_of(std::get<0>(test.param)) + "_" + name_of(std::get<1>(test.param));
                         });

constexpr std::size_t kSizes[] = {0, 1, 2, 15, 16, 17, 63, 64, 65, 255, 256, 257, 1200, 16383, 65535};

TEST_P(Aead, SealsTheKnownVectors) {
  std::string kind = name_of(algorithm());
  std::replace(kind.begin(), kind.end(), '_', '-');
  int seen = 0;
  const auto all = vectors("primitives");
  for (const auto& v : all["aead"]) {
    if (v["kind"] != kind) continue;
    ++seen;
    SCOPED_TRACE(v["name"].get<std::string>());
    const ByteVector sealed = unhex(v["sealed"]);
    ByteVector text = unhex(v["plaintext"]);
    ByteVector tag(kTagLength);
    AeadKey k(cache_, algorithm(), KeyBytes(unhex(v["key"])));
    k.seal(unhex(v["nonce"]), text, tag);
    EXPECT_EQ(hex(text), hex(ConstBytes(sealed).first(text.size())));
    // Associated data changes the tag alone, and there is none in Shadowsocks.
    if (!v["aad"].get<std::string>().empty()) continue;
    EXPECT_EQ(hex(tag), hex(ConstBytes(sealed).last(kTagLength)));
    EXPECT_TRUE(k.open(unhex(v["nonce"]), text, tag));
    EXPECT_EQ(hex(text), v["plaintext"]);
  }
  EXPECT_GE(seen, 4);
}

TEST_P(Aead, OpensWhatAnotherKeyObjectSealed) {
  AeadKey sealing = key();
  AeadKey opening = key();
  for (const std::size_t size : kSizes) {
    const ByteVector plain = counted(size, 3, 7);
    ByteVector text = plain;
    ByteVector tag(kTagLength);
    sealing.seal(nonce(), text, tag);
    if (size >= 15) {
      EXPECT_NE(text, plain) << size;
    }
    EXPECT_TRUE(opening.open(nonce(), text, tag)) << size;
    EXPECT_EQ(text, plain) << size;
  }
}

TEST_P(Aead, SealsAndOpensUnderOneKeyInTurn) {
  AeadKey both = key();
  for (unsigned i = 0; i < 6; ++i) {
    ByteVector text = counted(100, i);
    ByteVector tag(kTagLength);
    both.seal(nonce(i), text, tag);
    EXPECT_TRUE(both.open(nonce(i), text, tag));
    EXPECT_EQ(text, counted(100, i));
  }
}

TEST_P(Aead, RefusesAndWipesEverySingleBitFlip) {
  AeadKey k = key();
  ByteVector text = counted(37);
  ByteVector tag(kTagLength);
  k.seal(nonce(), text, tag);
  for (std::size_t bit = 0; bit < 8 * (text.size() + tag.size()); ++bit) {
    ByteVector flipped = text;
    ByteVector flipped_tag = tag;
    std::uint8_t& byte = bit / 8 < text.size() ? flipped[bit / 8] : flipped_tag[bit / 8 - text.size()];
    byte = static_cast<std::uint8_t>(byte ^ 1U << bit % 8);
    EXPECT_FALSE(k.open(nonce(), flipped, flipped_tag)) << bit;
    EXPECT_EQ(flipped, ByteVector(text.size())) << bit;
  }
  EXPECT_TRUE(k.open(nonce(), text, tag));
}

TEST_P(Aead, RefusesEverySingleBitFlipOfTheNonce) {
  AeadKey k = key();
  ByteVector text = counted(20);
  ByteVector tag(kTagLength);
  k.seal(nonce(), text, tag);
  ByteVector out(text.size());
  for (std::size_t bit = 0; bit < 8 * nonce().size(); ++bit) {
    ByteVector other = nonce();
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 1U << bit % 8);
    EXPECT_FALSE(k.open_into(other, text, tag, out)) << bit;
  }
}

TEST_P(Aead, RefusesAForgedEmptyRecord) {
  AeadKey k = key();
  ByteVector tag(kTagLength);
  k.seal(nonce(), {}, tag);
  EXPECT_TRUE(k.open(nonce(), {}, tag));
  tag[15] ^= 1;
  EXPECT_FALSE(k.open(nonce(), {}, tag));
}

TEST_P(Aead, OpenIntoLeavesTheInputAsItWas) {
  AeadKey k = key(1);
  AeadKey wrong = key(2);
  for (const std::size_t size : kSizes) {
    const ByteVector plain = counted(size, 9);
    ByteVector text = plain;
    ByteVector tag(kTagLength);
    k.seal(nonce(), text, tag);
    const ByteVector sealed = text;
    ByteVector out(size, 0xAA);
    EXPECT_FALSE(wrong.open_into(nonce(), text, tag, out)) << size;
    EXPECT_EQ(out, ByteVector(size)) << size;
    EXPECT_EQ(text, sealed) << size;
    EXPECT_TRUE(k.open_into(nonce(), text, tag, out)) << size;
    EXPECT_EQ(out, plain) << size;
    EXPECT_EQ(text, sealed) << size;
  }
}

TEST_P(Aead, TouchesNothingBesideTextAndTag) {
  AeadKey k = key();
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 64U, 1200U}) {
    ByteVector room(size + 64, 0xEE);
    const Bytes text = Bytes(room).subspan(1, size);
    const Bytes tag = Bytes(room).subspan(1 + size, kTagLength);
    k.seal(nonce(), text, tag);
    EXPECT_EQ(room[0], 0xEE);
    EXPECT_EQ(std::count(room.begin() + static_cast<std::ptrdiff_t>(1 + size + kTagLength), room.end(), 0xEE), 47);
    EXPECT_TRUE(k.open(nonce(), text, tag));
  }
}

TEST_P(Aead, KeepsItsKeyThroughMoves) {
  ByteVector text = counted(50);
  ByteVector tag(kTagLength);
  AeadKey first = key(1);
  first.seal(nonce(), text, tag);
  AeadKey second(std::move(first));
  ByteVector out(text.size());
  EXPECT_TRUE(second.open_into(nonce(), text, tag, out));
  AeadKey third = key(2);
  EXPECT_FALSE(third.open_into(nonce(), text, tag, out));
  third = std::move(second);
  EXPECT_TRUE(third.open_into(nonce(), text, tag, out));
  std::optional<AeadKey> fourth(std::move(third));
  EXPECT_TRUE(fourth->open_into(nonce(), text, tag, out));
}

TEST_P(Aead, ServesMoreKeysThanTheCacheHasSlots) {
  KeyCache narrow(2);
  std::vector<AeadKey> keys;
  std::vector<ByteVector> texts;
  std::vector<ByteVector> tags(10, ByteVector(kTagLength));
  for (unsigned i = 0; i < 10; ++i) {
    keys.emplace_back(narrow, algorithm(), key_of(algorithm(), i));
    texts.push_back(counted(90, i));
    keys[i].seal(nonce(i), texts[i], tags[i]);
  }
  for (unsigned round = 0; round < 3; ++round) {
    for (unsigned i = 0; i < 10; ++i) {
      const unsigned k = (i * 3 + round) % 10;
      ByteVector out(texts[k].size());
      EXPECT_TRUE(keys[k].open_into(nonce(k), texts[k], tags[k], out));
      EXPECT_EQ(out, counted(90, k));
      EXPECT_FALSE(keys[(k + 1) % 10].open_into(nonce(k), texts[k], tags[k], out));
    }
  }
}

/// What one back end seals at any size, the other opens.
class AeadAcrossBackends : public testing::TestWithParam<Algorithm> {};

INSTANTIATE_TEST_SUITE_P(All, AeadAcrossBackends, testing::ValuesIn(kAlgorithms),
                         [](const auto& test) { return name_of(test.param); });

TEST_P(AeadAcrossBackends, AgreesOnEverySizeUpTo2100) {
  if (!use_backend(Backend::ipsec_mb)) GTEST_SKIP() << "this build or processor has one back end";
  const ByteVector nonce = counted(nonce_length(GetParam()), 5);
  std::vector<ByteVector> sealed;
  std::vector<ByteVector> tags;
  {
    KeyCache cache(4);
    AeadKey key(cache, GetParam(), key_of(GetParam()));
    for (std::size_t size = 0; size <= 2100; ++size) {
      sealed.push_back(counted(size, 11));
      tags.emplace_back(kTagLength);
      key.seal(nonce, sealed.back(), tags.back());
    }
  }
  ASSERT_TRUE(use_backend(Backend::openssl));
  KeyCache cache(4);
  AeadKey key(cache, GetParam(), key_of(GetParam()));
  for (std::size_t size = 0; size <= 2100; ++size) {
    ASSERT_TRUE(key.open(nonce, sealed[size], tags[size])) << size;
    ASSERT_EQ(sealed[size], counted(size, 11)) << size;
  }
}

}  // namespace
}  // namespace ss::cipher
