#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ss/base/errc.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/method.hpp"

namespace ss::protocol {

/// What ss-local seals with: one key, or a chain of identity keys in front of the user's (SIP023).
/// Immutable; shared by all workers.
class ClientCredentials {
 public:
  /// SIP004: `secret` is a password. SIP022: base64 of the PSK, or `iPSK:…:uPSK` (AES methods only).
  /// Errors: Errc::bad_base64, Errc::bad_key_length (also for identity keys with a method that has none).
  static Result<ClientCredentials> from_password(const cipher::Method& method, const Secret& secret);
  /// SIP004 only: the raw master key.
  /// Errors: Errc::bad_key_length
  static Result<ClientCredentials> from_key(const cipher::Method& method, ConstBytes key);

  [[nodiscard]] const cipher::Method& method() const;
  /// The PSK (2022: the user's own) or master key.
  [[nodiscard]] const KeyBytes& key() const;
  /// Keys that name layers, outermost first; empty without SIP023.
  [[nodiscard]] const std::vector<KeyBytes>& identity_keys() const;
};

/// What ss-server opens with: one key, or a server key and many users on one port.
///
/// 2022: the users' PSKs are found by the hash in the identity header. SIP004: they are tried one after another, so there may be at
/// most kMaxTrialUsers of them.
/// Immutable; shared by all workers.
class ServerCredentials {
 public:
  static constexpr std::size_t kMaxTrialUsers = 1'000;

  struct User {
    std::string name;
    KeyBytes key;
  };

  /// Without users: the single anonymous user has index 0 and an empty name.
  static Result<ServerCredentials> from_password(const cipher::Method& method, const Secret& secret);
  static Result<ServerCredentials> from_key(const cipher::Method& method, ConstBytes key);
  /// Adds a user; the first one turns the port into a port with users, and the server key alone is not served any more.
  /// Errors: Errc::bad_base64, Errc::bad_key_length, Errc::repeated_key (another user has that key), Errc::too_long (kMaxTrialUsers).
  Result<void> add_user(std::string name, const Secret& secret);

  [[nodiscard]] const cipher::Method& method() const;
  [[nodiscard]] const KeyBytes& server_key() const;
  [[nodiscard]] bool has_users() const;
  [[nodiscard]] const std::vector<User>& users() const;
  /// The user whose PSK hashes to `hash` (16 bytes), or users().size().
  [[nodiscard]] std::size_t find_user(ConstBytes hash) const;
};

}  // namespace ss::protocol
