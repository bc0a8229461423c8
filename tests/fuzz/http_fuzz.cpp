// Input: one byte, then what it says: even, what a client of the proxy sends from its first byte on, a request and its
// body; odd, what a target answers (bit 1: to HEAD; bit 2: to a client of HTTP/1.0).
#include <algorithm>

#include "fuzz_support.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace {

using namespace ss::local;
using ss::fuzz::require;

bool is_clean(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto c = static_cast<unsigned char>(head[i]);
    if (c == '\r') {
      if (i + 1 == head.size() || head[i + 1] != '\n') return false;
    } else if (c == '\n') {
      if (i == 0 || head[i - 1] != '\r') return false;
    } else if (c < 0x20 && c != '\t') {
      return false;
    }
  }
  return true;
}

std::size_t count(std::string_view head, std::string_view line_start) {
  std::size_t found = 0;
  for (std::size_t at = head.find(line_start); at != std::string_view::npos; at = head.find(line_start, at + 1))
    ++found;
  return found;
}

/// What the body holds; in chunks, what is in them.
std::size_t data_of(HttpBody body, bool chunked, ss::ConstBytes bytes) {
  std::size_t data = 0;
  while (!bytes.empty() && !body.done() && !body.broken()) {
    if (chunked) bytes = bytes.subspan(body.feed_framing(bytes));
    const std::size_t left = chunked ? std::min<std::uint64_t>(body.left_of_chunk(), bytes.size()) : bytes.size();
    const std::size_t taken = body.feed(bytes.first(left));
    require(taken == left || !chunked);
    data += taken;
    bytes = bytes.subspan(taken);
    if (!chunked) break;
  }
  return data;
}

/// However it is cut, as much of it belongs to the body.
void try_body(const HttpBody& body, ss::ConstBytes bytes) {
  HttpBody whole = body;
  const std::size_t length = whole.feed(bytes);
  require(length <= bytes.size());
  HttpBody cut = body;
  std::size_t taken = 0;
  while (taken < bytes.size() && cut.feed(bytes.subspan(taken, 1)) == 1) ++taken;
  require(taken == length && cut.done() == whole.done() && cut.broken() == whole.broken());
}

void try_request(ss::ConstBytes bytes) {
  const HttpRequestStep step = parse_http_request(bytes);
  const auto* const request = std::get_if<HttpRequest>(&step);
  if (request == nullptr) return;
  require(request->length >= 18 && request->length <= bytes.size());
  // Whole at exactly this length, and not one byte before.
  require(std::holds_alternative<HttpRequest>(parse_http_request(bytes.first(request->length))));
  require(!std::holds_alternative<HttpRequest>(parse_http_request(bytes.first(request->length - 1))));
  require(request->target.port() != 0);
  if (request->connect) return;
  const std::string_view head = request->head;
  require(is_clean(head) && head.size() > 4 && head.find("\r\n\r\n") == head.size() - 4);
  require(count(head, "\r\nHost: ") == 1 && count(head, "\r\nConnection: ") <= 1);
  require(count(head, "\r\nContent-Length: ") + count(head, "\r\nTransfer-Encoding: ") <= 1);
  require(count(head, "\r\nProxy-") == 0);
  try_body(request->body, bytes.subspan(request->length));
}

void try_response(ss::ConstBytes bytes, const HttpWish& wish) {
  const HttpResponseStep step = parse_http_response(bytes, wish);
  const auto* const response = std::get_if<HttpResponse>(&step);
  if (response == nullptr) return;
  require(response->length <= bytes.size() && response->length <= kMaxResponseHead);
  require(response->status >= 100 && response->status <= 999 && response->status != 101);
  require(is_clean(response->head) && response->head.find("\r\n\r\n") == std::string::npos);
  require(count(response->head, "\r\nContent-Length: ") <= 1);
  require(!wish.asked_head || response->body.done());
  require(wish.is_1_1 || count(response->head, "\r\nTransfer-Encoding: ") == 0);
  const ss::ConstBytes body = bytes.subspan(response->length);
  try_body(response->body, body);
  require(data_of(response->body, response->unchunked, body) <= body.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ss::ConstBytes bytes(data + 1, size - 1);
  if ((data[0] & 1) == 0) {
    try_request(bytes);
  } else {
    try_response(bytes, {(data[0] & 2) != 0, (data[0] & 4) == 0, true});
  }
  return 0;
}
