#pragma once

#include <string>
#include <string_view>

#include "ss/config/load.hpp"

namespace ss::config {

/// 32 and 16 bytes in base64: PSKs that are none.
inline constexpr std::string_view kKey32 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
inline constexpr std::string_view kOtherKey32 = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
inline constexpr std::string_view kKey16 = "AAECAwQFBgcICQoLDA0ODw==";

/// A complete configuration with `more` behind its last key, e.g. `, "timeout": 5`. The text of `more` begins at 2:1.
inline std::string with(std::string_view more) {
  return R"({"server": "127.0.0.1", "server_port": 8388, "method": "2022-blake3-aes-256-gcm", "password": ")" +
         std::string(kKey32) + "\"\n" + std::string(more) + "}";
}

inline Loaded<ServerConfig> server_from(std::string_view text, const Environment& environment = {}) {
  Sources sources;
  sources.file = File{"c.json", text};
  sources.environment = environment;
  return load_server(sources);
}

inline Loaded<LocalConfig> local_from(std::string_view text, const Environment& environment = {}) {
  Sources sources;
  sources.file = File{"c.json", text};
  sources.environment = environment;
  return load_local(sources);
}

/// All problems, one a line, warnings with `warning: ` in front.
template <class Config>
std::string told(const Loaded<Config>& loaded) {
  std::string out;
  for (const Problem& problem : loaded.problems) {
    if (problem.severity == Severity::warning) out += "warning: ";
    out += problem.text + '\n';
  }
  return out;
}

inline std::string password_of(const Credentials& credentials) {
  return std::string(text_of(credentials.password.reveal()));
}

}  // namespace ss::config
