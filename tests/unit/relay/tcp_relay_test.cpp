#include "ss/relay/tcp_relay.hpp"

#include <cerrno>

#include "unit/relay/relay_run.hpp"

namespace ss::relay::test {
namespace {

using protocol::Decoder;
using protocol::Encoder;

class RelayTcp : public Fixture {
 protected:
  void start() { start(Encoder::plain(), Decoder::plain()); }
  void start(Encoder encoder, Decoder decoder) {
    run.emplace(*this, client, upstream, std::move(encoder), std::move(decoder));
  }
  void TearDown() override {
    Fixture::TearDown();
    expect_no_session();
  }
  static void expect_reset(Peer& peer, Duration at) {
    expect_at(peer.near().first(Deed::Kind::reset), at);
    EXPECT_TRUE(peer.heard_reset());
  }
  static void expect_no_reset(Peer& peer) {
    EXPECT_EQ(peer.near().count(Deed::Kind::reset), 0U);
    EXPECT_TRUE(peer.heard_end());
  }

  Peer client{network};
  Peer upstream{network};
  std::optional<RelayRun> run;
};

TEST_F(RelayTcp, DeliversTheAnswerAfterTheClientsFin) {
  start();
  client.say(counting(1'000));
  client.finish();
  pass(1s);
  EXPECT_TRUE(upstream.heard_end());
  EXPECT_EQ(upstream.hear(), counting(1'000));
  EXPECT_FALSE(client.heard_end());
  pass(50s);
  std::size_t said = 0;
  while (said < 200'000) {
    said += upstream.offer(counting(20'000, said));
    pass(100ms);
    client.hear();
  }
  upstream.finish();
  pass(1s);
  EXPECT_EQ(client.hear(), counting(said));
  expect_no_reset(client);
  expect_no_reset(upstream);
  EXPECT_TRUE(run->over);
  EXPECT_EQ(env.counters.established.read(), 1U);
  EXPECT_EQ(env.counters.bytes_up.read(), 1'000U);
  EXPECT_EQ(env.counters.bytes_down.read(), said);
}

TEST_F(RelayTcp, DeliversTheRequestAfterTheTargetsFin) {
  start();
  upstream.say(counting(1'000));
  upstream.finish();
  pass(1s);
  EXPECT_TRUE(client.heard_end());
  EXPECT_EQ(client.hear(), counting(1'000));
  EXPECT_FALSE(run->over);
  client.say(counting(50'000));
  client.finish();
  pass(1s);
  EXPECT_EQ(upstream.hear(), counting(50'000));
  expect_no_reset(client);
  expect_no_reset(upstream);
  EXPECT_TRUE(run->over);
}

// An answer that the client takes slowly is not cut short by the target's FIN.
TEST_F(RelayTcp, SendsTheFinOnlyAfterTheLastByte) {
  start();
  std::size_t said = 0;
  for (int i = 0; i < 20; ++i, pass(10ms)) said += upstream.offer(counting(std::size_t{64} * 1024, said));
  upstream.finish();
  client.finish();
  pass(20s);
  EXPECT_EQ(client.near().count(Deed::Kind::fin), 0U);
  for (int i = 0; i < 50; ++i, pass(10ms)) client.hear();
  EXPECT_EQ(client.hear().size(), said);
  EXPECT_TRUE(client.hear() == counting(said));
  expect_no_reset(client);
}

TEST_F(RelayTcp, CarriesAResetOnceWhatWasPassedOnIsAcknowledged) {
  start();
  client.say(counting(1'000));
  pass(1s);
  upstream.near().unacknowledged = 100;
  client.reset();
  pass(3s);
  EXPECT_EQ(upstream.near().count(Deed::Kind::reset), 0U);
  upstream.near().unacknowledged = 0;
  pass(1s);
  expect_reset(upstream, 4s);
  EXPECT_EQ(upstream.hear(), counting(1'000));
  EXPECT_EQ(upstream.near().count(Deed::Kind::fin), 0U);
  EXPECT_TRUE(run->over);
}

TEST_F(RelayTcp, CarriesAResetAfterFiveSecondsAtTheLatest) {
  start();
  upstream.near().unacknowledged = 100;
  pass(1s);
  client.reset();
  pass(10s);
  expect_reset(upstream, 6s);
}

TEST_F(RelayTcp, CarriesAResetAtOnceWhereNothingIsQueued) {
  start();
  pass(1s);
  client.reset();
  pass(5s);
  expect_reset(upstream, 1s);
  expect_at(client.near().first(Deed::Kind::reset), 1s);
}

TEST_F(RelayTcp, CarriesTheTargetsResetToTheClientAndLetsTheLostSideGoAtOnce) {
  start();
  client.near().unacknowledged = 100;
  upstream.say(counting(5'000));
  pass(1s);
  upstream.reset();
  pass(10s);
  expect_at(upstream.near().first(Deed::Kind::reset), 1s);
  EXPECT_EQ(client.hear(), counting(5'000));
  expect_reset(client, 6s);
}

TEST_F(RelayTcp, PassesOnWhatALostReceiverHadSentBefore) {
  start();
  upstream.near().write_error = EPIPE;
  client.say(counting(10));
  pass(1s);
  EXPECT_FALSE(run->over);
  upstream.say(counting(5'000));
  pass(1s);
  EXPECT_EQ(client.hear(), counting(5'000));
  EXPECT_EQ(client.near().count(Deed::Kind::reset), 0U);
  upstream.say(counting(5'000, 5'000));
  upstream.finish();
  pass(1s);
  EXPECT_EQ(client.hear(), counting(10'000));
  expect_reset(client, 2s);
  EXPECT_TRUE(run->over);
}

TEST_F(RelayTcp, ResetsBothSidesOverACorruptStream) {
  Shaken shaken(*this, "2022-blake3-aes-256-gcm");
  start(shaken.pair.client.take_encoder(), shaken.pair.client.take_decoder());
  ByteVector wire = shaken.response(counting(300), 100);
  wire[wire.size() - 20] ^= 1;
  upstream.say(ConstBytes(wire).first(wire.size() - 40));
  pass(1s);
  upstream.say(ConstBytes(wire).last(40));
  pass(1s);
  EXPECT_EQ(client.hear(), counting(200));
  expect_reset(client, 1s);
  expect_reset(upstream, 1s);
}

TEST_F(RelayTcp, ResetsBothSidesOverAStreamThatIsCutShort) {
  Shaken shaken(*this, "2022-blake3-aes-256-gcm");
  start(shaken.pair.client.take_encoder(), shaken.pair.client.take_decoder());
  const ByteVector wire = shaken.response(counting(300), 100);
  upstream.say(ConstBytes(wire).first(wire.size() - 1));
  upstream.finish();
  pass(1s);
  EXPECT_EQ(client.hear(), counting(200));
  expect_reset(client, 0s);
  expect_reset(upstream, 0s);
  EXPECT_EQ(client.near().count(Deed::Kind::fin), 0U);
}

// What the session was told to leave unfinished must not look finished to either side.
TEST_F(RelayTcp, ResetsBothSidesWhenItIsStopped) {
  start();
  client.say(counting(10));
  upstream.say(counting(20));
  pass(1s);
  run->session->stop();
  pass(1s);
  EXPECT_TRUE(run->over);
  EXPECT_EQ(upstream.hear(), counting(10));
  EXPECT_EQ(client.hear(), counting(20));
  expect_reset(client, 1s);
  expect_reset(upstream, 1s);
}

TEST_F(RelayTcp, EndsAtTheIdleTimeAndNotBefore) {
  start();
  pass(100s);
  client.say(counting(1));
  pass(119s);
  EXPECT_FALSE(run->over);
  pass(1s + 2 * 15s);
  EXPECT_TRUE(run->over);
  EXPECT_TRUE(client.heard_reset());
  EXPECT_TRUE(upstream.heard_reset());
}

TEST_F(RelayTcp, GivesAHalfClosedSessionItsOwnTimeFromTheHalfClose) {
  start();
  pass(100s);
  client.finish();
  pass(59s);
  EXPECT_FALSE(run->over);
  upstream.say(counting(10));
  pass(59s);
  EXPECT_FALSE(run->over);
  pass(1s + 2 * 15s);
  EXPECT_TRUE(run->over);
  EXPECT_EQ(client.hear(), counting(10));
  EXPECT_TRUE(client.heard_reset()) << "an answer that never ended is not an end";
}

// Everything has been read and is held: all that still moves is what the receiver takes of it.
TEST_F(RelayTcp, CountsWhatASlowReceiverTakesAsMovement) {
  start();
  constexpr std::size_t kSize = sim::Link::kCapacity + 20'000;
  std::size_t said = 0;
  for (; said < kSize; pass(10ms)) said += upstream.offer(counting(std::min<std::size_t>(kSize - said, 30'000), said));
  upstream.finish();
  client.finish();
  for (int i = 0; i < 5; ++i) {
    pass(55s);
    EXPECT_FALSE(run->over) << i;
    client.hear_only(1'000);
  }
  for (int i = 0; i < 50; ++i, pass(10ms)) client.hear();
  EXPECT_TRUE(client.hear() == counting(said));
  expect_no_reset(client);
}

}  // namespace
}  // namespace ss::relay::test
