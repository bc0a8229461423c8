#include "dial_watch.hpp"

#include "marked.hpp"

namespace ss::server {
namespace {

/// A target that takes long: its name's first address is silent, the second is dialled after `dial.attempt_delay`.
class DialWatchOver : public Marked {
 protected:
  DialWatchOver() {
    dialer.silent = kSilent;
    network.names["slow.test"] = {kSilent.address, kTarget.address};
    dial.attempt_delay = 400ms;
  }

  inline static const Endpoint kSilent{IpAddress(IpAddress::V4{93, 184, 216, 99}), 80};
  const TargetAddress kSlow = *TargetAddress::make("slow.test", 80);
};

TEST_F(DialWatchOver, TellsOnceThatADialTakesLongAndThenTheTruth) {
  dial.attempt_delay = 3s;
  const auto target = listener(kTarget);
  Client client(*this, kSlow, counting(300));
  pass(950ms);
  EXPECT_TRUE(client.peer.hear().empty());
  pass(100ms);
  expect_frame(client, Reply::succeeded, true);
  pass(1'900ms);
  EXPECT_FALSE(next_frame(client));
  pass(500ms);
  expect_frame(client, Reply::succeeded, false, kBound);
  EXPECT_EQ(target->hear(), counting(300));
}

TEST_F(DialWatchOver, TellsTheTruthOfADialThatFailsLate) {
  Client client(*this, target_of(kSilent), counting(300));
  pass(11s);
  expect_frame(client, Reply::succeeded, true);
  expect_refused(client, Reply::host_unreachable);
}

TEST_F(DialWatchOver, TellsAnUnmarkedClientNothing) {
  dial.attempt_delay = 3s;
  const auto target = listener(kTarget);
  Peer client(network);
  serve_to(client);
  client.say(request(kSlow, counting(300)).flight);
  pass(5s);
  EXPECT_TRUE(client.hear().empty());
  EXPECT_EQ(target->hear(), counting(300));
}

TEST_F(DialWatchOver, PassesOnWhatTheClientSaysMeanwhileAndItsFin) {
  for (const bool at_once : {true, false}) {
    for (const bool with_rest : {true, false}) {
      const auto target = listener(kTarget);
      Client client(*this, kSlow, counting(300));
      protocol::Encoder encoder = client.stream.handshake.take_encoder();
      if (with_rest) client.peer.say(*protocol::testing::seal_all(encoder, counting(200, 300), 50));
      pass(150ms);
      const std::size_t from = with_rest ? 500 : 300;
      const ByteVector wire = *protocol::testing::seal_all(encoder, counting(1'000 - from, from), 60);
      const std::size_t step = at_once ? wire.size() : 7;
      for (ConstBytes left = wire; !left.empty(); left = left.subspan(std::min(step, left.size()))) {
        client.peer.say(left.first(std::min(step, left.size())));
        pass(1ms);
      }
      client.peer.finish();
      pass(1s);
      EXPECT_EQ(target->hear(), counting(1'000));
      EXPECT_TRUE(target->heard_end());
      target->finish();
      pass(1s);
      EXPECT_TRUE(client.peer.heard_end());
      EXPECT_EQ(sessions.size(), 0U);
    }
  }
}

TEST_F(DialWatchOver, TakesNoMoreThanAChunkMeanwhile) {
  const auto target = listener(kTarget);
  Client client(*this, kSlow, counting(300));
  protocol::Encoder encoder = client.stream.handshake.take_encoder();
  const ByteVector wire = *protocol::testing::seal_all(encoder, counting(60'000, 300), 1'000);
  pass(150ms);
  const std::size_t said = client.peer.offer(wire);
  pass(200ms);
  EXPECT_GT(env.held_total.read(), 16'000U);
  EXPECT_LE(env.held_total.read(), 300 + DialWatch::kMostBehind);
  pass(1s);
  client.peer.say(ConstBytes(wire).subspan(said));
  pass(1s);
  EXPECT_EQ(target->hear(), counting(60'300));
}

TEST_F(DialWatchOver, EndsTheDialWhereTheClientResets) {
  for (const bool marked : {true, false}) {
    Peer client(network);
    serve_to(client);
    client.say(request(target_of(kSilent), counting(300), 0s, marked).flight);
    pass(50ms);
    client.reset();
    pass(30ms);
    EXPECT_EQ(sessions.size(), 1U) << "not looked at yet";
    pass(50ms);
    EXPECT_EQ(sessions.size(), 0U);
  }
  EXPECT_EQ(env.counters.dial_failures.read(), 0U);
}

TEST_F(DialWatchOver, EndsTheDialWhereTheClientResetsLater) {
  Client client(*this, target_of(kSilent), counting(300));
  pass(3s);
  client.peer.reset();
  pass(50ms);
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(DialWatchOver, EndsTheDialSoonWhereAClientResetsThatSaysTooMuch) {
  for (const bool marked : {true, false}) {
    for (const Duration after : {500ms, 3'000ms}) {
      for (const bool early : {true, false}) {
        Peer client(network);
        serve_to(client);
        Stream stream = request(target_of(kSilent), counting(300), 0s, marked);
        client.say(stream.flight);
        if (!early) pass(1'500ms);
        protocol::Encoder encoder = stream.handshake.take_encoder();
        client.offer(*protocol::testing::seal_all(encoder, counting(60'000, 300), 1'000));
        pass(after);
        EXPECT_EQ(sessions.size(), 1U);
        client.reset();
        pass(1'010ms);
        EXPECT_EQ(sessions.size(), 0U) << marked << early;
      }
    }
  }
  EXPECT_EQ(env.counters.dial_failures.read(), 0U);
}

TEST_F(DialWatchOver, LetsGoWhereTheSessionIsStopped) {
  for (const Duration after : {50ms, 150ms, 1'500ms}) {
    Client client(*this, target_of(kSilent), counting(300));
    pass(after);
    EXPECT_EQ(sessions.size(), 1U);
    sessions.stop_all();
    pass(50ms);
    EXPECT_EQ(sessions.size(), 0U);
  }
}

}  // namespace
}  // namespace ss::server
