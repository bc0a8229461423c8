#pragma once

#include <cstddef>

#include "ss/net/datagram.hpp"
#include "ss/relay/environment.hpp"

namespace ss::relay {

/// Gathers the datagrams of one turn and sends them in as few calls as their sockets allow: consecutive ones for one
/// socket go together.
///
/// What a socket does not take is dropped and counted: a datagram that waits is worth less than the one behind it. What
/// is too long for its path is said too (note_too_long).
///
/// Owner: a plain function, within its turn. Threads: the worker's.
class SendBatch {
 public:
  /// @param passed  counts what was sent.
  SendBatch(DatagramScratch::Turn& turn, Environment& env, telemetry::Counter& passed)
      : turn_(turn), env_(env), passed_(passed) {}
  SendBatch(const SendBatch&) = delete;
  SendBatch& operator=(const SendBatch&) = delete;
  ~SendBatch() { flush(); }

  /// Bytes to write the next datagram of `socket` into. Lifetime: until the batch has been sent.
  /// @pre  length <= DatagramScratch::kWriteArea
  Bytes room(net::Datagram& socket, std::size_t length);
  /// Adds a datagram of `socket`; its bytes lie in what `room` gave, or live until the batch has gone.
  void add(net::Datagram& socket, const net::Outgoing& datagram);
  /// Sends what was gathered.
  void flush();

 private:
  void turn_to(net::Datagram& socket);

  DatagramScratch::Turn& turn_;
  Environment& env_;
  telemetry::Counter& passed_;
  net::Datagram* socket_ = nullptr;
  std::size_t count_ = 0;
  std::size_t written_ = 0;
};

}  // namespace ss::relay
