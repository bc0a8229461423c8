#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/session.hpp"
#include "ss/relay/connect.hpp"
#include "ss/relay/pump.hpp"
#include "ss/relay/reply.hpp"
#include "ss/relay/tcp_relay.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::local::test {

using namespace std::chrono_literals;
using relay::LiveSession;
using relay::test::Deed;
using relay::test::Fixture;
using relay::test::kLate;
using relay::test::Peer;

inline const Endpoint kA{IpAddress(IpAddress::V4{198, 51, 100, 1}), 80};
inline const Endpoint kB{IpAddress(IpAddress::V4{198, 51, 100, 2}), 8080};

/// One client of a listener that speaks HTTP, and targets that are moved by hand. No ss-server stands between them:
/// what goes to a target is there as it would come out of it.
class HttpServed : public Fixture {
 protected:
  void SetUp() override {
    a = listener(kA);
    b = listener(kB);
    network.names["a.test"] = {kA.address};
  }
  void TearDown() override {
    network.listeners.clear();
    client->go();
    pass(11s);
    a.reset();
    b.reset();
    pass(1s);
    Fixture::TearDown();
    expect_no_session();
    EXPECT_EQ(network.alive, 0U);
  }

  void start() {
    client = std::make_unique<Peer>(network);
    seen_.erase(client.get());  // of one that was there before
    node.spawner().spawn(run(client->take_near()));
  }
  void say(const std::string& text) {
    client->say(bytes_of(text));
    pass(20ms);
  }
  static void say(Peer& peer, const std::string& text) { peer.say(bytes_of(text)); }
  /// A target answers.
  void answer(const std::unique_ptr<Peer>& target, const std::string& text) {
    say(*target, text);
    pass(20ms);
  }
  /// What has come since the last call.
  std::string heard(Peer& peer) {
    std::size_t& seen = seen_[&peer];
    const std::string_view all = text_of(peer.hear());
    std::string fresh(all.substr(std::min(seen, all.size())));
    seen = all.size();
    return fresh;
  }
  std::string heard() { return heard(*client); }
  std::string heard(const std::unique_ptr<Peer>& peer) { return peer->connected() ? heard(*peer) : ""; }
  /// The same, and the one before stays.
  std::unique_ptr<Peer> replace(std::unique_ptr<Peer>& peer, const Endpoint& at) {
    std::unique_ptr<Peer> old = std::exchange(peer, listener(at));
    seen_.erase(peer.get());
    return old;
  }
  /// The next connection to `at` is another one.
  void renew(std::unique_ptr<Peer>& peer, const Endpoint& at) {
    seen_.erase(peer.get());
    peer = listener(at);
    seen_.erase(peer.get());
  }
  [[nodiscard]] bool served() const { return live_ > 0; }
  [[nodiscard]] std::size_t dialled() const { return dialer.begun.size(); }

  std::unique_ptr<Peer> client;
  std::unique_ptr<Peer> a, b;
  NegotiationRules rules;

 private:
  net::Task<> run(std::unique_ptr<net::Stream> stream) {
    LiveSession session(sessions);
    session.client = stream.get();
    ++live_;
    ClientRequest asked = co_await negotiate(env, session, *stream, rules, 10s);
    session.admitted();
    const auto connect = [this](LiveSession& upstream, net::Stream& from, ClientRequest request) {
      return serve_directly(upstream, from, std::move(request));
    };
    if (asked.target && asked.protocol == ClientProtocol::http_plain) {
      net::Task<> serving = serve_http(env, HttpRules{rules, 10s, connect}, session, *stream, std::move(asked));
      co_await serving;
    } else if (asked.target) {
      co_await serve_directly(session, *stream, std::move(asked));
    }
    --live_;
  }
  net::Task<> serve_directly(LiveSession& session, net::Stream& from, ClientRequest asked) {
    const net::DialResult target = co_await relay::connect(env, session, *asked.target, {}, false);
    if (!target.stream) {
      const AnswerBytes failure(asked.protocol, relay::reply_for(target.cause), Endpoint{},
                                target.cause == net::DialCause::timed_out);
      co_await refuse(env, session, from, failure.view());
      co_return;
    }
    session.upstream = target.stream.get();
    const AnswerBytes success(asked.protocol, protocol::socks5::Reply::succeeded, target.bound);
    if (!local::say(from, success.view())) co_return;
    relay::SealPump up(env, session, from, *target.stream, env.counters.bytes_up, protocol::Encoder::plain(),
                       asked.early);
    relay::OpenPump down(env, session, *target.stream, from, env.counters.bytes_down, protocol::Decoder::plain());
    co_await relay::relay_tcp(env, session, from, *target.stream, up, down);
  }

  std::map<Peer*, std::size_t> seen_;
  int live_ = 0;
};

/// A request for `path` of the target A or B, and what that is at the target.
inline std::string get(const std::string& host, const std::string& path = "/", const std::string& fields = "") {
  return "GET http://" + host + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n";
}
inline std::string got(const std::string& host, const std::string& path = "/", const std::string& fields = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n";
}
inline std::string ok(const std::string& body, const std::string& fields = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline const std::string kHostA = "198.51.100.1";
inline const std::string kHostB = "198.51.100.2:8080";

}  // namespace ss::local::test
