#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ss/base/bytes.hpp"
#include "ss/base/errc.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/method.hpp"

namespace ss::protocol {

/// What ss-local seals with: one key, or a chain of identity keys in front of the user's (SIP023).
/// Immutable; shared by all workers.
class ClientCredentials {
 public:
  /// Longest chain in front of the user's key: its headers must fit the first flight.
  static constexpr std::size_t kMaxIdentityKeys = 16;

  /// SIP004: `secret` is a password. SIP022: base64 of the PSK, or `iPSK:…:uPSK` (AES methods only).
  /// Plain: it is not looked at.
  /// Errors: Errc::bad_base64, Errc::bad_key_length (also for identity keys with a method that has none),
  /// Errc::too_long (kMaxIdentityKeys).
  static Result<ClientCredentials> from_password(const cipher::Method& method, const Secret& secret);
  /// SIP004 only: the raw master key.
  /// Errors: Errc::bad_key_length
  static Result<ClientCredentials> from_key(const cipher::Method& method, ConstBytes key);

  [[nodiscard]] const cipher::Method& method() const { return *method_; }
  /// The PSK (2022: the user's own) or master key.
  [[nodiscard]] const KeyBytes& key() const { return key_; }
  /// Keys that name layers, outermost first; empty without SIP023.
  [[nodiscard]] const std::vector<KeyBytes>& identity_keys() const { return identity_keys_; }

 private:
  ClientCredentials(const cipher::Method& method, const KeyBytes& key) : method_(&method), key_(key) {}

  const cipher::Method* method_;
  KeyBytes key_;
  std::vector<KeyBytes> identity_keys_;
};

/// What ss-server opens with: one key, or a server key and many users on one port.
///
/// 2022: the users' PSKs are found by the hash in the identity header. SIP004: they are tried one after another, so
/// there may be at most kMaxTrialUsers of them. Immutable; shared by all workers.
class ServerCredentials {
 public:
  static constexpr std::size_t kMaxTrialUsers = 1'000;

  struct User {
    std::string name;
    KeyBytes key;
  };

  /// Without users: the single anonymous user has index 0, an empty name and the server key.
  /// Errors: as ClientCredentials; a chain is Errc::bad_base64.
  static Result<ServerCredentials> from_password(const cipher::Method& method, const Secret& secret);
  static Result<ServerCredentials> from_key(const cipher::Method& method, ConstBytes key);
  /// Adds a user; the first one turns the port into a port with users, and the server key alone is not served any more.
  /// Errors: Errc::bad_base64, Errc::bad_key_length (also for a method that cannot tell users apart),
  /// Errc::repeated_key (another user has that key), Errc::too_long (kMaxTrialUsers). After an error nothing has
  /// changed.
  Result<void> add_user(std::string name, const Secret& secret);

  [[nodiscard]] const cipher::Method& method() const { return *method_; }
  [[nodiscard]] const KeyBytes& server_key() const { return server_key_; }
  [[nodiscard]] bool has_users() const { return !by_hash_.empty(); }
  [[nodiscard]] const std::vector<User>& users() const { return users_; }
  /// The user whose PSK hashes to `hash` (16 bytes), or users().size().
  /// @pre  hash.size() == 16
  [[nodiscard]] std::size_t find_user(ConstBytes hash) const;

 private:
  ServerCredentials(const cipher::Method& method, const KeyBytes& key)
      : method_(&method), server_key_(key), users_{{std::string(), key}} {}

  const cipher::Method* method_;
  KeyBytes server_key_;
  std::vector<User> users_;
  std::map<std::array<std::uint8_t, 16>, std::size_t> by_hash_;  // index into users_
};

}  // namespace ss::protocol
