#include "ss/config/generate.hpp"

#include "ss/base/secret.hpp"
#include "ss/cipher/base64.hpp"

namespace ss::config {

std::string generate_secret(const cipher::Method& method, Entropy& entropy) {
  if (method.family == cipher::Family::plain) return {};
  constexpr std::size_t kPasswordBytes = 18;
  KeyBytes bytes = KeyBytes::of_size(method.is_2022() ? method.key_length : kPasswordBytes);
  entropy.fill(bytes.writable());
  return method.is_2022() ? cipher::base64(bytes.reveal()) : cipher::base64url(bytes.reveal());
}

}  // namespace ss::config
