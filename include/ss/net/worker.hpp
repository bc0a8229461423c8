#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "ss/net/acceptor.hpp"
#include "ss/net/datagram.hpp"
#include "ss/net/dialer.hpp"
#include "ss/net/resolver.hpp"
#include "ss/net/socket_options.hpp"
#include "ss/net/spawner.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/timers.hpp"
#include "ss/telemetry/counters.hpp"

namespace ss::net {

/// One thread's event loop and what the sessions on it share. A session lives and dies on one worker.
///
/// Owner: the program; goes after its listeners and before whatever its sessions point at. Sessions that have not ended
/// are destroyed with it. Threads: one calls `run`, and from then on everything is for that thread, but for what says
/// otherwise. Before `run`, one thread may set things up.
class Worker {
 public:
  explicit Worker(unsigned index, const SocketOptions& outgoing = {});
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  /// Runs until `stop`. What throws inside is logged and the loop goes on.
  void run();
  /// Makes `run` return soon, or at once where it comes later; what has not run yet never will. Threads: any.
  void stop();
  /// Runs `fn` on the worker, soon; never from inside this call. After `stop` it is dropped. Threads: any.
  void post(std::function<void()> fn);

  [[nodiscard]] unsigned index() const { return index_; }
  [[nodiscard]] const Clock& clock() const;
  [[nodiscard]] Timers& timers();
  [[nodiscard]] Spawner& spawner();
  /// Opens connections with the socket options of the configuration.
  [[nodiscard]] Dialer& dialer();
  /// Opens UDP sockets with the socket options of the configuration.
  [[nodiscard]] DatagramOpener& datagrams();
  /// Opens listening sockets of single sessions.
  [[nodiscard]] AcceptorOpener& acceptors();
  /// @pre  set_resolver was called.
  [[nodiscard]] Resolver& resolver();
  void set_resolver(std::unique_ptr<Resolver> resolver);
  /// Threads: written by the worker's, read by any.
  [[nodiscard]] telemetry::Counters& counters();

  /// Makes a stream of a connected socket, which is taken over in any case.
  /// @return null where the poll cannot take it.
  std::unique_ptr<Stream> adopt(int descriptor);

  /// Sessions that live here or are on their way here. Threads: any.
  [[nodiscard]] std::uint32_t load() const;

  struct Loop;
  /// For this room's own sources.
  [[nodiscard]] Loop& loop() { return *loop_; }

 private:
  unsigned index_;
  std::unique_ptr<Loop> loop_;
};

}  // namespace ss::net
