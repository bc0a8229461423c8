#pragma once

#include <cstdint>
#include <optional>

#include "ss/base/assert.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/timers.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// Whoever waits to read from an HttpStream: for the client, or for what the stream itself has to say.
///
/// Owner: the HttpStream. Threads: the worker's.
class HttpReader {
 public:
  HttpReader(relay::Environment& env, net::Stream& client) : env_(env), client_(client) {}
  ~HttpReader() { SS_ASSERT(waiter_ == nullptr); }
  HttpReader(const HttpReader&) = delete;
  HttpReader& operator=(const HttpReader&) = delete;

  enum class For : std::uint8_t {
    now,     ///< there is something
    client,  ///< until the client has said something, or `wake`
    wake,    ///< until `wake`
  };
  /// @pre  nobody waits.
  void wait(net::Waiter& waiter, For what);
  /// There is something to read; nothing happens where nobody waits.
  void wake();
  /// @pre  the client's stream was cancelled.
  void cancel();

 private:
  /// Waits for the client in its place.
  class ClientReady final : public net::Waiter {
   public:
    explicit ClientReady(HttpReader& reader) : reader_(reader) {}
    void complete(net::WaitOutcome outcome) override { reader_.client_ready(outcome); }

   private:
    HttpReader& reader_;
  };
  class Soon final : public net::Timer {
   public:
    explicit Soon(HttpReader& reader) : reader_(reader) {}

   private:
    void expired() noexcept override { reader_.complete(); }
    HttpReader& reader_;
  };
  void complete_soon(net::WaitOutcome outcome);
  void complete();
  void client_ready(net::WaitOutcome outcome);

  relay::Environment& env_;
  net::Stream& client_;
  net::Waiter* waiter_ = nullptr;
  std::optional<net::WaitOutcome> due_;
  bool on_client_ = false;  // it waits for the client
  bool woken_ = false;      // and is to be told `ready` whatever comes
  ClientReady client_ready_{*this};
  Soon soon_{*this};
};

}  // namespace ss::local
