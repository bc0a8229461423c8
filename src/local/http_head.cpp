#include "http_head.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <vector>

#include "http_target.hpp"

namespace ss::local {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using protocol::Need;

namespace {

struct Field {
  std::string_view name;
  std::string_view value;
};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}
bool begins(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && same(text.substr(0, with.size()), with);
}
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Splits a whole head into its parts, which point into it. Bodies are not its concern.
template <bool is_request>
class HeadParser final : public http::basic_parser<is_request> {
 public:
  explicit HeadParser(std::size_t limit) {
    this->eager(false);
    this->header_limit(static_cast<std::uint32_t>(limit + 1));
    this->body_limit(boost::none);
  }
  beast::error_code parse(ConstBytes head) {
    beast::error_code error;
    this->put({head.data(), head.size()}, error);
    return error;
  }

  std::string_view method, target, reason;
  unsigned status = 0;
  int version = 11;
  std::vector<Field> fields;

  [[nodiscard]] std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::count_if(fields.begin(), fields.end(), [name](const Field& field) { return same(field.name, name); }));
  }
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const {
    const auto found =
        std::find_if(fields.begin(), fields.end(), [name](const Field& f) { return same(f.name, name); });
    if (found == fields.end()) return std::nullopt;
    return found->value;
  }
  /// Every word of the lists that `Connection` and `Proxy-Connection` hold.
  [[nodiscard]] std::vector<std::string_view> connection_words() const {
    std::vector<std::string_view> words;
    for (const Field& field : fields) {
      if (!same(field.name, "connection") && !same(field.name, "proxy-connection")) continue;
      for (std::string_view rest = field.value; !rest.empty();) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        if (const std::string_view word = trimmed(rest.substr(0, comma)); !word.empty()) words.push_back(word);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
      }
    }
    return words;
  }

 private:
  static std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

  void on_request_impl(http::verb, beast::string_view method_text, beast::string_view target_text, int of,
                       beast::error_code&) override {
    method = view(method_text);
    target = view(target_text);
    version = of;
  }
  void on_response_impl(int code, beast::string_view text, int of, beast::error_code&) override {
    status = static_cast<unsigned>(code);
    reason = view(text);
    version = of;
  }
  void on_field_impl(http::field, beast::string_view name, beast::string_view value, beast::error_code&) override {
    fields.push_back({view(name), view(value)});
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

bool has(const std::vector<std::string_view>& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(), [word](std::string_view each) { return same(each, word); });
}

/// Fields that belong to one connection (RFC 9110 section 7.6.1), and those that are written anew.
bool is_left_out(const Field& field, const std::vector<std::string_view>& connection) {
  constexpr std::string_view kOwn[] = {"connection", "keep-alive",    "te", "trailer", "transfer-encoding",
                                       "upgrade",    "content-length"};
  return std::any_of(std::begin(kOwn), std::end(kOwn), [&](std::string_view own) { return same(own, field.name); }) ||
         begins(field.name, "proxy-") || has(connection, field.name);
}

void add(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

/// The length of the head at the front of `bytes`, its empty line included; 0 where it is not whole.
std::size_t whole_head(ConstBytes bytes) {
  const std::size_t end = text_of(bytes).find("\r\n\r\n");
  return end == std::string_view::npos ? 0 : end + 4;
}

/// What a strict reader takes for text: nothing that another one might take for the end of a line, or pass over.
bool is_clean(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto c = static_cast<unsigned char>(head[i]);
    if (c == '\r') {
      if (i + 1 == head.size() || head[i + 1] != '\n') return false;
    } else if (c == '\n') {
      if (i == 0 || head[i - 1] != '\r') return false;
      if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t')) return false;
    } else if ((c < 0x20 && c != '\t') || c == 0x7F) {
      return false;
    }
  }
  return true;
}

bool is_number(std::string_view text) {
  constexpr std::size_t kMostDigits = 18;
  return !text.empty() && text.size() <= kMostDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

using RequestParser = HeadParser<true>;
using ResponseParser = HeadParser<false>;

/// The body of a request; nothing where its end is not beyond doubt.
std::optional<HttpBody> body_of(const RequestParser& parser) {
  const std::size_t lengths = parser.count("content-length");
  const std::size_t encodings = parser.count("transfer-encoding");
  if (lengths + encodings > 1) return std::nullopt;
  if (encodings == 1) {
    if (!same(*parser.find("transfer-encoding"), "chunked") || parser.version < 11) return std::nullopt;
    return HttpBody::chunked();
  }
  if (lengths == 0) return HttpBody();
  const std::string_view length = *parser.find("content-length");
  if (!is_number(length)) return std::nullopt;
  return HttpBody::counted(std::stoull(std::string(length)));
}

std::string head_for_target(const RequestParser& parser, const HttpTarget& target, bool close) {
  const std::vector<std::string_view> connection = parser.connection_words();
  std::string head;
  head.append(parser.method).append(" ");
  head.append(target.path.empty() && parser.method == "OPTIONS" ? "*" : target.origin_form());
  head.append(parser.version < 11 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
  add(head, "Host", target.authority);
  for (const Field& field : parser.fields) {
    if (!same(field.name, "host") && !is_left_out(field, connection)) add(head, field.name, field.value);
  }
  if (const auto length = parser.find("content-length")) add(head, "Content-Length", *length);
  if (parser.find("transfer-encoding")) add(head, "Transfer-Encoding", "chunked");
  if (close && parser.version >= 11) add(head, "Connection", "close");
  return head.append("\r\n");
}

HttpRequestStep refuse(unsigned status, std::string_view sentence) {
  return HttpRefusal{status, sentence};
}

/// @pre  `head` is whole and clean.
HttpRequestStep parse_clean_request(ConstBytes head) {
  RequestParser parser(kMaxRequestHead);
  const beast::error_code error = parser.parse(head);
  if (error == http::error::bad_version) return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  if (error) return refuse(400, "the request is malformed");
  if (parser.fields.size() > kMaxRequestFields) return refuse(431, "the request has too many header fields");
  if (parser.method.size() > 32) return refuse(400, "the method is too long");
  if (parser.count("host") > 1) return refuse(400, "the request has several Host fields");
  const std::optional<HttpBody> body = body_of(parser);
  if (!body) return refuse(400, "the length of the request's body is ambiguous");

  HttpRequest request;
  request.connect = parser.method == "CONNECT";
  if (!request.connect && begins(parser.target, "/")) {
    return refuse(400, "this is a proxy: it serves no pages of its own");
  }
  const HttpTargetResult parsed = request.connect ? parse_connect_target(parser.target) : parse_absolute(parser.target);
  if (const auto* why = std::get_if<HttpTargetFault>(&parsed)) {
    if (*why == HttpTargetFault::scheme)
      return refuse(501, "only http:// is served here; for the rest there is CONNECT");
    return refuse(400, "the target of the request is malformed");
  }
  const auto& target = std::get<HttpTarget>(parsed);
  request.target = target.address;
  request.is_1_1 = parser.version >= 11;
  const std::vector<std::string_view> words = parser.connection_words();
  request.keep_alive = request.is_1_1 ? !has(words, "close") : has(words, "keep-alive") && !has(words, "close");
  request.credentials = parser.find("proxy-authorization").value_or(std::string_view());
  if (parser.count("proxy-authorization") > 1) return refuse(400, "the request has several Proxy-Authorization fields");
  if (request.connect) return request;

  const std::optional<std::string_view> host = parser.find("host");
  if (!host && request.is_1_1) return refuse(400, "the request has no Host field");
  if (host && !names(*host, target.address)) return refuse(400, "Host differs from the target of the request");
  if (parser.method == "TRACE" && !body->done()) return refuse(400, "TRACE has no body");
  request.asks_head = parser.method == "HEAD";
  request.repeatable = body->done() && (parser.method == "GET" || request.asks_head || parser.method == "OPTIONS");
  request.body = *body;
  request.head = head_for_target(parser, target, !request.keep_alive);
  return request;
}

/// A copy that the parser takes: folded lines unfolded (RFC 9112 section 5.2), and a status line without the space
/// before its empty reason completed.
ByteVector mended(ConstBytes head) {
  ByteVector copy(head.begin(), head.end());
  for (std::size_t i = 0; i + 2 < copy.size(); ++i) {
    const bool folded = copy[i] == '\r' && copy[i + 1] == '\n' && (copy[i + 2] == ' ' || copy[i + 2] == '\t');
    if (folded) copy[i] = copy[i + 1] = ' ';
  }
  constexpr std::size_t kReasonAt = std::string_view("HTTP/1.1 200").size();
  if (copy.size() > kReasonAt && copy[kReasonAt] == '\r') copy.insert(copy.begin() + kReasonAt, ' ');
  return copy;
}

/// The body of an answer; nothing where its end is not beyond doubt.
std::optional<HttpBody> body_of(const ResponseParser& parser, bool to_head) {
  const std::optional<std::string_view> length = parser.find("content-length");
  if (length && !is_number(*length)) return std::nullopt;
  if (to_head || parser.status < 200 || parser.status == 204 || parser.status == 304) return HttpBody();
  if (parser.count("transfer-encoding") > 0) {
    const std::string_view last = *parser.find("transfer-encoding");
    if (length || parser.count("transfer-encoding") > 1) return std::nullopt;
    const std::string_view coding = trimmed(last.substr(last.rfind(',') + 1));
    return same(coding, "chunked") ? HttpBody::chunked() : HttpBody::until_end();
  }
  if (length) return HttpBody::counted(std::stoull(std::string(*length)));
  return HttpBody::until_end();
}

std::string head_for_client(const ResponseParser& parser, bool has_body) {
  const std::vector<std::string_view> connection = parser.connection_words();
  std::string head = "HTTP/1.1 " + std::to_string(parser.status) + ' ';
  head.append(parser.reason).append("\r\n");
  for (const Field& field : parser.fields) {
    if (!is_left_out(field, connection)) add(head, field.name, field.value);
  }
  const bool may_have_length = parser.status >= 200 && parser.status != 204;
  if (const auto length = parser.find("content-length"); length && may_have_length) {
    add(head, "Content-Length", *length);
  }
  if (const auto encoding = parser.find("transfer-encoding"); encoding && has_body) {
    add(head, "Transfer-Encoding", *encoding);
  }
  return head;
}

}  // namespace

HttpRequestStep parse_http_request(ConstBytes bytes) {
  std::size_t skipped = 0;
  while (skipped + 1 < bytes.size() && bytes[skipped] == '\r' && bytes[skipped + 1] == '\n') skipped += 2;
  const ConstBytes rest = bytes.subspan(skipped);
  const std::size_t length = whole_head(rest.first(std::min(rest.size(), kMaxRequestHead)));
  const ConstBytes head = length > 0 ? rest.first(length) : rest;
  if (text_of(head.first(std::min(head.size(), kMaxRequestLine))).find('\n') == std::string_view::npos &&
      head.size() >= kMaxRequestLine) {
    return refuse(414, "the first line of the request is too long");
  }
  if (length == 0 && rest.size() >= kMaxRequestHead) return refuse(431, "the head of the request is too long");
  if (length == 0) {
    // Whoever ends lines otherwise would be waited for in vain.
    const std::string_view text = text_of(head);
    const bool unclean = !is_clean(text.substr(0, text.empty() || text.back() != '\r' ? text.size() : text.size() - 1));
    return unclean ? refuse(400, "the request is malformed") : HttpRequestStep(Need{1});
  }
  if (!is_clean(text_of(head))) return refuse(400, "the request is malformed");
  HttpRequestStep step = parse_clean_request(head);
  if (auto* const request = std::get_if<HttpRequest>(&step)) request->length = skipped + length;
  return step;
}

HttpResponseStep parse_http_response(ConstBytes bytes, bool to_head) {
  constexpr std::string_view kBeginning = "HTTP/1.";
  const std::string_view text = text_of(bytes);
  if (text.substr(0, kBeginning.size()) != kBeginning.substr(0, text.size())) return std::monostate();
  const std::size_t length = whole_head(bytes.first(std::min(bytes.size(), kMaxResponseHead)));
  if (length == 0) {
    if (bytes.size() >= kMaxResponseHead) return std::monostate();
    return Need{1};
  }
  const ByteVector head = mended(bytes.first(length));
  ResponseParser parser(head.size());
  if (parser.parse(head) || parser.status == 101 || parser.status < 100) return std::monostate();
  const std::optional<HttpBody> body = body_of(parser, to_head);
  if (!body) return std::monostate();

  HttpResponse response;
  response.status = parser.status;
  response.body = *body;
  const std::vector<std::string_view> words = parser.connection_words();
  response.reusable = parser.version >= 11 && !has(words, "close") && !body->ends_with_connection();
  response.head = head_for_client(parser, !body->done() || to_head);
  response.length = length;
  return response;
}

}  // namespace ss::local
