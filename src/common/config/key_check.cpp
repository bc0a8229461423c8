#include "ss/config/key_check.hpp"

#include <string>
#include <vector>

#include "ss/base/secret.hpp"
#include "ss/cipher/base64.hpp"
#include "ss/config/nearest.hpp"

namespace ss::config {
namespace {

std::string genkey(const cipher::Method& method) {
  return "`ss-server genkey " + std::string(method.name) + "` makes one";
}

std::string known_methods() {
  std::string out = "write one of ";
  for (const cipher::Method& method : cipher::methods()) {
    if (method.family == cipher::Family::plain) continue;
    if (!out.ends_with(' ')) out += ", ";
    out += method.name;
  }
  return out;
}

}  // namespace

std::variant<const cipher::Method*, Complaint> check_method(std::string_view name) {
  if (const cipher::Method* const method = cipher::find_method(name)) return method;
  if (cipher::is_stream_method(name)) {
    return Complaint{printable(name) + " is a broken stream cipher: what it carries can be altered and read on the way",
                     "use 2022-blake3-aes-256-gcm, or chacha20-ietf-poly1305 with old peers, on both ends"};
  }
  std::vector<std::string_view> names;
  for (const cipher::Method& method : cipher::methods()) names.push_back(method.name);
  const std::string_view meant = nearest(name, names);
  if (!meant.empty())
    return Complaint{printable(name) + " is not a known method", "did you mean `" + std::string(meant) + "`?"};
  return Complaint{"is not a known method", known_methods()};
}

std::optional<Complaint> check_psk(const cipher::Method& method, std::string_view text) {
  Result<ByteVector> bytes = cipher::base64_decode(text, cipher::Alphabet::standard);
  const std::string name(method.name);
  if (!bytes) {
    return Complaint{"is not base64, and " + name + " needs a key, not a password of one's own", genkey(method)};
  }
  const std::size_t length = bytes->size();
  wipe(*bytes);
  if (length == method.key_length) return std::nullopt;
  return Complaint{
      "the key has " + std::to_string(length) + " bytes, but " + name + " needs " + std::to_string(method.key_length),
      genkey(method)};
}

std::optional<Complaint> check_password(const cipher::Method& method, std::string_view text, Programs program) {
  if (method.family == cipher::Family::plain) return std::nullopt;
  if (text.empty()) return Complaint{"is empty", genkey(method)};
  if (!method.is_2022()) return std::nullopt;
  if (text.find(':') == std::string_view::npos) return check_psk(method, text);
  if (program == Programs::server) {
    return Complaint{"holds several keys", "write the server's own key here and the keys of users into `users`"};
  }
  if (!method.identity_headers) {
    return Complaint{"holds several keys, but " + std::string(method.name) + " has no identity headers",
                     "use 2022-blake3-aes-128-gcm or 2022-blake3-aes-256-gcm, or write a single key"};
  }
  std::size_t keys = 0;
  while (true) {
    const std::size_t colon = text.find(':');
    if (std::optional<Complaint> complaint = check_psk(method, text.substr(0, colon))) {
      complaint->what = "key " + std::to_string(keys + 1) + " of the chain: " + complaint->what;
      return complaint;
    }
    if (++keys > kMaxIdentityKeys + 1) {
      return Complaint{"holds more than " + std::to_string(kMaxIdentityKeys + 1) + " keys", "write a shorter chain"};
    }
    if (colon == std::string_view::npos) return std::nullopt;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace ss::config
