#pragma once

#include "local_session.hpp"
#include "ss/net/sleep.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"
#include "ss/relay/environment.hpp"
#include "udp/client_port.hpp"

namespace ss::local {

/// Carries an association's datagrams through a TCP connection to ss-server (UDP over TCP, version 2, isConnect 0).
///
/// The connection is made when the client has sent something, which rides in the first flight; where it ends, the next
/// datagram makes another, after a pause that grows to 60 s where the server has not answered at all.
///
/// Owner: the association. Threads: the worker's.
class UotCarrier {
 public:
  UotCarrier(relay::Environment& env, const SessionRules& rules, ClientPort& client)
      : env_(env), rules_(rules), client_(client) {}
  UotCarrier(const UotCarrier&) = delete;
  UotCarrier& operator=(const UotCarrier&) = delete;

  /// Carries until `stop`. Nothing else reads the client's socket meanwhile.
  net::Task<> run();
  /// Ends the run, soon.
  void stop();

 private:
  net::Task<> carry(net::Stream& datagrams, ByteVector first);

  relay::Environment& env_;
  const SessionRules& rules_;
  ClientPort& client_;
  net::Stream* datagrams_ = nullptr;       // of the connection that is under way
  relay::LiveSession* session_ = nullptr;  // likewise
  net::Sleep* pause_ = nullptr;            // where there is none, after one that failed
  bool stopping_ = false;
};

}  // namespace ss::local
