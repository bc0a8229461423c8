#pragma once

#include "socket_poll.hpp"
#include "ss/net/dialer.hpp"
#include "ss/net/socket_options.hpp"

namespace ss::net {

/// Non-blocking connects on a worker's own loop.
class SocketDialer final : public Dialer {
 public:
  SocketDialer(SocketPoll& poll, const SocketOptions& options) : poll_(poll), options_(options) {}
  DialStart begin(const Endpoint& to, const DialWishes& wishes) override;

 private:
  SocketPoll& poll_;
  SocketOptions options_;
};

}  // namespace ss::net
