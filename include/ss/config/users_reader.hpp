#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ss/config/lookup.hpp"
#include "ss/config/settings.hpp"

namespace ss::config {

/// Judges one user's password, which stands at `value`, and reports what is wrong with it.
using PasswordCheck = std::function<void(const Secret& password, const JsonValue& value, const std::string& path)>;

/// Reads a list of users: each needs a name of his own and a password. Those that are disabled are checked, but left
/// out.
/// @pre  list is an array of objects
std::vector<User> read_users(const JsonValue& list, const std::string& path, Scope scope, const Lookup& lookup,
                             Programs program, const PasswordCheck& check);

}  // namespace ss::config
