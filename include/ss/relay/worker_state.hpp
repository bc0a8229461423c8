#pragma once

#include "ss/base/entropy.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/net/worker.hpp"
#include "ss/relay/environment.hpp"
#include "ss/relay/held_bytes.hpp"
#include "ss/relay/scratch.hpp"
#include "ss/relay/session_list.hpp"

namespace ss::relay {

/// What one worker's sessions share beside its event loop, and the environment that names it all.
///
/// Owner: the service, one for each worker; outlives the worker's sessions. Threads: the worker's.
class WorkerState {
 public:
  WorkerState(net::Worker& worker, Entropy& entropy, const SessionList::Limits& limits, HeldTotal& held_total)
      : sessions_(worker.timers(), limits), env_{worker.timers(),
                                                 worker.spawner(),
                                                 worker.dialer(),
                                                 worker.datagrams(),
                                                 worker.acceptors(),
                                                 worker.resolver(),
                                                 worker.clock(),
                                                 entropy,
                                                 keys_,
                                                 scratch_,
                                                 datagram_scratch_,
                                                 sessions_,
                                                 worker.counters(),
                                                 held_total,
                                                 dial_log_,
                                                 policy_log_,
                                                 too_long_log_} {}

  [[nodiscard]] Environment& env() { return env_; }

 private:
  cipher::KeyCache keys_;
  Scratch scratch_;
  DatagramScratch datagram_scratch_;
  SessionList sessions_;
  telemetry::LogThrottle dial_log_{std::chrono::seconds(10)};
  telemetry::LogThrottle policy_log_{std::chrono::seconds(1)};
  telemetry::LogThrottle too_long_log_{std::chrono::seconds(60)};
  Environment env_;
};

}  // namespace ss::relay
