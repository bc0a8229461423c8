#include "ss/cipher/blake3.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "ss/base/secret.hpp"

namespace ss::cipher {
namespace {

// Names and numbers of the BLAKE3 paper, sections 2.2 (compression), 2.4 (chunks) and 2.6 (output).
using Words8 = std::array<std::uint32_t, 8>;
using Words16 = std::array<std::uint32_t, 16>;

constexpr std::size_t kBlock = 64;
constexpr std::size_t kChunk = 1024;

constexpr std::uint32_t kChunkStart = 1 << 0;
constexpr std::uint32_t kChunkEnd = 1 << 1;
constexpr std::uint32_t kRoot = 1 << 3;
constexpr std::uint32_t kDeriveKeyContext = 1 << 5;
constexpr std::uint32_t kDeriveKeyMaterial = 1 << 6;

constexpr Words8 kInitial = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                             0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
constexpr std::array<std::uint8_t, 16> kPermutation = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};

/// The order of message words in each of the seven rounds.
constexpr std::array<std::array<std::uint8_t, 16>, 7> schedule() {
  std::array<std::array<std::uint8_t, 16>, 7> rounds{};
  for (std::uint8_t i = 0; i < 16; ++i) rounds[0][i] = i;
  for (std::size_t r = 1; r < 7; ++r) {
    for (std::size_t i = 0; i < 16; ++i) rounds[r][i] = rounds[r - 1][kPermutation[i]];
  }
  return rounds;
}
constexpr auto kSchedule = schedule();

inline void mix(Words16& v, std::size_t a, std::size_t b, std::size_t c, std::size_t d, std::uint32_t x,
                std::uint32_t y) {
  v[a] += v[b] + x;
  v[d] = std::rotr(v[d] ^ v[a], 16);
  v[c] += v[d];
  v[b] = std::rotr(v[b] ^ v[c], 12);
  v[a] += v[b] + y;
  v[d] = std::rotr(v[d] ^ v[a], 8);
  v[c] += v[d];
  v[b] = std::rotr(v[b] ^ v[c], 7);
}

Words16 compress(const Words8& chaining, const Words16& block, std::uint64_t counter, std::uint32_t length,
                 std::uint32_t flags) {
  Words16 v;
  std::copy(chaining.begin(), chaining.end(), v.begin());
  std::copy_n(kInitial.begin(), 4, v.begin() + 8);
  v[12] = static_cast<std::uint32_t>(counter);
  v[13] = static_cast<std::uint32_t>(counter >> 32);
  v[14] = length;
  v[15] = flags;
  for (const auto& m : kSchedule) {
    mix(v, 0, 4, 8, 12, block[m[0]], block[m[1]]);
    mix(v, 1, 5, 9, 13, block[m[2]], block[m[3]]);
    mix(v, 2, 6, 10, 14, block[m[4]], block[m[5]]);
    mix(v, 3, 7, 11, 15, block[m[6]], block[m[7]]);
    mix(v, 0, 5, 10, 15, block[m[8]], block[m[9]]);
    mix(v, 1, 6, 11, 12, block[m[10]], block[m[11]]);
    mix(v, 2, 7, 8, 13, block[m[12]], block[m[13]]);
    mix(v, 3, 4, 9, 14, block[m[14]], block[m[15]]);
  }
  for (std::size_t i = 0; i < 8; ++i) {
    v[i] ^= v[i + 8];
    v[i + 8] ^= chaining[i];
  }
  return v;
}

std::uint32_t get_u32le(const std::uint8_t* at) {
  return std::uint32_t{at[0]} | std::uint32_t{at[1]} << 8 | std::uint32_t{at[2]} << 16 | std::uint32_t{at[3]} << 24;
}

Words16 words_of(ConstBytes block) {
  std::array<std::uint8_t, kBlock> padded{};
  std::copy(block.begin(), block.end(), padded.begin());
  Words16 words;
  for (std::size_t i = 0; i < 16; ++i) words[i] = get_u32le(padded.data() + 4 * i);
  wipe(padded);
  return words;
}

template <class Words>
void wipe_words(Words& words) {
  wipe({reinterpret_cast<std::uint8_t*>(words.data()), sizeof words});
}

/// The tree of one chunk: it is its own root, so its last block is compressed anew for every 64 bytes of output.
/// @pre  input.size() <= kChunk
void one_chunk(Words8 chaining, ConstBytes input, std::uint32_t mode, Bytes out) {
  std::uint32_t flags = mode | kChunkStart;
  while (input.size() > kBlock) {
    const Words16 state = compress(chaining, words_of(input.first(kBlock)), 0, kBlock, flags);
    std::copy_n(state.begin(), 8, chaining.begin());
    input = input.subspan(kBlock);
    flags = mode;
  }
  Words16 last = words_of(input);
  flags |= kChunkEnd | kRoot;
  for (std::uint64_t counter = 0; !out.empty(); ++counter) {
    Words16 state = compress(chaining, last, counter, static_cast<std::uint32_t>(input.size()), flags);
    const std::size_t n = std::min(out.size(), kBlock);
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::uint8_t>(state[i / 4] >> (8 * (i % 4)));
    wipe_words(state);
    out = out.subspan(n);
  }
  wipe_words(last);
  wipe_words(chaining);
}

}  // namespace

Result<void> blake3_hash(ConstBytes input, Bytes out) {
  if (input.size() > kChunk) return Errc::too_long;
  one_chunk(kInitial, input, 0, out);
  return {};
}

Result<void> blake3_derive_key(std::string_view context, ConstBytes material, Bytes out) {
  if (context.size() > kChunk || material.size() > kChunk) return Errc::too_long;
  std::array<std::uint8_t, 32> context_key;
  one_chunk(kInitial, bytes_of(context), kDeriveKeyContext, context_key);
  Words8 chaining;
  for (std::size_t i = 0; i < 8; ++i) chaining[i] = get_u32le(context_key.data() + 4 * i);
  one_chunk(chaining, material, kDeriveKeyMaterial, out);
  return {};
}

}  // namespace ss::cipher
