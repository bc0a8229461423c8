#pragma once

#include "asio.hpp"
#include "ss/net/acceptor.hpp"
#include "ss/net/socket_options.hpp"

namespace ss::net {

/// A listening TCP socket behind the Acceptor seam.
///
/// Owner: the session. Threads: the worker's.
class AsioAcceptor final : public Acceptor {
 public:
  /// @param socket  listens already, non-blocking; taken over.
  AsioAcceptor(asio::io_context& io, int socket) : io_(io), socket_(io, socket) {}
  AsioAcceptor(const AsioAcceptor&) = delete;
  AsioAcceptor& operator=(const AsioAcceptor&) = delete;
  ~AsioAcceptor() override;

  std::unique_ptr<Stream> try_accept() override;
  void wait(Waiter& waiter) override;
  void cancel() override;
  [[nodiscard]] Endpoint local_endpoint() const override;

 private:
  asio::io_context& io_;
  IoDescriptor socket_;
  Waiter* waiter_ = nullptr;
};

/// Listening sockets on a worker's own loop.
class AsioAcceptorOpener final : public AcceptorOpener {
 public:
  AsioAcceptorOpener(asio::io_context& io, const SocketOptions& options) : io_(io), options_(options) {}
  ListenStart open(const Endpoint& at) override;

 private:
  asio::io_context& io_;
  SocketOptions options_;
};

}  // namespace ss::net
