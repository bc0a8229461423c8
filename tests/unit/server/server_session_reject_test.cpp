#include <functional>
#include <map>
#include <utility>

#include "served.hpp"

namespace ss::server {
namespace {

/// What a prober can do once it has sent its bytes.
enum class Action { idle, finishes, keeps_sending, floods };

/// What it can see: how the connection ends, and when, to a tenth of a second.
struct Seen {
  std::string end;
  std::int64_t tenths = 0;
  friend bool operator==(const Seen&, const Seen&) = default;
};
std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << seen.end << " after " << seen.tenths << "/10 s";
}

class ServerReject : public Served {
 protected:
  using Served::Served;

  /// Every way not to authenticate, and what makes the bytes that show it.
  std::map<std::string, std::function<ByteVector()>> causes() {
    std::map<std::string, std::function<ByteVector()>> all;
    for (const std::size_t length :
         {1U, 15U, 16U, 17U, 31U, 32U, 33U, 34U, 49U, 50U, 51U, 58U, 59U, 60U, 221U, 1'448U, 60'000U}) {
      all["noise of " + std::to_string(length)] = [this, length] {
        ByteVector noise(length);
        entropy.fill(noise);
        return noise;
      };
    }
    for (const std::size_t flipped : {0U, 16U, 33U, 62U}) {
      all["flipped at " + std::to_string(flipped)] = [this, flipped] {
        ByteVector flight = request(counting(300)).flight;
        flight[flipped] ^= 0x80;
        return flight;
      };
    }
    all["replay"] = [this] { return served_before(); };
    if (!server_credentials.method().is_2022()) return all;
    const TargetAddress target(kTarget.address, kTarget.port);
    all["31 s old"] = [this, target] { return request(target, counting(300), 31s).flight; };
    all["31 s ahead"] = [this, target] { return request(target, counting(300), -31s).flight; };
    return all;
  }
  /// The flight of a stream that was served.
  ByteVector served_before() {
    const auto target = listener(kTarget);
    Peer client(network);
    serve_to(client);
    const Stream stream = request(counting(300));
    client.say(stream.flight);
    pass(1s);
    EXPECT_EQ(target->hear(), counting(300));
    client.reset();
    pass(1s);
    return stream.flight;
  }
  Seen probe(ConstBytes bytes, Action action) {
    Peer client(network);
    serve_to(client);
    const Duration began = now();
    client.say(bytes);
    pass(100ms);
    if (action == Action::finishes) {
      pass(10s);
      client.finish();
    }
    if (action == Action::keeps_sending) {
      for (int i = 0; i < 58; ++i, pass(1s)) client.offer(counting(100));
    }
    if (action == Action::floods) {
      pass(59s);
      for (int i = 0; i < 200; ++i, pass(10ms)) client.offer(counting(1'000));
    }
    pass(80s);
    EXPECT_EQ(client.near().count(Deed::Kind::write), 0U) << "never a byte";
    const auto reset = client.near().first(Deed::Kind::reset);
    const auto fin = client.near().first(Deed::Kind::fin);
    const auto closed = client.near().first(Deed::Kind::closed);
    const auto seen = reset ? reset : fin ? fin : closed;
    if (!seen) return {"nothing", 0};
    const std::int64_t tenths = std::chrono::duration_cast<std::chrono::milliseconds>(*seen - began).count() / 100;
    return {reset ? "reset" : "fin", tenths};
  }
  /// Every cause is answered as `wanted`, for each thing that a prober does.
  void expect_the_same(const std::map<Action, Seen>& wanted) {
    for (const auto& [cause, make] : causes()) {
      for (const auto& [action, seen] : wanted) {
        EXPECT_EQ(probe(make(), action), seen) << cause << ", action " << static_cast<int>(action);
      }
    }
    EXPECT_EQ(dialer.begun.size(), wanted.size()) << "those that were served, to be replayed";
    EXPECT_EQ(env.counters.replays.read(), wanted.size());
  }
};

const std::map<Action, Seen> kSilence{{Action::idle, {"fin", 600}},
                                      {Action::finishes, {"fin", 101}},
                                      {Action::keeps_sending, {"fin", 600}},
                                      {Action::floods, {"fin", 600}}};
const std::map<Action, Seen> kResetAtDeadline{{Action::idle, {"reset", 600}},
                                              {Action::finishes, {"fin", 101}},
                                              {Action::keeps_sending, {"reset", 600}},
                                              {Action::floods, {"reset", 600}}};
std::map<Action, Seen> at_once(const std::string& end) {
  return {{Action::idle, {end, 0}},
          {Action::finishes, {end, 0}},
          {Action::keeps_sending, {end, 0}},
          {Action::floods, {end, 0}}};
}

TEST_F(ServerReject, IsSilentForEveryCauseAlike) {
  expect_the_same(kSilence);
}

TEST_F(ServerReject, ResetsForEveryCauseAtOnce) {
  reject = relay::RejectPolicy::reset;
  expect_the_same(at_once("reset"));
}

TEST_F(ServerReject, FinishesForEveryCauseAtOnce) {
  reject = relay::RejectPolicy::fin;
  expect_the_same(at_once("fin"));
}

class ServerRejectOver2017 : public ServerReject {
 protected:
  ServerRejectOver2017() : ServerReject("aes-256-gcm") {}
};

TEST_F(ServerRejectOver2017, IsSilentForEveryCauseAlike) {
  expect_the_same(kSilence);
}

TEST_F(ServerRejectOver2017, ResetsForEveryCauseAtTheDeadline) {
  reject = relay::RejectPolicy::reset;
  expect_the_same(kResetAtDeadline);
}

TEST_F(ServerRejectOver2017, FinishesForEveryCauseAtTheDeadline) {
  reject = relay::RejectPolicy::fin;
  expect_the_same(kSilence);
}

// Nothing was sent, so nothing can be wrong yet: it waits for the deadline and leaves by the same exit.
TEST_F(ServerReject, EndsAProbeOfNothingAtTheDeadline) {
  EXPECT_EQ(probe({}, Action::idle), (Seen{"fin", 600}));
  EXPECT_EQ(env.counters.rejected.read(), 1U);
}

class ServerRejectByReset : public ServerReject {
 protected:
  ServerRejectByReset() { reject = relay::RejectPolicy::reset; }
};

TEST_F(ServerRejectByReset, ResetsAProbeOfNothingAtTheDeadline) {
  EXPECT_EQ(probe({}, Action::idle), (Seen{"reset", 600}));
}

// The deadline counts from accept: a request that trickles in has no more time than one that does not.
TEST_F(ServerRejectOver2017, GivesATricklingRequestNoMoreTime) {
  Peer client(network);
  serve_to(client);
  const ByteVector flight = request(counting(300)).flight;
  for (std::size_t i = 0; i < 65; ++i, pass(1s)) client.offer(ConstBytes(flight).subspan(i, 1));
  expect_at(client.near().first(Deed::Kind::fin), 60s);
}

TEST_F(ServerReject, GivesARequestWhoseSecondPartIsMissingNoMoreTime) {
  Peer client(network);
  serve_to(client);
  const ByteVector flight = request(counting(300)).flight;
  client.say(ConstBytes(flight).first(100));
  pass(50s);
  client.say(ConstBytes(flight).subspan(100, 10));
  pass(15s);
  expect_at(client.near().first(Deed::Kind::fin), 60s);
}

/// Room for one connection that has not authenticated.
class ServerRejectOfACrowd : public ServerReject {
 protected:
  ServerRejectOfACrowd() { gate = &one_place; }

  Seen seen(const Peer& client) {
    for (const auto& [kind, name] : {std::pair(Deed::Kind::reset, "reset"), {Deed::Kind::fin, "fin"}}) {
      const std::optional<Duration> when = client.near().first(kind);
      if (when) return {name, std::chrono::duration_cast<std::chrono::milliseconds>(*when).count() / 100};
    }
    return {"nothing", 0};
  }

  ConnectionCounts counts{{10, 1, 10}, {}};
  ConnectionGate one_place{counts, env};
};

TEST_F(ServerRejectOfACrowd, LeavesByTheSameDoorWithoutTheWait) {
  for (const auto& [ending, end] : {std::pair(relay::RejectPolicy::silent, "fin"),
                                    {relay::RejectPolicy::fin, "fin"},
                                    {relay::RejectPolicy::reset, "reset"}}) {
    forget_rules();
    reject = ending;
    Peer first(network);
    serve_to(first);
    pass(100ms);
    const std::int64_t came = now() / 100ms;
    Peer second(network);
    serve_to(second);
    pass(100ms);
    EXPECT_EQ(seen(first), (Seen{end, came})) << "pushed out";
    EXPECT_EQ(seen(second), (Seen{"nothing", 0})) << "in its place";
    second.go();
    pass(1s);
    EXPECT_EQ(counts.unauthenticated(), 0U);
  }
  EXPECT_EQ(env.counters.turned_away.read(), 3U);
}

TEST_F(ServerRejectOfACrowd, ServesWhoAuthenticatesAndNeverPushesItOut) {
  const auto target = listener(kTarget);
  Peer client(network);
  serve_to(client);
  client.say(request(counting(300)).flight);
  pass(1s);
  EXPECT_EQ(counts.unauthenticated(), 0U);
  Peer probe(network);
  serve_to(probe);
  Peer another(network);
  serve_to(another);
  pass(1s);
  EXPECT_EQ(target->hear(), counting(300));
  EXPECT_EQ(seen(client), (Seen{"nothing", 0}));
  EXPECT_EQ(env.counters.turned_away.read(), 1U);
  for (Peer* const peer : {&client, &probe, &another}) peer->go();
}

}  // namespace
}  // namespace ss::server
