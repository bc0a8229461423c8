#include "ss/config/section.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "ss/config/values.hpp"

namespace ss::config {
namespace {

using Type = JsonValue::Type;

std::string spell(double number) {
  char out[32];
  // Shortest form: `300`, `0.1`.
  const auto end = std::to_chars(out, out + sizeof out, number).ptr;
  return {out, end};
}

std::string quoted_words(std::string_view words) {
  std::string out = "\"";
  for (const char c : words) {
    if (c == '|') {
      out += "\", \"";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string expectation(const Shape& shape) {
  switch (shape.kind) {
    case Kind::text:
    case Kind::secret:
      return "write a text in double quotes";
    case Kind::boolean:
      return "write true or false";
    case Kind::number: {
      std::string out = "write a whole number from " + spell(shape.low) + " to " + spell(shape.high);
      return shape.words.empty() ? out : out + ", or " + quoted_words(shape.words);
    }
    case Kind::duration:
      return "write seconds from " + spell(shape.low) + " to " + spell(shape.high);
    case Kind::fraction:
      return "write a number from " + spell(shape.low) + " to " + spell(shape.high);
    case Kind::port:
      return "write a port from 1 to 65535";
    case Kind::ports:
      return "write a range such as \"40000-40100\", or \"off\"";
    case Kind::choice:
      return "write one of " + quoted_words(shape.words);
    case Kind::texts:
      return "write a text, or an array of texts";
    case Kind::objects:
      return "write an array of objects";
    case Kind::object:
      return "write an object";
    case Kind::any:
      break;
  }
  return {};
}

std::string_view name_of(Type type) {
  switch (type) {
    case Type::null:
      return "null";
    case Type::boolean:
      return "true or false";
    case Type::number:
      return "a number";
    case Type::text:
      return "a text";
    case Type::array:
      return "an array";
    case Type::object:
      break;
  }
  return "an object";
}

/// Whether the value asks for none of what others name.
bool is_off(const JsonValue& value) {
  return value.type == Type::boolean ? !value.boolean : value.type == Type::text && value.text == "off";
}

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// What is wrong with a value of kind number, duration, fraction or port; empty where nothing is.
std::string number_fault(const JsonValue& value, const Shape& shape) {
  if (value.type == Type::text && is_listed(shape.words, value.text)) return {};
  if (value.type != Type::number && value.type != Type::text) return "is " + std::string(name_of(value.type));
  const std::optional<double> number = number_of(value);
  if (!number) return "is not a number";
  const bool whole = shape.kind == Kind::duration || shape.kind == Kind::fraction || std::floor(*number) == *number;
  if (!whole) return spell(*number) + " is not a whole number";
  const double low = shape.kind == Kind::port ? 1 : shape.low;
  const double high = shape.kind == Kind::port ? 65'535 : shape.high;
  if (*number < low || *number > high) return spell(*number) + " is out of range";
  return {};
}

std::string ports_fault(const JsonValue& value) {
  if (value.type == Type::boolean && !value.boolean) return {};
  if (value.type != Type::text && value.type != Type::number) return "is " + std::string(name_of(value.type));
  return is_off(value) || port_range_of(value) ? std::string() : "is not a range of ports";
}

std::string array_fault(const JsonValue& value, Type wanted) {
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const JsonValue& item = value.items[i];
    if (item.type != wanted) return "entry " + std::to_string(i) + " is " + std::string(name_of(item.type));
    if (!is_plain(item.text)) return "entry " + std::to_string(i) + " holds a control character";
  }
  return {};
}

std::string fault(const JsonValue& value, const Shape& shape) {
  const auto unless = [&](bool fits) { return fits ? std::string() : "is " + std::string(name_of(value.type)); };
  const auto unless_text = [&] {
    return value.type == Type::text && !is_plain(value.text) ? "holds a control character"
                                                             : unless(value.type == Type::text);
  };
  switch (shape.kind) {
    case Kind::any:
      return {};
    case Kind::text:
      return unless_text();
    case Kind::secret:
      // As in shadowsocks-libev, a number is taken for its digits.
      return unless(value.type == Type::text || (value.type == Type::number && value.number >= 0 &&
                                                 value.number <= 9e15 && std::floor(value.number) == value.number));
    case Kind::boolean:
      return unless(value.type == Type::boolean);
    case Kind::number:
    case Kind::duration:
    case Kind::fraction:
    case Kind::port:
      return number_fault(value, shape);
    case Kind::ports:
      return ports_fault(value);
    case Kind::choice:
      if (value.type == Type::text && !is_listed(shape.words, value.text)) return "is none of the known words";
      return unless(value.type == Type::text);
    case Kind::texts:
      return value.type == Type::array ? array_fault(value, Type::text) : unless_text();
    case Kind::objects:
      return value.type == Type::array ? array_fault(value, Type::object) : unless(false);
    case Kind::object:
      break;
  }
  return unless(value.type == Type::object);
}

/// Whether the value means what this release does anyway.
bool is_quiet(const JsonValue& value, const Key& key) {
  switch (value.type) {
    case Type::null:
      return true;
    case Type::boolean:
      return is_listed(key.quiet, value.boolean ? "true" : "false");
    case Type::number:
      return is_listed(key.quiet, spell(value.number));
    case Type::text:
      return value.text.empty() || is_listed(key.quiet, value.text);
    case Type::array:
      return value.items.empty();
    case Type::object:
      break;
  }
  return value.members.empty();
}

}  // namespace

std::optional<double> number_of(const JsonValue& value) {
  if (value.type == Type::number) return value.number;
  if (value.type != Type::text) return std::nullopt;
  const char* const end = value.text.data() + value.text.size();
  double number = 0;
  const auto [stopped, error] = std::from_chars(value.text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc() || stopped != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<PortRange> port_range_of(const JsonValue& value) {
  if (value.type == Type::number) return parse_port_range(spell(value.number));
  return value.type == Type::text ? parse_port_range(value.text) : std::nullopt;
}

std::optional<Complaint> misfit(const JsonValue& value, const Shape& shape) {
  std::string what = fault(value, shape);
  if (what.empty()) return std::nullopt;
  return Complaint{std::move(what), expectation(shape)};
}

Section Section::check(const JsonValue& object, Scope scope, Programs program, std::string path,
                       ProblemList& problems) {
  Section section;
  section.position_ = object.position;
  section.path_ = std::move(path);
  for (const JsonMember& member : object.members) {
    const std::string key_path = section.path_ + member.key;
    const Key* const key = find_key(scope, member.key);
    if (!key) {
      const std::string_view meant = nearest_key(scope, member.key);
      problems.error(
          member.key_position, key_path,
          {"is not a known key", meant.empty() ? "remove it, or begin its name with _ to keep it as a comment"
                                               : "did you mean `" + std::string(meant) + "`?"});
      continue;
    }
    if (key->support == Support::comment || !speaks_to(key->programs, program) || member.value.type == Type::null)
      continue;
    if (const Entry* const earlier = section.find_entry(proper_name(*key))) {
      if (earlier->key != key) {
        problems.error(
            member.key_position, key_path,
            {"means the same as `" + std::string(earlier->key->name) + "`, which is written too", "keep one of them"});
      }
      continue;
    }
    Entry entry{key, &member, false};
    if (const std::optional<Complaint> complaint = misfit(member.value, key->shape)) {
      entry.refused = true;
      problems.error(member.value.position, key_path, *complaint);
    } else if (key->support != Support::works && is_quiet(member.value, *key)) {
      continue;
    } else if (key->support == Support::no_effect) {
      problems.warn(member.key_position, key_path, {"has no effect", std::string(key->note)});
      continue;
    } else if (key->support != Support::works) {
      entry.refused = true;
      problems.error(
          member.value.position, key_path,
          {key->support == Support::not_yet ? "is not supported yet" : "is not supported", std::string(key->note)});
    }
    section.entries_.push_back(entry);
  }
  return section;
}

const Section::Entry* Section::find_entry(std::string_view proper) const {
  for (const Entry& entry : entries_) {
    if (proper_name(*entry.key) == proper) return &entry;
  }
  return nullptr;
}

const JsonValue* Section::find(std::string_view name) const {
  const Entry* const entry = find_entry(name);
  return entry && !entry->refused ? &entry->member->value : nullptr;
}

bool Section::is_refused(std::string_view name) const {
  const Entry* const entry = find_entry(name);
  return entry && entry->refused;
}

std::string Section::path_of(std::string_view name) const {
  const Entry* const entry = find_entry(name);
  return path_ + (entry ? entry->member->key : std::string(name));
}

void report_repeated_keys(const JsonValue& value, const std::string& path, ProblemList& problems) {
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    report_repeated_keys(value.items[i], path + "[" + std::to_string(i) + "]", problems);
  }
  // Sorted by name, then by place: repeats lie side by side, however many keys there are.
  std::vector<const JsonMember*> sorted;
  for (const JsonMember& member : value.members) sorted.push_back(&member);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const JsonMember* a, const JsonMember* b) { return a->key < b->key; });
  const std::string prefix = path.empty() ? path : path + ".";
  const JsonMember* first = nullptr;
  for (const JsonMember* const member : sorted) {
    if (!first || first->key != member->key) {
      first = member;
    } else if (!member->key.starts_with('_')) {
      problems.error(member->key_position, prefix + member->key,
                     {"is written twice, first at " + std::to_string(first->key_position.line) + ":" +
                          std::to_string(first->key_position.column),
                      "remove one of them"});
    }
    report_repeated_keys(member->value, prefix + member->key, problems);
  }
}

}  // namespace ss::config
