#pragma once

#include <string>

#include "ss/base/entropy.hpp"
#include "ss/cipher/method.hpp"

namespace ss::config {

/// A new key or password of the right form: 2022 methods: base64 of key_length random bytes; SIP004: a password of 144
/// random bits in base64url; `none`: empty, it has no key.
std::string generate_secret(const cipher::Method& method, Entropy& entropy);

}  // namespace ss::config
