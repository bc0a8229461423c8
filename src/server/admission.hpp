#pragma once

#include <optional>

#include "pair_answer.hpp"
#include "ss/protocol/server_handshake.hpp"

namespace ss::server {

/// A stream that has authenticated, until it is relayed: its handshake, what it asks for, and how it is answered.
///
/// Owner: the session, on the heap, so that a relaying session does not carry it. Threads: the worker's.
struct Admission {
  Admission(const protocol::ServerCredentials& credentials, cipher::KeyCache& keys, bool marks)
      : handshake(credentials, keys, marks) {}

  /// The wire bytes behind the request, for the decoder.
  [[nodiscard]] ConstBytes rest() const { return behind.empty() ? ConstBytes(request.rest) : ConstBytes(behind); }
  /// What it keeps of the client's bytes while a peer or a target is waited for.
  [[nodiscard]] std::size_t held_bytes() const { return request.payload.size() + request.rest.size(); }

  protocol::ServerHandshake handshake;
  protocol::Request request;
  std::optional<PairAnswer> answer;  ///< where the request is marked
  ByteVector behind;                 ///< request.rest and what the client said since, or nothing
};

}  // namespace ss::server
