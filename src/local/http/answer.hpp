#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "http/body.hpp"
#include "http/response.hpp"
#include "ss/net/stream.hpp"

namespace ss::local {

/// The answer to one request on its way from the target to the client: its head written anew, its body as it comes, and
/// not a byte of what stands behind it.
///
/// Memory between turns: a head that has not wholly come, or not wholly gone.
/// Owner: the HttpStream. Threads: the worker's.
class HttpAnswer {
 public:
  /// Awaits the answer to the next request.
  void begin(const HttpWish& wish);

  /// Takes what the target says and passes it on.
  ///
  /// The new head and the old one differ in length: until all of the new one has gone the last byte of the old one is
  /// not taken, so that whoever writes comes back.
  /// @param request_sent  all of the request has gone; where it has not the client's connection cannot stay.
  /// @return  as Stream::try_write. Fails with EPROTO at what is no answer, with the client's error where it is lost.
  net::IoResult write(net::Stream& client, std::span<const ConstBytes> from, bool request_sent);
  /// The target has ended: so has a body that ends with its connection.
  void end_of_target();

  [[nodiscard]] bool done() const { return stage_ == Stage::done; }
  /// Anything has come of it.
  [[nodiscard]] bool heard() const { return heard_; }
  /// A part of it, or of an interim answer before it, has gone to the client, and the rest has to follow.
  [[nodiscard]] bool begun() const { return begun_; }
  /// Whether the client's connection stays after it; before its head has come, what the client wants.
  [[nodiscard]] bool keeps() const { return keeps_; }
  /// Whether the target's connection may carry another request.
  [[nodiscard]] bool reusable() const { return reusable_; }
  [[nodiscard]] bool asked_head() const { return wish_.asked_head; }

 private:
  enum class Stage : std::uint8_t { head, body, done };
  class Rest;

  bool take_head(Rest& rest, bool request_sent);
  void write_head(HttpResponse response, bool request_sent);
  net::IoResult pass(net::Stream& client, Rest& rest);

  HttpWish wish_;
  ByteVector head_in_;
  std::string out_;
  HttpBody body_;
  Stage stage_ = Stage::head;
  std::size_t heads_ = 0;   // bytes of those that have come
  bool interim_ = false;    // of 1xx: another head follows
  bool unchunked_ = false;  // the client gets what is in the chunks
  bool owed_ = false;       // the byte that was not taken
  bool heard_ = false;
  bool begun_ = false;
  bool keeps_ = false;
  bool reusable_ = true;
};

}  // namespace ss::local
