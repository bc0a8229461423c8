#include "ss/protocol/credentials.hpp"

#include <algorithm>

#include "ss/cipher/base64.hpp"
#include "ss/cipher/kdf.hpp"

namespace ss::protocol {
namespace {

using cipher::Family;
using cipher::Method;

/// A PSK is exactly the key's bytes in base64: nothing is stretched, cut or folded (SIP022 "PSK").
Result<KeyBytes> parse_psk(const Method& method, std::string_view text) {
  Result<ByteVector> bytes = cipher::base64_decode(text, cipher::Alphabet::standard);
  if (!bytes) return bytes.error();
  const bool fits = bytes->size() == method.key_length;
  const KeyBytes key = fits ? KeyBytes(*bytes) : KeyBytes();
  wipe(*bytes);
  if (!fits) return Errc::bad_key_length;
  return key;
}

Result<KeyBytes> parse_key(const Method& method, const Secret& secret) {
  switch (method.family) {
    case Family::plain:
      return KeyBytes();
    case Family::aead2017:
      return cipher::master_key_from_password(secret.reveal(), method.key_length);
    case Family::aead2022:
      break;
  }
  return parse_psk(method, text_of(secret.reveal()));
}

/// The raw key is SIP004's `key` option.
Result<KeyBytes> take_key(const Method& method, ConstBytes key) {
  if (key.size() != method.key_length) return Errc::bad_key_length;
  return KeyBytes(key);
}

}  // namespace

Result<ClientCredentials> ClientCredentials::from_password(const Method& method, const Secret& secret) {
  if (!method.is_2022()) {
    // Only 2022 passwords are lists of keys: in SIP004 a colon is a character like any other.
    const Result<KeyBytes> key = parse_key(method, secret);
    if (!key) return key.error();
    return ClientCredentials(method, *key);
  }
  std::vector<KeyBytes> chain;
  std::string_view rest = text_of(secret.reveal());
  for (bool last = false; !last;) {
    const std::size_t colon = rest.find(':');
    last = colon == std::string_view::npos;
    const Result<KeyBytes> key = parse_psk(method, rest.substr(0, colon));
    if (!key) return key.error();
    chain.push_back(*key);
    if (!last) rest.remove_prefix(colon + 1);
    if (chain.size() > kMaxIdentityKeys + 1) return Errc::too_long;
  }
  if (chain.size() > 1 && !method.identity_headers) return Errc::bad_key_length;
  ClientCredentials credentials(method, chain.back());
  chain.pop_back();
  credentials.identity_keys_ = std::move(chain);
  return credentials;
}

Result<ClientCredentials> ClientCredentials::from_key(const Method& method, ConstBytes key) {
  const Result<KeyBytes> taken = take_key(method, key);
  if (!taken) return taken.error();
  return ClientCredentials(method, *taken);
}

Result<ServerCredentials> ServerCredentials::from_password(const Method& method, const Secret& secret) {
  const Result<KeyBytes> key = parse_key(method, secret);
  if (!key) return key.error();
  return ServerCredentials(method, *key);
}

Result<ServerCredentials> ServerCredentials::from_key(const Method& method, ConstBytes key) {
  const Result<KeyBytes> taken = take_key(method, key);
  if (!taken) return taken.error();
  return ServerCredentials(method, *taken);
}

Result<void> ServerCredentials::add_user(std::string name, const Secret& secret) {
  const bool tried = method_->family == Family::aead2017;
  if (!tried && !method_->identity_headers) return Errc::bad_key_length;
  if (tried && by_hash_.size() >= kMaxTrialUsers) return Errc::too_long;
  const Result<KeyBytes> key = parse_key(*method_, secret);
  if (!key) return key.error();
  const std::size_t index = by_hash_.size();
  if (!by_hash_.emplace(cipher::psk_hash(*key), index).second) return Errc::repeated_key;
  if (index == 0) users_.clear();
  users_.push_back({std::move(name), *key});
  return {};
}

std::size_t ServerCredentials::find_user(ConstBytes hash) const {
  SS_ASSERT(hash.size() == 16);
  std::array<std::uint8_t, 16> wanted;
  std::copy_n(hash.begin(), wanted.size(), wanted.begin());
  const auto found = by_hash_.find(wanted);
  return found == by_hash_.end() ? users_.size() : found->second;
}

}  // namespace ss::protocol
