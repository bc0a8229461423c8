#include "http/head.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <utility>

namespace ss::local {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_before(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return lower(x) < lower(y); });
}

/// Bodies are not its concern.
template <bool is_request>
class HeadParser final : public http::basic_parser<is_request> {
 public:
  explicit HeadParser(std::size_t length) {
    this->eager(false);
    this->header_limit(static_cast<std::uint32_t>(length + 1));
    this->body_limit(boost::none);
  }
  beast::error_code parse(ConstBytes bytes) {
    beast::error_code error;
    this->put({bytes.data(), bytes.size()}, error);
    return error;
  }

  HttpHead head;

 private:
  static std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

  void on_request_impl(http::verb, beast::string_view method, beast::string_view target, int version,
                       beast::error_code&) override {
    head.method = view(method);
    head.target = view(target);
    head.version = version;
  }
  void on_response_impl(int status, beast::string_view reason, int version, beast::error_code&) override {
    head.status = static_cast<unsigned>(status);
    head.reason = view(reason);
    head.version = version;
  }
  void on_field_impl(http::field, beast::string_view name, beast::string_view value, beast::error_code&) override {
    head.fields.push_back({view(name), view(value)});
  }
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  std::size_t on_body_impl(beast::string_view body, beast::error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, beast::error_code&) override {
    return body.size();
  }
  void on_finish_impl(beast::error_code&) override {}
};

/// Whether the first line is three words with a version behind them; the parser calls everything behind the target one.
bool names_version(std::string_view head) {
  constexpr std::string_view kName = "HTTP/";
  const std::string_view line = head.substr(0, head.find('\r'));
  if (std::count(line.begin(), line.end(), ' ') != 2) return false;
  const std::string_view version = line.substr(line.rfind(' ') + 1);
  return version.size() == kName.size() + 3 && version.substr(0, kName.size()) == kName &&
         is_digit(version[kName.size()]) && version[kName.size() + 1] == '.' && is_digit(version.back());
}

template <bool is_request>
HttpHeadSplit split(ConstBytes head) {
  HeadParser<is_request> parser(head.size());
  const beast::error_code error = parser.parse(head);
  if (!error) return std::move(parser.head);
  const bool version = error == http::error::bad_version && names_version(text_of(head));
  return version ? HttpHeadFault::version : HttpHeadFault::malformed;
}

}  // namespace

std::size_t HttpHead::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      fields.begin(), fields.end(), [name](const HttpField& field) { return is_same_word(field.name, name); }));
}

std::optional<std::string_view> HttpHead::find(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [name](const HttpField& field) { return is_same_word(field.name, name); });
  if (found == fields.end()) return std::nullopt;
  return found->value;
}

HttpHeadSplit split_request_head(ConstBytes head) {
  return split<true>(head);
}

HttpHeadSplit split_response_head(ConstBytes head) {
  return split<false>(head);
}

std::size_t whole_head(ConstBytes bytes) {
  const std::size_t end = text_of(bytes).find("\r\n\r\n");
  return end == std::string_view::npos ? 0 : end + 4;
}

ConnectionWords::ConnectionWords(const HttpHead& head) {
  for (const HttpField& field : head.fields) {
    if (!is_same_word(field.name, "connection") && !is_same_word(field.name, "proxy-connection")) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (const std::string_view word = without_blanks(rest.substr(0, comma)); !word.empty()) words_.push_back(word);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  std::sort(words_.begin(), words_.end(), is_before);
}

bool ConnectionWords::has(std::string_view word) const {
  return std::binary_search(words_.begin(), words_.end(), word, is_before);
}

bool ConnectionWords::let_pass(const HttpField& field) const {
  constexpr std::string_view kOwn[] = {"connection", "keep-alive",    "te", "trailer", "transfer-encoding",
                                       "upgrade",    "content-length"};
  const auto is_own = [&field](std::string_view own) { return is_same_word(own, field.name); };
  constexpr std::string_view kProxy = "proxy-";
  return std::none_of(std::begin(kOwn), std::end(kOwn), is_own) &&
         !is_same_word(field.name.substr(0, kProxy.size()), kProxy) && !has(field.name);
}

bool is_same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_decimal(std::string_view text) {
  constexpr std::size_t kMostDigits = 18;
  return !text.empty() && text.size() <= kMostDigits && std::all_of(text.begin(), text.end(), is_digit);
}

void add_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace ss::local
