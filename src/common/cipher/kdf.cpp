// SHA1_Transform is deprecated since OpenSSL 3 for the digests behind EVP. With those a SIP004 subkey takes 794 ns,
// with it 454 (cipher_bench, one machine).
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ss/cipher/kdf.hpp"

#include <arpa/inet.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

#include "openssl.hpp"
#include "ss/base/assert.hpp"
#include "ss/cipher/blake3.hpp"

namespace ss::cipher {
namespace {

constexpr std::size_t kMd5 = 16;
constexpr std::size_t kSha1 = SHA_DIGEST_LENGTH;
constexpr std::size_t kSha1Block = SHA_CBLOCK;
constexpr std::string_view kInfo2017 = "ss-subkey";
constexpr std::string_view kSession2022 = "shadowsocks 2022 session subkey";
constexpr std::string_view kIdentity2022 = "shadowsocks 2022 identity subkey";

struct FreeDigestContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigestContext>;

DigestContext new_digest_context(const EVP_MD* digest) {
  DigestContext context(EVP_MD_CTX_new());
  must(context != nullptr && EVP_DigestInit_ex2(context.get(), digest, nullptr) == 1, "a digest context");
  return context;
}

/// HMAC-SHA1 (RFC 2104) of short messages under one key: what the key's two blocks come to is worked out once.
///
/// SHA-1 (FIPS 180-4) is OpenSSL's block function without the bookkeeping around it, which costs more than two blocks
/// do. Between blocks only its five words are kept, and all that depends on the key lies in this object and is wiped
/// once: copying and wiping whole SHA_CTX made a SIP004 subkey a fifth to a quarter dearer.
class HmacSha1 {
 public:
  /// @pre  key.size() <= 64
  explicit HmacSha1(ConstBytes key) {
    SS_ASSERT(key.size() <= block_.size());
    block_.fill(0x36);
    for (std::size_t i = 0; i < key.size(); ++i) block_[i] ^= key[i];
    SHA1_Init(&state_);
    const Words start = words();
    SHA1_Transform(&state_, block_.data());
    inner_ = words();
    for (std::uint8_t& byte : block_) byte ^= 0x36 ^ 0x5C;
    resume_at(start);
    SHA1_Transform(&state_, block_.data());
    outer_ = words();
  }
  HmacSha1(const HmacSha1&) = delete;
  HmacSha1& operator=(const HmacSha1&) = delete;
  ~HmacSha1() {
    wipe({reinterpret_cast<std::uint8_t*>(&state_), sizeof state_});
    wipe({reinterpret_cast<std::uint8_t*>(inner_.data()), sizeof inner_});
    wipe({reinterpret_cast<std::uint8_t*>(outer_.data()), sizeof outer_});
    wipe({reinterpret_cast<std::uint8_t*>(in_order_.data()), sizeof in_order_});
    wipe(block_);
    wipe(digest_);
  }
  /// @pre  message.size() <= 55, out.size() == 20
  void sign(ConstBytes message, Bytes out) {
    finish(inner_, message, digest_);
    finish(outer_, digest_, out);
  }

 private:
  using Words = std::array<SHA_LONG, 5>;

  [[nodiscard]] Words words() const { return {state_.h0, state_.h1, state_.h2, state_.h3, state_.h4}; }
  void resume_at(const Words& words) {
    state_.h0 = words[0];
    state_.h1 = words[1];
    state_.h2 = words[2];
    state_.h3 = words[3];
    state_.h4 = words[4];
  }
  /// The digest of a message whose first block came to `begun`, and `rest` is the end.
  void finish(const Words& begun, ConstBytes rest, Bytes out) {
    SS_ASSERT(rest.size() <= kSha1Block - 9 && out.size() == kSha1);
    resume_at(begun);
    block_.fill(0);
    std::memcpy(block_.data(), rest.data(), rest.size());
    block_[rest.size()] = 0x80;
    put_u64be(block_.data() + kSha1Block - 8, (kSha1Block + rest.size()) * 8);
    SHA1_Transform(&state_, block_.data());
    // Whole words: the next block is loaded from bytes that have just been stored, which waits where they are smaller.
    in_order_ = {htonl(state_.h0), htonl(state_.h1), htonl(state_.h2), htonl(state_.h3), htonl(state_.h4)};
    std::memcpy(out.data(), in_order_.data(), kSha1);
  }

  SHA_CTX state_;
  Words inner_;
  Words outer_;
  Words in_order_;
  std::array<std::uint8_t, kSha1Block> block_;
  std::array<std::uint8_t, kSha1> digest_;
};

KeyBytes derive_2022(std::string_view context, const KeyBytes& psk, ConstBytes salt) {
  SS_ASSERT(salt.size() <= kMaxSaltLength);
  std::array<std::uint8_t, KeyBytes::kMax + kMaxSaltLength> room;
  ByteWriter material(room);
  material.bytes(psk.reveal()).bytes(salt);
  KeyBytes subkey = KeyBytes::of_size(psk.size());
  // At most 64 bytes go in: too_long cannot be.
  static_cast<void>(blake3_derive_key(context, material.written(), subkey.writable()));
  wipe(room);
  return subkey;
}

}  // namespace

KeyBytes master_key_from_password(ConstBytes password, std::size_t key_length) {
  static const EVP_MD* const md5 = fetch_digest("MD5");
  const DigestContext context = new_digest_context(md5);
  KeyBytes key = KeyBytes::of_size(key_length);
  std::array<std::uint8_t, kMd5> digest;
  for (std::size_t done = 0; done < key_length; done += kMd5) {
    // D(i) = MD5(D(i-1) | password), and D(0) is empty.
    must(EVP_DigestInit_ex2(context.get(), nullptr, nullptr) == 1 &&
             EVP_DigestUpdate(context.get(), digest.data(), done == 0 ? 0 : digest.size()) == 1 &&
             EVP_DigestUpdate(context.get(), password.data(), password.size()) == 1 &&
             EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1,
         "MD5");
    const std::size_t n = std::min(kMd5, key_length - done);
    std::copy_n(digest.begin(), n, key.writable().begin() + static_cast<std::ptrdiff_t>(done));
  }
  wipe(digest);
  return key;
}

KeyBytes subkey_2017(const KeyBytes& master_key, ConstBytes salt) {
  SS_ASSERT(salt.size() == master_key.size());
  std::array<std::uint8_t, kSha1> prk;
  HmacSha1(salt).sign(master_key.reveal(), prk);
  HmacSha1 expand(prk);
  // T(1) = HMAC(prk, info | 1), T(2) = HMAC(prk, T(1) | info | 2): two rounds give 40 bytes, and no subkey has more
  // than 32.
  std::array<std::uint8_t, kSha1 + kInfo2017.size() + 1> message;
  std::array<std::uint8_t, 2 * kSha1> output;
  const Bytes first = Bytes(output).first(kSha1);
  const Bytes info = Bytes(message).subspan(kSha1);
  ByteWriter(info).bytes(bytes_of(kInfo2017)).u8(1);
  expand.sign(info, first);
  ByteWriter(message).bytes(first).bytes(bytes_of(kInfo2017)).u8(2);
  if (master_key.size() > kSha1) expand.sign(message, Bytes(output).subspan(kSha1));
  const KeyBytes subkey(Bytes(output).first(master_key.size()));
  wipe(prk);
  wipe(message);
  wipe(output);
  return subkey;
}

KeyBytes subkey_2022(const KeyBytes& psk, ConstBytes salt) {
  return derive_2022(kSession2022, psk, salt);
}

KeyBytes identity_subkey(const KeyBytes& ipsk, ConstBytes salt) {
  return derive_2022(kIdentity2022, ipsk, salt);
}

std::array<std::uint8_t, 16> psk_hash(const KeyBytes& psk) {
  std::array<std::uint8_t, 16> hash;
  // At most 32 bytes go in: too_long cannot be.
  static_cast<void>(blake3_hash(psk.reveal(), hash));
  return hash;
}

KeyBytes stream_subkey(const Method& method, const KeyBytes& key, ConstBytes salt) {
  SS_ASSERT(method.family != Family::plain);
  return method.is_2022() ? subkey_2022(key, salt) : subkey_2017(key, salt);
}

}  // namespace ss::cipher
