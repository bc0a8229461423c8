#include "ss/config/json_document.hpp"

#include <nlohmann/json.hpp>

#include "ss/base/secret.hpp"

namespace ss::config {
namespace {

/// Builds the tree from the parser's events. The parser tells values but not places, so a cursor walks the same text
/// beside it.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit TreeBuilder(std::string_view text) : text_(text), cursor_(text) {}

  bool null() override { return add(begin(JsonValue::Type::null)); }
  bool boolean(bool value) override {
    JsonValue made = begin(JsonValue::Type::boolean);
    made.boolean = value;
    return add(std::move(made));
  }
  bool number_integer(number_integer_t value) override { return add_number(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add_number(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t&) override { return add_number(value); }
  bool string(string_t& value) override {
    JsonValue made = begin(JsonValue::Type::text);
    made.text = value;
    wipe({reinterpret_cast<std::uint8_t*>(value.data()), value.size()});
    return add(std::move(made));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(JsonValue::Type::object); }
  bool start_array(std::size_t) override { return open(JsonValue::Type::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    cursor_.skip_between();
    open_.back().members.push_back({value, cursor_.position(), {}});
    cursor_.skip_token();
    return true;
  }
  bool parse_error(std::size_t stopped, const std::string&, const nlohmann::detail::exception&) override {
    // The parser's own words quote the text, which may hold a password.
    error_ = explain_syntax_error(text_, stopped);
    return false;
  }

  std::optional<SyntaxError> take_error() { return std::move(error_); }
  JsonValue take_root() { return std::move(root_); }

 private:
  JsonValue begin(JsonValue::Type type) {
    cursor_.skip_between();
    JsonValue made;
    made.type = type;
    made.position = cursor_.position();
    cursor_.skip_token();
    return made;
  }

  bool add_number(double value) {
    JsonValue made = begin(JsonValue::Type::number);
    made.number = value;
    return add(std::move(made));
  }

  bool add(JsonValue value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().type == JsonValue::Type::array) {
      open_.back().items.push_back(std::move(value));
    } else {
      open_.back().members.back().value = std::move(value);
    }
    return true;
  }

  bool open(JsonValue::Type type) {
    JsonValue made = begin(type);
    if (open_.size() == JsonDocument::kMaxDepth) {
      error_ = SyntaxError{made.position,
                           {"brackets are nested deeper than " + std::to_string(JsonDocument::kMaxDepth) + " levels",
                            "see the example files for the form"}};
      return false;
    }
    open_.push_back(std::move(made));
    return true;
  }

  bool close() {
    cursor_.skip_between();
    cursor_.skip_token();
    JsonValue done = std::move(open_.back());
    open_.pop_back();
    return add(std::move(done));
  }

  std::string_view text_;
  JsonCursor cursor_;
  std::vector<JsonValue> open_;
  JsonValue root_;
  std::optional<SyntaxError> error_;
};

void wipe_texts(JsonValue& value) {
  wipe({reinterpret_cast<std::uint8_t*>(value.text.data()), value.text.size()});
  for (JsonValue& item : value.items) wipe_texts(item);
  for (JsonMember& member : value.members) wipe_texts(member.value);
}

}  // namespace

JsonValue JsonValue::of_text(std::string_view text, const Position& at) {
  JsonValue made;
  made.type = Type::text;
  made.position = at;
  made.text = text;
  return made;
}

JsonValue JsonValue::of_boolean(bool value, const Position& at) {
  JsonValue made;
  made.type = Type::boolean;
  made.position = at;
  made.boolean = value;
  return made;
}

JsonValue JsonValue::of_array(const Position& at) {
  JsonValue made;
  made.type = Type::array;
  made.position = at;
  return made;
}

JsonValue JsonValue::of_object(const Position& at) {
  JsonValue made;
  made.type = Type::object;
  made.position = at;
  return made;
}

JsonDocument::~JsonDocument() {
  wipe_texts(root_);
}

std::variant<JsonDocument, SyntaxError> JsonDocument::parse(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.size() > kMaxText) {
    return SyntaxError{{1, 1, {}},
                       {"the file is larger than 1 MiB", "a configuration is far smaller: is this the right file?"}};
  }
  // The parser takes a NUL for the end of the text and would not look at what follows.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    JsonCursor cursor(text);
    cursor.advance_to(nul);
    return SyntaxError{cursor.position(), {"the file holds a NUL byte", "save it as plain UTF-8 text"}};
  }
  std::string plain = without_trailing_commas(text);
  TreeBuilder builder(plain);
  const bool parsed =
      nlohmann::json::sax_parse(plain.begin(), plain.end(), &builder, nlohmann::json::input_format_t::json,
                                /*strict=*/true, /*ignore_comments=*/true);
  JsonDocument document(builder.take_root());
  wipe({reinterpret_cast<std::uint8_t*>(plain.data()), plain.size()});
  if (!parsed) {
    if (std::optional<SyntaxError> error = builder.take_error()) return *std::move(error);
    return SyntaxError{{1, 1, {}}, {"this is not JSON", "see the example files for the form"}};
  }
  return document;
}

}  // namespace ss::config
