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
  /// @param held_total, throttles  the process's; they outlive this.
  WorkerState(net::Worker& worker, Entropy& entropy, const SessionList::Limits& limits, HeldTotal& held_total,
              LogThrottles& throttles)
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
                                                 throttles} {}

  [[nodiscard]] Environment& env() { return env_; }

 private:
  cipher::KeyCache keys_;
  Scratch scratch_;
  DatagramScratch datagram_scratch_;
  SessionList sessions_;
  Environment env_;
};

}  // namespace ss::relay
