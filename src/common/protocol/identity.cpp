#include "ss/protocol/identity.hpp"

#include "ss/cipher/aes_block.hpp"
#include "ss/cipher/kdf.hpp"

namespace ss::protocol {

std::size_t put_identity_headers(const ClientCredentials& credentials, ConstBytes salt, Bytes out) {
  const std::vector<KeyBytes>& chain = credentials.identity_keys();
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const KeyBytes& next = i + 1 < chain.size() ? chain[i + 1] : credentials.key();
    cipher::AesBlock block(cipher::identity_subkey(chain[i], salt));
    block.encrypt(cipher::psk_hash(next), out.subspan(i * kIdentityHeader, kIdentityHeader));
  }
  return chain.size() * kIdentityHeader;
}

std::array<std::uint8_t, kIdentityHeader> open_identity_header(const KeyBytes& server_key, ConstBytes salt,
                                                               ConstBytes header) {
  std::array<std::uint8_t, kIdentityHeader> hash;
  cipher::AesBlock(cipher::identity_subkey(server_key, salt)).decrypt(header, hash);
  return hash;
}

}  // namespace ss::protocol
