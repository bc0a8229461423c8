#include <algorithm>

#include "ss/cipher/base64.hpp"
#include "ss/config/key_check.hpp"
#include "ss/config/password_strength.hpp"
#include "ss/config/settings_reader.hpp"

namespace ss::config {
namespace {

constexpr std::string_view kDefaultMethod = "chacha20-ietf-poly1305";

const cipher::Method* read_method(const Lookup& lookup, const CredentialRules& rules) {
  const Found found = lookup.find("method");
  if (found.refused) return nullptr;
  if (!found) {
    const cipher::Method* const method = cipher::find_method(kDefaultMethod);
    lookup.problems().warn(
        lookup.top(), lookup.path_of("method"),
        {"is not written, so " + std::string(kDefaultMethod) + " is used as in shadowsocks-libev", "write it"});
    return method;
  }
  const std::variant<const cipher::Method*, Complaint> checked = check_method(found.value->text);
  if (const Complaint* const complaint = std::get_if<Complaint>(&checked)) {
    lookup.error(found, *complaint);
    return nullptr;
  }
  const cipher::Method* const method = std::get<const cipher::Method*>(checked);
  if (method->family == cipher::Family::plain && !rules.only_loopback) {
    lookup.error(found, {"the method `none` hides nothing and is for loopback addresses alone",
                         "use 2022-blake3-aes-256-gcm, or chacha20-ietf-poly1305 with old peers"});
    return nullptr;
  }
  return method;
}

Secret read_key(const Lookup& lookup, const Found& found, const cipher::Method& method) {
  const std::optional<Secret> text = lookup.secret(found);
  if (!text) return {};
  if (method.is_2022()) {
    lookup.error(found, {"is for SIP004 methods", "write the key of " + std::string(method.name) + " as `password`"});
    return {};
  }
  Result<ByteVector> bytes = cipher::base64_decode(text_of(text->reveal()), cipher::Alphabet::any);
  if (!bytes) {
    lookup.error(found, {"is not base64",
                         "write " + std::to_string(method.key_length) + " random bytes in base64, or a `password`"});
    return {};
  }
  Secret key(*bytes);
  wipe(*bytes);
  if (key.size() != method.key_length) {
    lookup.error(found, {"has " + std::to_string(key.size()) + " bytes, but " + std::string(method.name) + " needs " +
                             std::to_string(method.key_length),
                         "write " + std::to_string(method.key_length) + " random bytes in base64, or a `password`"});
    return {};
  }
  return key;
}

Secret read_password(const Lookup& lookup, const Found& found, const cipher::Method& method,
                     const CredentialRules& rules) {
  std::optional<Secret> password = lookup.secret(found);
  if (!password) return {};
  if (const std::optional<Complaint> complaint = check_password(method, text_of(password->reveal()), rules.program)) {
    lookup.error(found, *complaint);
    return {};
  }
  check_strength(method, *password, *found.value, found.path, rules, lookup.problems());
  return *std::move(password);
}

}  // namespace

void check_strength(const cipher::Method& method, const Secret& password, const JsonValue& value,
                    const std::string& path, const CredentialRules& rules, ProblemList& problems) {
  if (method.family != cipher::Family::aead2017 || rules.allow_weak) return;
  if (password_bits(text_of(password.reveal())) >= kStrongBits) return;
  if (rules.program == Programs::local) {
    problems.warn(
        value.position, path,
        {"the password is weak: whoever records a connection can search for it", "ask for a random one on the server"});
    return;
  }
  problems.error(value.position, path,
                 {"the password is weak: whoever records a connection can search for it",
                  "`ss-server genkey " + std::string(method.name) +
                      "` makes a strong one; \"allow_weak_password\": true lets this one through"});
}

Credentials read_credentials(const Lookup& lookup, const CredentialRules& rules) {
  Credentials credentials;
  credentials.method = read_method(lookup, rules);
  const Found password = lookup.find("password");
  const Found key = lookup.find("key");
  if (!credentials.method) return credentials;
  const cipher::Method& method = *credentials.method;
  if (method.family == cipher::Family::plain) return credentials;

  const bool users_suffice = rules.has_users && !method.is_2022();
  if (users_suffice) {
    // Each user has his own, and nobody else is served.
    for (const Found* const found : {&password, &key}) {
      if (*found) lookup.warn(*found, {"has no effect", "the `users` are served, each with his own password"});
    }
    return credentials;
  }
  // A raw key replaces the password, as in shadowsocks-libev, unless the password was given nearer to the command line.
  if (key && (!password || key.rank <= password.rank)) {
    credentials.key = read_key(lookup, key, method);
    if (password && password.rank == key.rank)
      lookup.warn(password, {"has no effect", "`key` stands in its place; remove one of them"});
    return credentials;
  }
  if (password) {
    credentials.password = read_password(lookup, password, method, rules);
    return credentials;
  }
  if (!key.refused) {
    const std::string maker = "`ss-server genkey " + std::string(method.name) + "` makes one";
    lookup.missing("password", password,
                   rules.program == Programs::server
                       ? maker
                       : "write the server's password or key, or give it by --key-file or $SS_PASSWORD");
  }
  return credentials;
}

}  // namespace ss::config
