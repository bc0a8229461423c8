#include "http/response.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "http/head.hpp"

namespace ss::local {

using protocol::Need;

namespace {

/// The length of the head at the front of `text`, its empty line included; 0 where it is not whole. A line may end with
/// LF alone.
std::size_t length_of_head(std::string_view text, std::size_t looked_at) {
  // Of a line end and an empty line behind it, the last two bytes may have been the first.
  std::size_t at = looked_at - std::min<std::size_t>(looked_at, 2);
  while ((at = text.find('\n', at)) != std::string_view::npos) {
    const std::string_view behind = text.substr(++at, 2);
    if (behind.starts_with('\n')) return at + 1;
    if (behind == "\r\n") return at + 2;
  }
  return 0;
}

/// A copy that the parser takes: line ends completed (RFC 9112 section 2.2), folded lines unfolded (section 5.2), and a
/// status line without the space before its empty reason completed.
ByteVector mended(ConstBytes head) {
  ByteVector copy;
  copy.reserve(head.size());
  for (const std::uint8_t byte : head) {
    if (byte == '\n' && (copy.empty() || copy.back() != '\r')) copy.push_back('\r');
    copy.push_back(byte);
  }
  for (std::size_t i = 0; i + 2 < copy.size(); ++i) {
    const bool folded = copy[i] == '\r' && copy[i + 1] == '\n' && (copy[i + 2] == ' ' || copy[i + 2] == '\t');
    if (folded) copy[i] = copy[i + 1] = ' ';
  }
  constexpr std::size_t kReasonAt = std::string_view("HTTP/1.1 200").size();
  if (copy.size() > kReasonAt && copy[kReasonAt] == '\r') copy.insert(copy.begin() + kReasonAt, ' ');
  return copy;
}

/// Nothing where its end is not beyond doubt.
std::optional<HttpBody> body_of(const HttpHead& head, const HttpWish& wish) {
  const std::optional<std::string_view> length = head.find("content-length");
  if (length && !is_decimal(*length)) return std::nullopt;
  if (wish.asked_head || head.status < 200 || head.status == 204 || head.status == 304) return HttpBody();
  if (const std::optional<std::string_view> codings = head.find("transfer-encoding")) {
    if (length || head.count("transfer-encoding") > 1) return std::nullopt;
    if (!wish.is_1_1 && !is_same_word(*codings, "chunked")) return std::nullopt;
    const std::string_view last = without_blanks(codings->substr(codings->rfind(',') + 1));
    return is_same_word(last, "chunked") ? HttpBody::chunked() : HttpBody::until_end();
  }
  if (length) return HttpBody::counted(std::stoull(std::string(*length)));
  return HttpBody::until_end();
}

std::string head_for_client(const HttpHead& head, const ConnectionWords& words, bool with_encoding) {
  std::string out = "HTTP/1.1 " + std::to_string(head.status) + ' ';
  out.append(head.reason).append("\r\n");
  for (const HttpField& field : head.fields) {
    if (words.let_pass(field)) add_field(out, field.name, field.value);
  }
  const bool may_have_length = head.status >= 200 && head.status != 204;
  if (const auto length = head.find("content-length"); length && may_have_length) {
    add_field(out, "Content-Length", *length);
  }
  if (const auto encoding = head.find("transfer-encoding"); encoding && with_encoding) {
    add_field(out, "Transfer-Encoding", *encoding);
  }
  return out;
}

}  // namespace

HttpResponseStep parse_http_response(ConstBytes bytes, const HttpWish& wish, std::size_t looked_at) {
  constexpr std::string_view kBeginning = "HTTP/1.";
  const std::string_view text = text_of(bytes);
  if (text.substr(0, kBeginning.size()) != kBeginning.substr(0, text.size())) return std::monostate();
  const std::size_t length = length_of_head(text.substr(0, kMaxResponseHead), looked_at);
  if (length == 0) {
    if (bytes.size() >= kMaxResponseHead) return std::monostate();
    return Need{1};
  }
  const ByteVector copy = mended(bytes.first(length));
  const HttpHeadSplit split = split_response_head(copy);
  const auto* const head = std::get_if<HttpHead>(&split);
  if (head == nullptr || head->status == 101 || head->status < 100) return std::monostate();
  const std::optional<HttpBody> body = body_of(*head, wish);
  if (!body) return std::monostate();

  HttpResponse response;
  response.status = head->status;
  response.body = *body;
  const ConnectionWords words(*head);
  response.reusable = head->version >= 11 && !words.has("close") && !body->ends_with_connection();
  const bool has_body = !body->done() || wish.asked_head;
  response.unchunked = !wish.is_1_1 && !body->done() && head->count("transfer-encoding") > 0;
  response.head = head_for_client(*head, words, has_body && wish.is_1_1);
  response.length = length;
  return response;
}

}  // namespace ss::local
