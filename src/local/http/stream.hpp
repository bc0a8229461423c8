#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "client_request.hpp"
#include "http/answer.hpp"
#include "http/body.hpp"
#include "http/reader.hpp"
#include "http/request.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/timers.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// A client of plain HTTP, for as long as its connection lasts.
struct HttpClient {
  net::Stream& stream;
  const NegotiationRules& rules;
  ByteVector inbox;    ///< what it sent and nobody took yet
  bool ended = false;  ///< and nothing will follow
};

/// Stands where the connection of a client of plain HTTP stands, towards one target: reading yields its requests,
/// written anew, one after another; writing takes the target's answers and passes them on, their heads written anew.
///
/// A request is read on only when the answer to the one before has gone. What is not for this target — another target,
/// CONNECT, a request that has to be refused — stays in the client's inbox, and this stream fails, so that its
/// connection is ended and whoever owns the client looks at it.
///
/// Memory between turns: a head that has not wholly come, and one request that may have to be sent again.
/// Owner: the session. Threads: the worker's. Everything given outlives it; nothing waits on it when it goes.
class HttpStream final : public net::Stream {
 public:
  /// How the client's connection stands once this stream has ended.
  enum class Outcome : std::uint8_t {
    goes_on,     ///< Every request was answered whole, and it may ask more.
    ends,        ///< So it was, but it has been told that the connection ends.
    stale,       ///< A kept connection ended before the answer; the request is back in the inbox and may be sent again.
    unanswered,  ///< Nothing of the answer has gone to the client.
    spoiled,     ///< Nor here: what it sent as a body was none.
    cut,         ///< A part of the answer has gone, and the rest will never come; or the client is lost.
  };
  struct Limits {
    Duration idle{};  ///< between requests
    Duration head{};  ///< for one request's head, from its first byte on
  };

  /// @param first  the request at the front of the client's inbox; not CONNECT.
  HttpStream(relay::Environment& env, HttpClient& client, HttpRequest first, Limits limits);

  [[nodiscard]] const TargetAddress& target() const { return target_; }
  [[nodiscard]] bool asked_head() const { return answer_.asked_head(); }
  /// What there is of the first request.
  ByteVector take_first(std::size_t most);
  /// @pre  nobody uses this stream any more.
  Outcome finish();

  net::IoResult try_read(std::span<const Bytes> into) override;
  net::IoResult try_write(std::span<const ConstBytes> from) override;
  void wait(net::Side side, net::Waiter& waiter) override;
  void cancel() override;
  int finish_connect() override { return 0; }
  /// The target has ended: so has an answer that ends with its connection.
  void shut_write() override;
  void reset() override { end(End::fail); }
  [[nodiscard]] std::size_t unacknowledged() const override;
  [[nodiscard]] Endpoint local_endpoint() const override { return client_.stream.local_endpoint(); }
  [[nodiscard]] Endpoint peer_endpoint() const override { return client_.stream.peer_endpoint(); }
  using net::Stream::try_read;
  using net::Stream::try_write;

 private:
  /// Whether reading has come to its end, and how that is told.
  enum class End : std::uint8_t { none, clean, fail };

  class Limit final : public net::Timer {
   public:
    explicit Limit(HttpStream& stream) : stream_(stream) {}

   private:
    void expired() noexcept override { stream_.next_is_late(); }
    HttpStream& stream_;
  };
  void begin(HttpRequest request);
  std::size_t give(std::span<const Bytes> into);
  net::IoResult read_body(std::span<const Bytes> into);
  net::IoResult watch(std::span<const Bytes> into);
  bool look_for_next();
  net::IoResult spoil();
  net::IoResult ended_read() const;
  [[nodiscard]] bool is_sent() const { return up_.done() && to_send_.empty(); }

  void finish_answer();

  void end(End how);
  void next_is_late();

  relay::Environment& env_;
  HttpClient& client_;
  const Limits limits_;
  const TargetAddress target_;

  // The request.
  std::string to_send_;  // of its head
  ByteVector raw_;       // its head as it came, while it may have to be sent again
  HttpBody up_;
  bool unread_ = false;  // the inbox holds what nobody has looked at
  bool spoiled_ = false;
  bool head_begun_ = false;  // of the next request

  HttpAnswer answer_;
  bool answered_ = false;  // a request before this one
  bool too_slow_ = false;  // the next one
  bool lost_ = false;      // the client
  End end_ = End::none;

  HttpReader reader_;
  Limit limit_{*this};
};

}  // namespace ss::local
