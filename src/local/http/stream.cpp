#include "http/stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <variant>

#include "known_user.hpp"

namespace ss::local {

using net::IoResult;
using net::IoStatus;
using net::Side;

namespace {

void append(ByteVector& to, ConstBytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}
void drop_front(ByteVector& bytes, std::size_t n) {
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
}

/// Copies into spans, one after another.
class SpanWriter {
 public:
  explicit SpanWriter(std::span<const Bytes> into) : into_(into) {}
  /// @return  how many of them fitted.
  std::size_t put(ConstBytes bytes) {
    std::size_t put = 0;
    while (put < bytes.size() && !into_.empty()) {
      const Bytes room = into_.front().subspan(at_);
      const std::size_t n = std::min(room.size(), bytes.size() - put);
      std::memcpy(room.data(), bytes.data() + put, n);
      put += n;
      at_ += n;
      if (at_ < into_.front().size()) break;
      into_ = into_.subspan(1);
      at_ = 0;
    }
    return put;
  }

 private:
  std::span<const Bytes> into_;
  std::size_t at_ = 0;
};

}  // namespace

HttpStream::HttpStream(relay::Environment& env, HttpClient& client, HttpRequest first, Limits limits)
    : env_(env), client_(client), limits_(limits), target_(first.target), reader_(env, client.stream) {
  begin(std::move(first));
}

ByteVector HttpStream::take_first(std::size_t most) {
  ByteVector bytes(most);
  const Bytes room(bytes);
  bytes.resize(give({&room, 1}));
  return bytes;
}

void HttpStream::begin(HttpRequest request) {
  limit_.stop();
  head_begun_ = false;
  const auto length = static_cast<std::ptrdiff_t>(request.length);
  raw_.clear();
  if (request.repeatable) raw_.assign(client_.inbox.begin(), client_.inbox.begin() + length);
  drop_front(client_.inbox, request.length);
  to_send_ = std::move(request.head);
  up_ = request.body;
  answer_.begin({request.asks_head, request.is_1_1, request.keep_alive});
}

IoResult HttpStream::ended_read() const {
  if (end_ == End::fail) return {IoStatus::failed, 0, ECONNRESET};
  return {IoStatus::ended, 0, 0};
}

IoResult HttpStream::try_read(std::span<const Bytes> into) {
  if (end_ != End::none) return ended_read();
  if (const std::size_t given = give(into); given > 0) return {IoStatus::done, given, 0};
  if (up_.broken()) return spoil();
  if (!up_.done()) return read_body(into);
  return watch(into);
}

/// What is here already: the head, then what has come of the body.
std::size_t HttpStream::give(std::span<const Bytes> into) {
  SpanWriter out(into);
  std::size_t given = 0;
  if (!to_send_.empty()) {
    given = out.put(bytes_of(to_send_));
    to_send_.erase(0, given);
    if (!to_send_.empty()) return given;
    to_send_.shrink_to_fit();
  }
  if (up_.done() || client_.inbox.empty()) return given;
  HttpBody trial = up_;
  const ConstBytes body = ConstBytes(client_.inbox).first(trial.feed(client_.inbox));
  const std::size_t n = out.put(body);
  up_.feed(body.first(n));
  if (n == body.size()) up_ = trial;
  drop_front(client_.inbox, n);
  unread_ = true;
  return given + n;
}

/// From the client straight to where it is sealed; what it says behind the body goes to the inbox.
IoResult HttpStream::read_body(std::span<const Bytes> into) {
  std::array<Bytes, kMaxSpans> room;
  std::size_t count = 0;
  std::size_t most = up_.most();
  for (const Bytes span : into.first(std::min(into.size(), kMaxSpans))) {
    if (most == 0) break;
    room[count] = span.first(std::min(span.size(), most));
    most -= room[count++].size();
  }
  const IoResult got = client_.stream.try_read(std::span<const Bytes>(room).first(count));
  if (got.status == IoStatus::blocked) return got;
  if (got.status != IoStatus::done) {
    // Half a body must not look like a whole one.
    lost_ = true;
    end(End::fail);
    return ended_read();
  }
  std::size_t left = got.bytes;
  std::size_t taken = 0;
  for (const Bytes span : std::span<const Bytes>(room).first(count)) {
    const ConstBytes part = span.first(std::min(span.size(), left));
    left -= part.size();
    const std::size_t n = up_.feed(part);
    taken += n;
    if (up_.broken()) return spoil();
    append(client_.inbox, part.subspan(n));
  }
  unread_ = true;
  return taken > 0 ? IoResult{IoStatus::done, taken, 0} : IoResult{};
}

/// The request has gone: sees to it that the next one, and the client's end, are noticed.
IoResult HttpStream::watch(std::span<const Bytes> into) {
  for (;;) {
    const bool idle = answer_.done();
    if (idle && look_for_next()) return try_read(into);
    if (end_ != End::none) return ended_read();
    if (client_.ended) {
      // What it said last comes first.
      if (idle || client_.inbox.empty()) return {IoStatus::ended, 0, 0};
      return {};
    }
    if (client_.inbox.size() >= kMaxRequestHead) return {};
    const Bytes first = into.front();
    const Bytes room = first.first(std::min(first.size(), kMaxRequestHead - client_.inbox.size()));
    const IoResult got = client_.stream.try_read(room);
    if (got.status == IoStatus::blocked) return got;
    if (got.status == IoStatus::failed) {
      lost_ = true;
      return got;
    }
    client_.ended = got.status == IoStatus::ended;
    append(client_.inbox, room.first(got.bytes));
    unread_ = true;
  }
}

/// @return  whether the next request is for this stream, and has begun.
bool HttpStream::look_for_next() {
  if (!std::exchange(unread_, false)) return false;
  HttpRequestStep step = parse_http_request(client_.inbox);
  if (std::holds_alternative<protocol::Need>(step)) {
    if (!client_.inbox.empty() && !std::exchange(head_begun_, true)) env_.timers.start(limit_, limits_.head);
    return false;
  }
  auto* const request = std::get_if<HttpRequest>(&step);
  const std::vector<SocksUser>& users = client_.rules.users;
  const bool mine = request != nullptr && !request->connect && request->target == target_ && answer_.reusable() &&
                    (users.empty() || is_known_user(users, request->credentials));
  if (mine) {
    begin(std::move(*request));
  } else {
    end(End::fail);
  }
  return mine;
}

IoResult HttpStream::spoil() {
  spoiled_ = true;
  end(End::fail);
  return ended_read();
}

IoResult HttpStream::try_write(std::span<const ConstBytes> from) {
  if (lost_ || end_ == End::fail) return {IoStatus::failed, 0, EPIPE};
  const bool was_done = answer_.done();
  const IoResult sent = answer_.write(client_.stream, from, is_sent());
  if (answer_.heard()) raw_ = ByteVector();
  if (sent.status == IoStatus::failed) {
    lost_ = sent.error != EPROTO;
    end(End::fail);
  }
  if (!was_done && answer_.done()) finish_answer();
  return sent;
}

void HttpStream::finish_answer() {
  answered_ = true;
  if (!answer_.keeps()) client_.stream.shut_write();
  if (!is_sent()) return end(End::fail);
  if (!answer_.keeps()) return end(End::clean);
  env_.timers.start(limit_, limits_.idle);
  unread_ = true;
  if (!client_.inbox.empty()) reader_.wake();
}

void HttpStream::shut_write() {
  const bool was_done = answer_.done();
  answer_.end_of_target();
  if (!was_done && answer_.done()) finish_answer();
  end(End::clean);
}

std::size_t HttpStream::unacknowledged() const {
  return answer_.done() ? 0 : client_.stream.unacknowledged();
}

HttpStream::Outcome HttpStream::finish() {
  if (lost_) return Outcome::cut;
  if (answer_.done()) return answer_.keeps() && !too_slow_ ? Outcome::goes_on : Outcome::ends;
  if (answer_.begun()) return Outcome::cut;
  if (spoiled_) return Outcome::spoiled;
  if (!answered_ || raw_.empty()) return Outcome::unanswered;
  client_.inbox.insert(client_.inbox.begin(), raw_.begin(), raw_.end());
  return Outcome::stale;
}

void HttpStream::end(End how) {
  if (end_ != End::none) return;
  end_ = how;
  limit_.stop();
  reader_.wake();
}

void HttpStream::next_is_late() {
  too_slow_ = true;
  client_.stream.shut_write();
  end(End::clean);
}

void HttpStream::wait(Side side, net::Waiter& waiter) {
  if (side == Side::write) return client_.stream.wait(side, waiter);
  const bool has_body = !up_.done() && !client_.inbox.empty();
  const bool has_next = answer_.done() && unread_ && !client_.inbox.empty();
  const bool has_end = up_.done() && client_.ended && client_.inbox.empty();
  const bool has_any = end_ != End::none || !to_send_.empty() || has_body || has_next || has_end;
  // Until the answer has gone there is nothing to read for.
  const bool is_full = up_.done() && (client_.ended || client_.inbox.size() >= kMaxRequestHead);
  reader_.wait(waiter, has_any ? HttpReader::For::now : is_full ? HttpReader::For::wake : HttpReader::For::client);
}

void HttpStream::cancel() {
  client_.stream.cancel();
  reader_.cancel();
}

}  // namespace ss::local
