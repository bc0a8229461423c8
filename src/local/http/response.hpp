#pragma once

#include <cstddef>
#include <string>
#include <variant>

#include "http/body.hpp"
#include "ss/base/bytes.hpp"
#include "ss/protocol/outcome.hpp"

namespace ss::local {

/// What a request says about its answer.
struct HttpWish {
  bool asked_head = false;
  bool is_1_1 = true;
  bool keep_alive = false;
};

/// The head of an answer.
struct HttpResponse {
  unsigned status = 0;
  bool reusable = false;  ///< the connection it came over may carry another request
  /// The client knows no chunks (RFC 9112 section 6.1): it gets what is in them, until its connection ends.
  bool unchunked = false;
  HttpBody body;
  /// What the client is to get: without hop-by-hop fields, and without the empty line, for `Connection` to follow.
  std::string head;
  std::size_t length = 0;

  [[nodiscard]] bool is_interim() const { return status < 200; }
};

/// The head of an answer, judged, and written anew.
///
/// @param looked_at  so many bytes at the front were asked about before, and it was not whole; they are not searched
/// again.
/// @return  nothing: it is none, is ambiguous about its length, is in a coding that the client does not know, switches
/// protocols (nobody asked for that: `Upgrade` is not passed on), or is longer than kMaxResponseHead.
using HttpResponseStep = std::variant<protocol::Need, HttpResponse, std::monostate>;
HttpResponseStep parse_http_response(ConstBytes bytes, const HttpWish& wish, std::size_t looked_at = 0);

/// Bound of a head, and of all heads of one answer: any number of interim ones may stand before the last.
inline constexpr std::size_t kMaxResponseHead = std::size_t{64} * 1024;

}  // namespace ss::local
