#pragma once

#include "asio.hpp"
#include "ss/net/dialer.hpp"
#include "ss/net/socket_options.hpp"

namespace ss::net {

/// Non-blocking connects on a worker's own loop.
class AsioDialer final : public Dialer {
 public:
  AsioDialer(asio::io_context& io, const SocketOptions& options) : io_(io), options_(options) {}
  DialStart begin(const Endpoint& to, const DialWishes& wishes) override;

 private:
  asio::io_context& io_;
  SocketOptions options_;
};

}  // namespace ss::net
