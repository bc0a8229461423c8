#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "ss/relay/pump.hpp"
#include "ss/relay/tcp_relay.hpp"
#include "unit/protocol/stream_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::relay::test {

/// One pump between two peers, from its construction until it ends or the test does.
template <class SomePump>
class PumpRun {
 public:
  template <class... Arguments>
  PumpRun(Fixture& fixture, Peer& sender, Peer& receiver, Arguments&&... arguments)
      : session(fixture.sessions),
        fixture_(fixture),
        from_(sender.take_near()),
        to_(receiver.take_near()),
        pump_(fixture.env, session, *from_, *to_, payload, std::forward<Arguments>(arguments)...) {
    session.client = from_.get();
    session.upstream = to_.get();
    session.relaying();
    fixture_.node.spawner().spawn(run());
  }
  PumpRun(const PumpRun&) = delete;
  PumpRun& operator=(const PumpRun&) = delete;
  ~PumpRun() {
    session.stop();
    fixture_.pass(1s);
  }

  LiveSession session;
  telemetry::Counter payload;
  std::optional<PumpEnd> end;

 private:
  net::Task<> run() {
    const PumpEnd ended = co_await pump_.run();
    end = ended;
  }

  Fixture& fixture_;
  std::unique_ptr<net::Stream> from_;
  std::unique_ptr<net::Stream> to_;
  SomePump pump_;
};

/// Both directions as ss-local has them: the client's payload is sealed upstream, the upstream's wire bytes are opened.
class RelayRun {
 public:
  RelayRun(Fixture& fixture, Peer& client, Peer& upstream, protocol::Encoder encoder, protocol::Decoder decoder) {
    fixture.node.spawner().spawn(
        run(fixture, client.take_near(), upstream.take_near(), std::move(encoder), std::move(decoder)));
  }

  bool over = false;
  LiveSession* session = nullptr;

 private:
  net::Task<> run(Fixture& fixture, std::unique_ptr<net::Stream> client, std::unique_ptr<net::Stream> upstream,
                  protocol::Encoder encoder, protocol::Decoder decoder) {
    LiveSession live(fixture.sessions);
    live.client = client.get();
    live.upstream = upstream.get();
    session = &live;
    SealPump up(fixture.env, live, *client, *upstream, fixture.env.counters.bytes_up, std::move(encoder));
    OpenPump down(fixture.env, live, *upstream, *client, fixture.env.counters.bytes_down, std::move(decoder));
    co_await relay_tcp(fixture.env, live, *client, *upstream, up, down);
    session = nullptr;
    over = true;
  }
};

/// A client and a server that have shaken hands, with the pumps' halves of both.
struct Shaken {
  Shaken(Fixture& fixture, const std::string& method)
      : clock(fixture.env.clock),
        pair(config_for(method)),
        request(pair.first_flight(TargetAddress(IpAddress(), 80), {})) {
    EXPECT_TRUE(pair.feed(request).ready());
  }
  static protocol::testing::PairConfig config_for(const std::string& method) {
    for (const protocol::testing::PairConfig& config : protocol::testing::pair_configs()) {
      if (config.method == method && config.users.empty()) return config;
    }
    return {};
  }
  /// The wire bytes of `payload` downstream, from the response's salt on.
  ByteVector response(ConstBytes payload, std::size_t chunk = 0x3FFF) {
    if (!encoder) encoder.emplace(pair.server.take_encoder(pair.entropy, MonoTime{}, pair.salts, false));
    ByteVector wire;
    ByteVector area(chunk + 1024);
    for (std::size_t at = 0; at < payload.size();) {
      const ConstBytes part = payload.subspan(at, std::min(chunk, payload.size() - at));
      const protocol::Encoder::Layout layout = encoder->layout(area, part.size(), chunk);
      std::copy(part.begin(), part.end(), layout.slots[0].begin());
      const Result<ConstBytes> sealed = encoder->seal(area, layout, part.size(), clock.unix_now());
      wire.insert(wire.end(), sealed->begin(), sealed->end());
      at += part.size();
    }
    return wire;
  }

  const Clock& clock;
  protocol::testing::Pair pair;
  ByteVector request;
  std::optional<protocol::Encoder> encoder;
};

}  // namespace ss::relay::test
