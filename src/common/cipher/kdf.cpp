#include "ss/cipher/kdf.hpp"

#include <algorithm>

#include "openssl.hpp"
#include "ss/base/assert.hpp"
#include "ss/cipher/blake3.hpp"

namespace ss::cipher {
namespace {

constexpr std::size_t kMd5 = 16;
constexpr std::size_t kSha1 = 20;
constexpr std::size_t kSha1Block = 64;
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

/// One context a thread, set up once: making one costs as much as the hash of a short message.
void sha1(ConstBytes message, Bytes out) {
  static const EVP_MD* const digest = fetch_digest("SHA1");
  thread_local const DigestContext context = new_digest_context(digest);
  must(EVP_DigestInit_ex2(context.get(), nullptr, nullptr) == 1 &&
           EVP_DigestUpdate(context.get(), message.data(), message.size()) == 1 &&
           EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1,
       "SHA-1");
}

/// HMAC-SHA1 (RFC 2104) of a short message, put together here because OpenSSL's own takes three times as long for one.
/// @pre  key.size() <= 64, message.size() <= 64
void hmac_sha1(ConstBytes key, ConstBytes message, Bytes out) {
  std::array<std::uint8_t, 2 * kSha1Block> padded;
  std::fill_n(padded.begin(), kSha1Block, std::uint8_t{0x36});
  for (std::size_t i = 0; i < key.size(); ++i) padded[i] ^= key[i];
  std::copy(message.begin(), message.end(), padded.begin() + kSha1Block);
  const Bytes inner = Bytes(padded).subspan(kSha1Block, kSha1);
  sha1(Bytes(padded).first(kSha1Block + message.size()), inner);
  for (std::size_t i = 0; i < kSha1Block; ++i) padded[i] ^= 0x36 ^ 0x5C;
  sha1(Bytes(padded).first(kSha1Block + kSha1), out);
  wipe(padded);
}

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
  hmac_sha1(salt, master_key.reveal(), prk);
  // T(1) = HMAC(prk, info | 1), T(2) = HMAC(prk, T(1) | info | 2): two rounds give 40 bytes, and no subkey has more
  // than 32.
  std::array<std::uint8_t, kSha1 + kInfo2017.size() + 1> message;
  std::array<std::uint8_t, 2 * kSha1> output;
  const Bytes first = Bytes(output).first(kSha1);
  const Bytes info = Bytes(message).subspan(kSha1);
  ByteWriter(info).bytes(bytes_of(kInfo2017)).u8(1);
  hmac_sha1(prk, info, first);
  ByteWriter(message).bytes(first).bytes(bytes_of(kInfo2017)).u8(2);
  if (master_key.size() > kSha1) hmac_sha1(prk, message, Bytes(output).subspan(kSha1));
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
