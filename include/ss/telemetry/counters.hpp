#pragma once

#include <atomic>
#include <cstdint>

namespace ss::telemetry {

/// A figure that one worker writes and anybody reads: no lock, no shared cache line between workers.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void sub(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What one worker counts. Owner: the worker. Threads: written by its own, read by any.
struct alignas(64) Counters {
  Counter accepted;          ///< connections taken in
  Counter connections;       ///< of ss-server, there now
  Counter unauthenticated;   ///< of those, such as have not shown that they know a key
  Counter turned_away;       ///< connections that had to go for want of room: the limits of ss-server
  Counter established;       ///< sessions that came to relaying
  Counter rejected;          ///< streams that did not authenticate
  Counter short_first_read;  ///< of those, refused by the one-read rule of SIP022 (a real client behind a splitting
                             ///< path shows here)
  Counter replays;           ///< of those, a salt seen before
  Counter forgotten_stamps;  ///< of those, from before what is remembered of salts
  Counter denied;            ///< targets refused by policy
  Counter dial_failures;     ///< targets or servers that could not be reached
  Counter names_refused;     ///< questions to name servers above their limit
  Counter bytes_up;          ///< payload towards targets
  Counter bytes_down;        ///< payload towards clients
  Counter accept_errors;     ///< accepts that failed for want of descriptors or memory
  Counter packets_refused;   ///< datagrams that did not authenticate or were not timely
  Counter packets_replayed;  ///< of those, seen before
  Counter packets_up;        ///< datagrams passed on towards targets
  Counter packets_down;      ///< datagrams passed on towards clients
  Counter packets_dropped;   ///< datagrams given up: a full socket, an error of the path, a limit
  Counter packets_too_long;  ///< of those, longer than a datagram can be, or than the path takes
  Counter associations;      ///< UDP associations that hold a socket now
};

}  // namespace ss::telemetry
