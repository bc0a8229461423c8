#pragma once

#include <string>

#include "ss/protocol/credentials.hpp"

namespace ss::server {

/// How the log speaks of a user: by name, or as a client where there are no users.
inline std::string word_for(const protocol::ServerCredentials& credentials, std::size_t user) {
  const std::string& name = credentials.users()[user].name;
  return name.empty() ? "a client" : "user \"" + name + "\"";
}

}  // namespace ss::server
