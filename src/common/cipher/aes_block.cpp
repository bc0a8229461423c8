#include "ss/cipher/aes_block.hpp"

#include "openssl.hpp"
#include "ss/base/assert.hpp"

namespace ss::cipher {
namespace {

constexpr std::size_t kAesBlock = 16;

CipherContext start(const KeyBytes& key, int enc) {
  static const EVP_CIPHER* const aes_128 = fetch_cipher("AES-128-ECB");
  static const EVP_CIPHER* const aes_256 = fetch_cipher("AES-256-ECB");
  CipherContext context = new_cipher_context();
  const EVP_CIPHER* const cipher = key.size() == 16 ? aes_128 : aes_256;
  must(EVP_CipherInit_ex2(context.get(), cipher, key.reveal().data(), nullptr, enc, nullptr) == 1 &&
           EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1,
       "an AES key");
  return context;
}

void one_block(EVP_CIPHER_CTX* context, ConstBytes in, Bytes out) {
  SS_ASSERT(in.size() == kAesBlock && out.size() == kAesBlock);
  int written = 0;
  must(EVP_CipherUpdate(context, out.data(), &written, in.data(), kAesBlock) == 1, "an AES block");
}

}  // namespace

/// Most keys work one way only, so each direction is set up at its first block.
struct AesBlock::Contexts {
  KeyBytes key;
  CipherContext encrypting;
  CipherContext decrypting;
};

AesBlock::AesBlock(const KeyBytes& key) : contexts_(new Contexts{key, nullptr, nullptr}) {
  SS_ASSERT(key.size() == 16 || key.size() == 32);
}
AesBlock::AesBlock(AesBlock&&) noexcept = default;
AesBlock& AesBlock::operator=(AesBlock&&) noexcept = default;
AesBlock::~AesBlock() = default;

void AesBlock::encrypt(ConstBytes in, Bytes out) {
  if (!contexts_->encrypting) contexts_->encrypting = start(contexts_->key, 1);
  one_block(contexts_->encrypting.get(), in, out);
}

void AesBlock::decrypt(ConstBytes in, Bytes out) {
  if (!contexts_->decrypting) contexts_->decrypting = start(contexts_->key, 0);
  one_block(contexts_->decrypting.get(), in, out);
}

}  // namespace ss::cipher
