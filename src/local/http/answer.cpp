#include "http/answer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>
#include <variant>

namespace ss::local {

using net::IoResult;
using net::IoStatus;

/// What a writer offers and nobody has taken yet.
class HttpAnswer::Rest {
 public:
  explicit Rest(std::span<const ConstBytes> spans) : spans_(spans) {
    for (const ConstBytes span : spans) size_ += span.size();
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// @pre  not empty
  [[nodiscard]] ConstBytes front() const { return spans_.front().subspan(at_); }
  void skip(std::size_t n) {
    size_ -= n;
    at_ += n;
    while (!spans_.empty() && at_ >= spans_.front().size()) {
      at_ -= spans_.front().size();
      spans_ = spans_.subspan(1);
    }
  }
  /// Feeds `body` with what comes next, up to `most` bytes for the client.
  /// @pre  not empty
  /// @return  what is for the client: all of it, or of chunks what is in them.
  ConstBytes take(HttpBody& body, bool unchunked, std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) {
    if (unchunked) {
      skip(body.feed_framing(front()));
      if (empty()) return {};
      most = std::min(most, body.left_of_chunk());
    }
    ConstBytes part = front().first(static_cast<std::size_t>(std::min<std::uint64_t>(front().size(), most)));
    part = part.first(body.feed(part));
    skip(part.size());
    return part;
  }

 private:
  std::span<const ConstBytes> spans_;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
};

void HttpAnswer::begin(const HttpWish& wish) {
  wish_ = wish;
  keeps_ = wish.keep_alive;
  stage_ = Stage::head;
  heads_ = 0;
  heard_ = false;
  begun_ = false;
}

void HttpAnswer::end_of_target() {
  reusable_ = false;
  if (stage_ == Stage::body && body_.ends_with_connection()) stage_ = Stage::done;
}

IoResult HttpAnswer::write(net::Stream& client, std::span<const ConstBytes> from, bool request_sent) {
  Rest rest(from);
  const std::size_t offered = rest.size();
  if (owed_) rest.skip(1);
  while (stage_ != Stage::done) {
    if (stage_ == Stage::head && out_.empty()) {
      if (rest.empty()) break;
      if (!take_head(rest, request_sent)) return {IoStatus::failed, 0, EPROTO};
      continue;
    }
    const IoResult sent = pass(client, rest);
    if (sent.status == IoStatus::failed) return sent;
    owed_ = !out_.empty();
    if (owed_) break;
    if (std::exchange(interim_, false)) {
      stage_ = Stage::head;
      begun_ = false;
      continue;
    }
    stage_ = body_.done() ? Stage::done : Stage::body;
    if (rest.empty() || sent.status == IoStatus::blocked) break;
  }
  if (stage_ == Stage::done && !rest.empty()) {
    // Nobody asked for more.
    reusable_ = false;
    rest.skip(rest.size());
  }
  const std::size_t taken = offered - rest.size() - (owed_ ? 1 : 0);
  return taken > 0 ? IoResult{IoStatus::done, taken, 0} : IoResult{};
}

/// @return  false: what comes is no answer.
bool HttpAnswer::take_head(Rest& rest, bool request_sent) {
  constexpr std::size_t kPiece = 4096;
  heard_ = true;
  while (!rest.empty()) {
    const std::size_t before = head_in_.size();
    const ConstBytes piece = rest.front().first(std::min(rest.front().size(), kPiece));
    head_in_.insert(head_in_.end(), piece.begin(), piece.end());
    HttpResponseStep step = parse_http_response(head_in_, wish_, before);
    if (std::holds_alternative<std::monostate>(step)) return false;
    if (auto* const response = std::get_if<HttpResponse>(&step)) {
      heads_ += response->length;
      if (heads_ > kMaxResponseHead) return false;
      rest.skip(response->length - before);
      head_in_ = ByteVector();
      write_head(std::move(*response), request_sent);
      return true;
    }
    rest.skip(piece.size());
  }
  return true;
}

void HttpAnswer::write_head(HttpResponse response, bool request_sent) {
  body_ = response.body;
  unchunked_ = response.unchunked;
  if (response.is_interim()) {
    // HTTP/1.0 has none.
    if (!wish_.is_1_1) return;
    interim_ = true;
    out_ = response.head + "\r\n";
    return;
  }
  reusable_ = response.reusable;
  keeps_ = keeps_ && request_sent && !unchunked_ && !body_.ends_with_connection();
  out_ = std::move(response.head);
  if (!keeps_) {
    out_ += "Connection: close\r\n";
  } else if (!wish_.is_1_1) {
    out_ += "Connection: keep-alive\r\n";
  }
  out_ += "\r\n";
}

/// Sends what is left of the head, and what `rest` holds of the body, in one write.
IoResult HttpAnswer::pass(net::Stream& client, Rest& rest) {
  std::array<ConstBytes, net::Stream::kMaxSpans> spans;
  std::size_t count = 0;
  if (!out_.empty()) spans[count++] = bytes_of(out_);
  HttpBody trial = body_;
  std::size_t body = 0;
  Rest ahead = rest;
  while (count < spans.size() && !ahead.empty() && !trial.done()) {
    const ConstBytes part = ahead.take(trial, unchunked_);
    if (trial.broken()) return {IoStatus::failed, 0, EPROTO};
    if (part.empty()) continue;
    spans[count++] = part;
    body += part.size();
  }
  const auto used = std::span<const ConstBytes>(spans).first(count);
  const IoResult sent = used.empty() ? IoResult{IoStatus::done, 0, 0} : client.try_write(used);
  if (sent.status == IoStatus::failed) return sent;
  begun_ = begun_ || sent.bytes > 0;
  const std::size_t of_head = std::min(sent.bytes, out_.size());
  out_.erase(0, of_head);
  std::size_t of_body = sent.bytes - of_head;
  if (of_body == body) {
    body_ = trial;
    rest = ahead;
  } else {
    while (of_body > 0) of_body -= rest.take(body_, unchunked_, of_body).size();
  }
  return sent;
}

}  // namespace ss::local
