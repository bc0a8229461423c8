#pragma once

#include "socket_poll.hpp"
#include "ss/net/acceptor.hpp"
#include "ss/net/socket_options.hpp"

namespace ss::net {

/// A listening TCP socket behind the Acceptor seam.
///
/// Owner: the session. Threads: the worker's.
class SocketAcceptor final : public Acceptor {
 public:
  /// @param socket  listens already, non-blocking; taken over.
  SocketAcceptor(SocketPoll& poll, Descriptor socket) : poll_(poll), socket_(poll, std::move(socket)) {}
  SocketAcceptor(const SocketAcceptor&) = delete;
  SocketAcceptor& operator=(const SocketAcceptor&) = delete;

  /// @return errno; 0: the poll has taken it, and the rest may be called.
  int join() { return socket_.join(Side::read); }

  std::unique_ptr<Stream> try_accept() override;
  void wait(Waiter& waiter) override { socket_.wait(Side::read, waiter); }
  void cancel() override { socket_.cancel(); }
  [[nodiscard]] Endpoint local_endpoint() const override;

 private:
  SocketPoll& poll_;
  SocketPoll::Member socket_;
};

/// Listening sockets on a worker's own loop.
class SocketAcceptorOpener final : public AcceptorOpener {
 public:
  SocketAcceptorOpener(SocketPoll& poll, const SocketOptions& options) : poll_(poll), options_(options) {}
  ListenStart open(const Endpoint& at) override;

 private:
  SocketPoll& poll_;
  SocketOptions options_;
};

}  // namespace ss::net
