#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "http/body.hpp"
#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/protocol/outcome.hpp"

namespace ss::local {

/// A request to the proxy that it may serve.
struct HttpRequest {
  TargetAddress target;
  bool connect = false;     ///< CONNECT: a tunnel; the fields below `body` say nothing
  bool keep_alive = false;  ///< the client wants to say more on this connection
  bool is_1_1 = false;
  std::string credentials;  ///< the value of Proxy-Authorization
  std::size_t length = 0;   ///< bytes that it took
  HttpBody body;            ///< behind CONNECT only where it is refused: what stands behind it is the tunnel's
  bool asks_head = false;   ///< HEAD: the answer has no body
  bool repeatable = false;  ///< without a body, and of a method that changes nothing
  /// What the target is to get, in the proxy's own version: origin form, `Host` from the target, no hop-by-hop field,
  /// nothing for the proxy.
  std::string head;
};

/// Why a request is not served.
struct HttpRefusal {
  unsigned status = 400;
  std::string_view sentence;  ///< without a full stop; static
};

/// The head of a request, from its first byte on: judged, and written anew; what a client wrote is never passed on raw.
/// Empty lines in front of it are passed over; they count as a part of it.
///
/// Refused, so that nobody behind can read it in another way (docs/SECURITY.md): any body length that is not exactly
/// one of `Content-Length: digits` and `Transfer-Encoding: chunked`; folded lines; a bare CR or LF, a NUL or any other
/// control character; a space before a colon; two `Host`, or one that differs from the target; user information, port
/// 0; a method of more than 32 characters. And what is no request to a proxy: origin form (400), so that a page in a
/// browser cannot use this port as a web server.
using HttpRequestStep = std::variant<protocol::Need, HttpRequest, HttpRefusal>;
HttpRequestStep parse_http_request(ConstBytes bytes);

/// Bounds of a request's head. Beyond them: 414 (the first line), 431.
inline constexpr std::size_t kMaxRequestLine = std::size_t{8} * 1024;
inline constexpr std::size_t kMaxRequestHead = std::size_t{16} * 1024;
inline constexpr std::size_t kMaxRequestFields = 64;

}  // namespace ss::local
