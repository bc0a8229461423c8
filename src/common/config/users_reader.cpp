#include "ss/config/users_reader.hpp"

#include <unordered_set>

namespace ss::config {
namespace {

constexpr std::size_t kLongestName = 255;

/// The name of a user, checked; empty where it was refused.
/// @param taken  the names of the users before; gets this one too
std::string read_name(const Section& section, std::unordered_set<std::string_view>& taken, ProblemList& problems) {
  const std::string path = section.path_of("name");
  const JsonValue* const name = section.find("name");
  if (!name) {
    if (!section.is_refused("name"))
      problems.error(section.position(), path, {"is missing", "write a name for the user"});
    return {};
  }
  if (name->text.empty() || name->text.size() > kLongestName) {
    problems.error(name->position, path, {"is empty or longer than 255 bytes", "write a shorter name"});
    return {};
  }
  if (!taken.insert(name->text).second) {
    problems.error(name->position, path, {"is the name of an earlier user too", "give each user a name of his own"});
  }
  return name->text;
}

}  // namespace

std::vector<User> read_users(const JsonValue& list, const std::string& path, Scope scope, const Lookup& lookup,
                             Programs program, const PasswordCheck& check) {
  ProblemList& problems = lookup.problems();
  std::vector<User> users;
  std::unordered_set<std::string_view> names;
  const Found for_all = lookup.find("bind_ports");
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const Section section =
        Section::check(list.items[i], scope, program, path + '[' + std::to_string(i) + "].", problems);
    User user;
    user.name = read_name(section, names, problems);
    const JsonValue* const password = section.find("password");
    if (password) {
      if (std::optional<Secret> secret =
              read_secret(*password, section.path_of("password"), lookup.environment(), problems)) {
        check(*secret, *password, section.path_of("password"));
        user.password = *std::move(secret);
      }
    } else if (!section.is_refused("password")) {
      problems.error(section.position(), section.path_of("password"), {"is missing", "write the user's password"});
    }
    const JsonValue* const own_ports = section.find("bind_ports");
    if (own_ports || for_all) user.bind_ports = port_range_of(own_ports ? *own_ports : *for_all.value);
    const JsonValue* const disabled = section.find("disabled");
    if (!disabled || !disabled->boolean) users.push_back(std::move(user));
  }
  return users;
}

}  // namespace ss::config
