#include "ss/base/secret.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <ostream>
#include <type_traits>

namespace {

/// What stood at a watched address when it was given back.
struct {
  const void* watched = nullptr;
  std::size_t size = 0;
  bool seen = false;
  bool all_zero = false;
} freed;

void look_before_free(const void* at) {
  if (at == nullptr || at != freed.watched) return;
  const auto* bytes = static_cast<const unsigned char*>(at);
  freed.all_zero = std::all_of(bytes, bytes + freed.size, [](unsigned char b) { return b == 0; });
  freed.seen = true;
  freed.watched = nullptr;
}

void watch(ss::ConstBytes bytes) {
  freed = {bytes.data(), bytes.size(), false, false};
}

}  // namespace

// The only moment at which a freed Secret can be looked at is inside the deallocation.
void* operator new(std::size_t size) {
  void* at = std::malloc(size == 0 ? 1 : size);
  if (at == nullptr) std::abort();
  return at;
}
void operator delete(void* at) noexcept {
  look_before_free(at);
  std::free(at);
}
void operator delete(void* at, std::size_t) noexcept {
  operator delete(at);
}

namespace ss {
namespace {

template <class T, class = void>
struct IsStreamable : std::false_type {};
template <class T>
struct IsStreamable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>>
    : std::true_type {};

static_assert(IsStreamable<int>::value, "the checks below must be able to fail");
static_assert(fmt::is_formattable<int>::value, "the checks below must be able to fail");
static_assert(!IsStreamable<Secret>::value, "a secret must not reach a stream");
static_assert(!IsStreamable<KeyBytes>::value, "nor must key bytes");
static_assert(!fmt::is_formattable<Secret>::value, "a secret must not reach a log line");
static_assert(!fmt::is_formattable<KeyBytes>::value, "nor must key bytes");
static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<KeyBytes, std::string_view>);

Secret secret_of(std::string_view text) {
  return Secret(bytes_of(text));
}

TEST(WipeBytes, LeavesZerosInEveryLength) {
  for (std::size_t size = 0; size <= 80; ++size) {
    ByteVector bytes(size + 1, 0xAA);
    wipe(Bytes(bytes).first(size));
    EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t b) { return b == 0; })) << size;
    EXPECT_EQ(bytes.back(), 0xAA) << size;
  }
  wipe({});
}

TEST(EqualInConstantTime, FindsADifferenceInAnyBit) {
  const ByteVector a(33, 0x5A);
  EXPECT_TRUE(equal_in_constant_time(a, ByteVector(33, 0x5A)));
  for (std::size_t bit = 0; bit < 8 * a.size(); ++bit) {
    ByteVector b = a;
    b[bit / 8] = static_cast<std::uint8_t>(b[bit / 8] ^ 1U << bit % 8);
    EXPECT_FALSE(equal_in_constant_time(a, b)) << bit;
  }
}

TEST(EqualInConstantTime, TellsLengthsApart) {
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_FALSE(equal_in_constant_time(bytes_of("a"), {}));
  EXPECT_FALSE(equal_in_constant_time(bytes_of("abc"), bytes_of("abcd")));
}

TEST(SecretDestroy, WipesBeforeFreeing) {
  {
    const Secret secret = secret_of("correct horse battery staple");
    watch(secret.reveal());
  }
  EXPECT_TRUE(freed.seen);
  EXPECT_TRUE(freed.all_zero);
}

TEST(SecretMove, LeavesNothingBehind) {
  Secret from = secret_of("password");
  const std::uint8_t* at = from.reveal().data();
  const Secret to(std::move(from));
  // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): what is tested
  EXPECT_TRUE(from.empty() && from.size() == 0);
  EXPECT_EQ(text_of(to.reveal()), "password");
  EXPECT_EQ(to.reveal().data(), at) << "moved, not copied";
}

TEST(SecretMoveAssign, WipesWhatItReplaces) {
  Secret to = secret_of("old password");
  Secret from = secret_of("new");
  watch(to.reveal());
  to = std::move(from);
  EXPECT_TRUE(freed.seen);
  EXPECT_TRUE(freed.all_zero);
  EXPECT_EQ(text_of(to.reveal()), "new");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): what is tested
}

TEST(SecretMoveAssign, SurvivesItself) {
  Secret secret = secret_of("password");
  Secret& alias = secret;
  secret = std::move(alias);
  EXPECT_EQ(text_of(secret.reveal()), "password");
}

TEST(SecretClone, StandsAlone) {
  Secret secret = secret_of("password");
  const Secret clone = secret.clone();
  secret = Secret();
  EXPECT_EQ(text_of(clone.reveal()), "password");
}

TEST(KeyBytesDestroy, WipesItsBytes) {
  alignas(KeyBytes) unsigned char storage[sizeof(KeyBytes)];
  auto* key = new (storage) KeyBytes(ByteVector(32, 0xAA));
  EXPECT_EQ(std::count(storage, storage + sizeof storage, 0xAA), 32);
  key->~KeyBytes();
  EXPECT_EQ(std::count(storage, storage + sizeof storage, 0xAA), 0);
}

TEST(KeyBytesHold, TakeEveryLengthUpToTheirMaximum) {
  for (std::size_t size = 0; size <= KeyBytes::kMax; ++size) {
    const KeyBytes key(ByteVector(size, 7));
    EXPECT_EQ(key.size(), size);
    EXPECT_EQ(std::count(key.reveal().begin(), key.reveal().end(), 7), static_cast<std::ptrdiff_t>(size));
  }
}

TEST(KeyBytesOfSize, StartsZeroedAndWritable) {
  KeyBytes key = KeyBytes::of_size(16);
  EXPECT_EQ(key.size(), 16U);
  EXPECT_EQ(std::count(key.reveal().begin(), key.reveal().end(), 0), 16);
  key.writable()[15] = 9;
  const KeyBytes copy = key;
  EXPECT_TRUE(equal_in_constant_time(copy.reveal(), key.reveal()));
}

}  // namespace
}  // namespace ss
