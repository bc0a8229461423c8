#pragma once

#include "ss/base/clock.hpp"
#include "ss/base/entropy.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/net/acceptor.hpp"
#include "ss/net/datagram.hpp"
#include "ss/net/dialer.hpp"
#include "ss/net/resolver.hpp"
#include "ss/net/spawner.hpp"
#include "ss/net/timers.hpp"
#include "ss/relay/datagram_scratch.hpp"
#include "ss/relay/held_bytes.hpp"
#include "ss/relay/log_throttles.hpp"
#include "ss/relay/scratch.hpp"
#include "ss/relay/session_list.hpp"
#include "ss/telemetry/counters.hpp"

namespace ss::relay {

/// What the sessions of one worker work with. Everything is borrowed and outlives every session.
/// Owner: the service, one for each worker. Threads: the worker's, but for `held_total` and the throttles, which all
/// workers share.
struct Environment {
  net::Timers& timers;
  net::Spawner& spawner;
  net::Dialer& dialer;
  net::DatagramOpener& datagrams;
  net::AcceptorOpener& acceptors;
  net::Resolver& resolver;
  const Clock& clock;
  Entropy& entropy;
  cipher::KeyCache& keys;
  Scratch& scratch;
  DatagramScratch& datagram_scratch;
  SessionList& sessions;
  telemetry::Counters& counters;
  HeldTotal& held_total;
  LogThrottles& throttles;
};

}  // namespace ss::relay
