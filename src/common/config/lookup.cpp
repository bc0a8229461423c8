#include "ss/config/lookup.hpp"

#include <cmath>

namespace ss::config {

Found Lookup::find(std::string_view name) const {
  for (std::size_t rank = 0; rank < sections_.size(); ++rank) {
    const Section& section = *sections_[rank];
    if (section.is_refused(name)) return {nullptr, rank, section.path_of(name), true};
    if (const JsonValue* const value = section.find(name)) return {value, rank, section.path_of(name), false};
  }
  return {nullptr, sections_.size(), std::string(name), false};
}

void Lookup::take(std::string_view name, bool& into) const {
  if (const Found found = find(name)) into = found.value->boolean;
}

void Lookup::take(std::string_view name, std::string& into) const {
  if (const Found found = find(name)) into = found.value->text;
}

void Lookup::take(std::string_view name, std::chrono::milliseconds& into) const {
  if (const std::optional<double> seconds = number(name))
    into = std::chrono::milliseconds(std::llround(*seconds * 1000));
}

std::optional<double> Lookup::number(std::string_view name) const {
  const Found found = find(name);
  return found ? number_of(*found.value) : std::nullopt;
}

std::optional<Secret> Lookup::secret(const Found& found) const {
  return read_secret(*found.value, found.path, environment_, problems_);
}

std::vector<const JsonValue*> Lookup::texts(const Found& found) const {
  std::vector<const JsonValue*> out;
  if (!found) return out;
  if (found.value->type == JsonValue::Type::text) out.push_back(found.value);
  for (const JsonValue& item : found.value->items) out.push_back(&item);
  return out;
}

void Lookup::error(const Found& found, const Complaint& complaint) const {
  problems_.error(found.value->position, found.path, complaint);
}

void Lookup::warn(const Found& found, const Complaint& complaint) const {
  problems_.warn(found.value->position, found.path, complaint);
}

void Lookup::missing(std::string_view name, const Found& found, std::string_view instead) const {
  if (found || found.refused) return;
  problems_.error(top(), path_of(name), {"is missing", std::string(instead)});
}

std::optional<Secret> read_secret(const JsonValue& value, const std::string& path, const Environment& environment,
                                  ProblemList& problems) {
  if (value.type == JsonValue::Type::number) return Secret(bytes_of(std::to_string(std::llround(value.number))));
  const std::string_view text = value.text;
  const bool names_variable = value.position.flag.empty() && text.starts_with("${") && text.ends_with('}');
  if (!names_variable) return Secret(bytes_of(text));
  const std::string name(text.substr(2, text.size() - 3));
  std::optional<Secret> found = environment ? environment(name) : std::nullopt;
  if (found && !found->empty()) return found;
  problems.error(value.position, path,
                 {"the environment variable " + printable(name) + (found ? " is empty" : " is not set"),
                  "set it, or write the key itself"});
  return std::nullopt;
}

}  // namespace ss::config
