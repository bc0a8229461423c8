#include "ss/ops/key_sources.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "ss/ops/config_file.hpp"

namespace ss::ops {

namespace {

constexpr const char* kPasswordVariable = "SS_PASSWORD";

Secret without_line_end(const Secret& text) {
  std::string_view view = text_of(text.reveal());
  while (view.ends_with('\n') || view.ends_with('\r')) view.remove_suffix(1);
  return Secret(bytes_of(view));
}

void take_file(const std::string& path, std::string_view origin, CommandLine& line, KeySearch& search) {
  auto read = read_config_file(path);
  if (auto* problem = std::get_if<FileProblem>(&read)) {
    search.problem = fmt::format("{}: {}", origin, problem->text);
    return;
  }
  const FileText& file = std::get<FileText>(read);
  Secret secret = without_line_end(file.text);
  if (secret.empty()) {
    search.problem = fmt::format("{}: {} is empty; write the key into it", origin, path);
    return;
  }
  if (!file.warning.empty()) search.warnings.push_back(file.warning);
  line.overrides.password = config::NamedSecret{origin, std::move(secret)};
}

// Set by systemd (LoadCredential=password:FILE) to a folder that the service alone can read.
std::optional<std::string> credential_path() {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) return std::nullopt;
  std::string path = fmt::format("{}/password", folder);
  if (::access(path.c_str(), F_OK) != 0) return std::nullopt;
  return path;
}

// Leaves nothing of it to be read in /proc.
std::optional<Secret> take_from_environment(const char* name) {
  char* const value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  Secret secret(bytes_of(value));
  std::memset(value, 'x', std::strlen(value));
  ::unsetenv(name);
  return secret;
}

void take_variable(CommandLine& line) {
  std::optional<Secret> secret = take_from_environment(kPasswordVariable);
  if (!secret || secret->empty()) return;
  line.overrides.default_password = config::NamedSecret{"$SS_PASSWORD", std::move(*secret)};
}

}  // namespace

KeySearch find_keys(CommandLine& line) {
  KeySearch search;
  const bool on_command_line = line.overrides.password || line.overrides.key;
  if (line.overrides.password) {
    search.warnings.emplace_back(
        "-k: the process list showed the key for a moment; better --key-file FILE or $SS_PASSWORD");
  }
  if (line.key_file) {
    take_file(*line.key_file, "--key-file", line, search);
  } else if (const auto path = credential_path(); path && !on_command_line) {
    take_file(*path, "credential password", line, search);
  }
  take_variable(line);
  return search;
}

std::optional<Secret> NamedVariables::read(const std::string& name) {
  if (const auto known = taken_.find(name); known != taken_.end()) return known->second.clone();
  std::optional<Secret> secret = take_from_environment(name.c_str());
  if (secret) taken_.emplace(name, secret->clone());
  return secret;
}

}  // namespace ss::ops
