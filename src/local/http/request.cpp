#include "http/request.hpp"

#include <algorithm>
#include <optional>

#include "http/head.hpp"
#include "http/target.hpp"

namespace ss::local {

using protocol::Need;

namespace {

constexpr std::size_t kMaxMethod = 32;

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

/// Nothing where its end is not beyond doubt.
std::optional<HttpBody> body_of(const HttpHead& head) {
  const std::size_t lengths = head.count("content-length");
  const std::size_t encodings = head.count("transfer-encoding");
  if (lengths + encodings > 1) return std::nullopt;
  if (encodings == 1) {
    if (!is_same_word(*head.find("transfer-encoding"), "chunked") || head.version < 11) return std::nullopt;
    return HttpBody::chunked();
  }
  if (lengths == 0) return HttpBody();
  const std::string_view length = *head.find("content-length");
  if (!is_decimal(length)) return std::nullopt;
  return HttpBody::counted(std::stoull(std::string(length)));
}

HttpRequestStep refuse(unsigned status, std::string_view sentence) {
  return HttpRefusal{status, sentence};
}

/// TRACE and OPTIONS may say how many are to pass them on (RFC 9110 section 7.6.2): nobody, and it is not ours to
/// answer.
std::optional<HttpRefusal> judge_forwards(const HttpHead& head) {
  if (head.method != "TRACE" && head.method != "OPTIONS") return std::nullopt;
  const std::optional<std::string_view> forwards = head.find("max-forwards");
  if (!forwards) return std::nullopt;
  if (head.count("max-forwards") > 1 || !is_decimal(*forwards)) return HttpRefusal{400, "Max-Forwards is no number"};
  if (std::stoull(std::string(*forwards)) > 0) return std::nullopt;
  return HttpRefusal{501, "this proxy does not answer TRACE and OPTIONS itself"};
}

/// @pre  `judge_forwards` has let it pass.
std::string head_for_target(const HttpHead& head, const ConnectionWords& words, const HttpTarget& target, bool close) {
  const bool counts_forwards = head.method == "TRACE" || head.method == "OPTIONS";
  std::string out;
  out.append(head.method).append(" ");
  out.append(target.path.empty() && head.method == "OPTIONS" ? "*" : target.origin_form()).append(" HTTP/1.1\r\n");
  add_field(out, "Host", target.authority);
  for (const HttpField& field : head.fields) {
    if (is_same_word(field.name, "host") || !words.let_pass(field)) continue;
    // RFC 9110 section 10.1.1: HTTP/1.0 expects nothing.
    if (head.version < 11 && is_same_word(field.name, "expect")) continue;
    if (counts_forwards && is_same_word(field.name, "max-forwards")) {
      add_field(out, field.name, std::to_string(std::stoull(std::string(field.value)) - 1));
    } else {
      add_field(out, field.name, field.value);
    }
  }
  if (const auto length = head.find("content-length")) add_field(out, "Content-Length", *length);
  if (head.find("transfer-encoding")) add_field(out, "Transfer-Encoding", "chunked");
  if (close) add_field(out, "Connection", "close");
  return out.append("\r\n");
}

/// @pre  `bytes` are a whole head, and clean.
HttpRequestStep parse_clean_request(ConstBytes bytes) {
  const HttpHeadSplit split = split_request_head(bytes);
  if (const auto* fault = std::get_if<HttpHeadFault>(&split)) {
    if (*fault == HttpHeadFault::version) return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    return refuse(400, "the request is malformed");
  }
  const auto& head = std::get<HttpHead>(split);
  if (head.fields.size() > kMaxRequestFields) return refuse(431, "the request has too many header fields");
  if (head.method.size() > kMaxMethod) return refuse(400, "the method is too long");
  if (head.count("host") > 1) return refuse(400, "the request has several Host fields");
  const std::optional<HttpBody> body = body_of(head);
  if (!body) return refuse(400, "the length of the request's body is ambiguous");

  HttpRequest request;
  request.body = *body;
  request.connect = head.method == "CONNECT";
  if (!request.connect && head.target.substr(0, 1) == "/") {
    return refuse(400, "this is a proxy: it serves no pages of its own");
  }
  const HttpTargetResult parsed = request.connect ? parse_connect_target(head.target) : parse_absolute(head.target);
  if (const auto* why = std::get_if<HttpTargetFault>(&parsed)) {
    if (*why == HttpTargetFault::scheme)
      return refuse(501, "only http:// is served here; for the rest there is CONNECT");
    return refuse(400, "the target of the request is malformed");
  }
  const auto& target = std::get<HttpTarget>(parsed);
  request.target = target.address;
  request.is_1_1 = head.version >= 11;
  const ConnectionWords words(head);
  request.keep_alive = !words.has("close") && (request.is_1_1 || words.has("keep-alive"));
  request.credentials = head.find("proxy-authorization").value_or(std::string_view());
  if (head.count("proxy-authorization") > 1) return refuse(400, "the request has several Proxy-Authorization fields");
  if (request.connect) return request;

  const std::optional<std::string_view> host = head.find("host");
  if (!host && request.is_1_1) return refuse(400, "the request has no Host field");
  if (host && !names(*host, target.address)) return refuse(400, "Host differs from the target of the request");
  if (head.method == "TRACE" && !body->done()) return refuse(400, "TRACE has no body");
  if (const std::optional<HttpRefusal> refusal = judge_forwards(head)) return *refusal;
  request.asks_head = head.method == "HEAD";
  request.repeatable = body->done() && (head.method == "GET" || request.asks_head || head.method == "OPTIONS");
  request.head = head_for_target(head, words, target, !request.keep_alive);
  return request;
}

}  // namespace

HttpRequestStep parse_http_request(ConstBytes bytes) {
  const bool is_long = bytes.size() >= kMaxRequestHead;
  bytes = bytes.first(std::min(bytes.size(), kMaxRequestHead));
  std::size_t skipped = 0;
  while (skipped + 1 < bytes.size() && bytes[skipped] == '\r' && bytes[skipped + 1] == '\n') skipped += 2;
  const ConstBytes rest = bytes.subspan(skipped);
  const std::size_t length = whole_head(rest);
  const ConstBytes head = length > 0 ? rest.first(length) : rest;
  if (text_of(head.first(std::min(head.size(), kMaxRequestLine))).find('\n') == std::string_view::npos &&
      head.size() >= kMaxRequestLine) {
    return refuse(414, "the first line of the request is too long");
  }
  if (length == 0 && is_long) return refuse(431, "the head of the request is too long");
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

}  // namespace ss::local
