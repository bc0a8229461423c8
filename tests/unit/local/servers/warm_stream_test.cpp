#include "servers/warm_stream.hpp"

#include <array>
#include <cerrno>

#include "servers/balancer.hpp"
#include "unit/protocol/stream_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::local {
namespace {

using namespace std::chrono_literals;
using net::IoResult;
using net::IoStatus;
using net::Side;
using net::WaitOutcome;
using relay::test::counting;
using relay::test::Fixture;
using relay::test::Peer;

const Endpoint kServer{IpAddress(IpAddress::V4{198, 51, 100, 1}), 8388};

/// A session's connection, which was warm, and the server behind it. A reader takes what comes.
class WarmStreamRun : public Fixture {
 protected:
  void SetUp() override {
    session.admitted();
    session.upstream = &stream;
    first.near().unacknowledged = flight.size();
  }
  void TearDown() override {
    session.stop();
    pass(100ms);
    second.reset();
    first.go();
    EXPECT_TRUE(read_over) << "a wait did not end";
    EXPECT_EQ(env.held_total.read(), 0U);
  }

  net::Task<> read() {
    read_over = false;
    do {
      outcome = co_await net::ready(stream, Side::read);
      std::array<std::uint8_t, 256> room;
      result = stream.try_read(Bytes(room));
      heard.insert(heard.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(result.bytes));
    } while (result.status == IoStatus::blocked && outcome == WaitOutcome::ready);
    read_over = true;
  }
  net::Task<> write(ConstBytes bytes) {
    while (stream.try_write(bytes).bytes == 0 && !session.stopping()) co_await net::ready(stream, Side::write);
  }
  /// Sends the flight, and reads.
  void begin(bool repeatable = true) {
    EXPECT_EQ(stream.send_first(flight, repeatable).bytes, flight.size());
    node.spawner().spawn(read());
  }

  const ByteVector flight = counting(100);
  protocol::testing::PairConfig config = protocol::testing::pair_configs().front();
  Server server{"server", {kServer.address, kServer.port}, protocol::testing::client_credentials(config)};
  SessionRules rules{server, {}, false, 10s, {}, {}};
  relay::LiveSession session{sessions};
  Peer first{network};
  std::unique_ptr<Peer> second = listener(kServer);
  cipher::KeyCache keys{8};
  protocol::testing::SaltsSeen packet_salts;
  protocol::ClientPacketKeys packet_keys{server.credentials(), keys, env.entropy, packet_salts};
  NegotiationRules negotiation;
  Balancer balancer{config::Policy::failover,
                    {Balancer::Candidate{"server"}, Balancer::Candidate{"other"}},
                    "connections",
                    Balancer::Trials::by_probe};
  LocalWorker worker{negotiation, {{rules, packet_keys}}, &balancer};
  WarmStream stream{env, session, worker, worker.lanes.front(), first.take_near()};
  WaitOutcome outcome{};
  IoResult result;
  ByteVector heard;
  bool read_over = true;
};

TEST_F(WarmStreamRun, IsTheConnectionWhereThatLives) {
  begin();
  EXPECT_EQ(env.held_total.read(), flight.size());
  pass(10ms);
  EXPECT_EQ(first.hear(), flight);
  first.say(counting(5));
  pass(10ms);
  EXPECT_EQ(heard, counting(5));
  EXPECT_EQ(env.held_total.read(), 0U) << "the server has seen it";
  EXPECT_TRUE(dialer.begun.empty());
}

TEST_F(WarmStreamRun, SendsTheSameBytesOnceMoreAfterAReset) {
  begin();
  first.reset();
  pass(100ms);
  EXPECT_EQ(second->hear(), flight);
  EXPECT_EQ(env.held_total.read(), 0U);
  second->say(counting(5));
  pass(10ms);
  EXPECT_EQ(heard, counting(5));
  EXPECT_EQ(dialer.begun.size(), 1U);
}

TEST_F(WarmStreamRun, SendsTheSameBytesOnceMoreAfterAnEndThatCrossedThem) {
  begin();
  first.finish();
  pass(100ms);
  EXPECT_EQ(second->hear(), flight);
  EXPECT_FALSE(read_over);
}

TEST_F(WarmStreamRun, SendsThemNoThirdTime) {
  begin();
  first.reset();
  pass(100ms);
  dialer.watch(kServer)->unacknowledged = flight.size();
  second->reset();
  pass(100ms);
  EXPECT_TRUE(read_over);
  EXPECT_EQ(result.status, IoStatus::failed);
  EXPECT_EQ(dialer.begun.size(), 1U);
}

TEST_F(WarmStreamRun, SendsNothingAgainThatWasAcknowledged) {
  first.near().unacknowledged = flight.size() - 1;
  begin();
  first.finish();
  pass(100ms);
  EXPECT_EQ(result.status, IoStatus::ended);
  EXPECT_TRUE(dialer.begun.empty());
}

TEST_F(WarmStreamRun, SendsNothingAgainThatMightBeTakenTwice) {
  begin(false);
  EXPECT_EQ(env.held_total.read(), 0U);
  first.reset();
  pass(100ms);
  EXPECT_EQ(result.status, IoStatus::failed);
  EXPECT_EQ(result.error, ECONNRESET);
  EXPECT_TRUE(dialer.begun.empty());
}

TEST_F(WarmStreamRun, SendsNothingAgainOnceMoreWasWritten) {
  begin();
  EXPECT_EQ(stream.try_write(counting(1)).bytes, 1U);
  EXPECT_EQ(env.held_total.read(), 0U);
  first.reset();
  pass(100ms);
  EXPECT_EQ(result.status, IoStatus::failed);
  EXPECT_TRUE(dialer.begun.empty());
}

TEST_F(WarmStreamRun, SendsNothingAgainOnceAnythingCame) {
  begin();
  first.say(counting(1));
  pass(10ms);
  node.spawner().spawn(read());
  first.reset();
  pass(100ms);
  EXPECT_EQ(result.status, IoStatus::failed);
  EXPECT_TRUE(dialer.begun.empty());
}

TEST_F(WarmStreamRun, SendsNothingAgainThatIsTooOldOrTooLong) {
  begin();
  pass(WarmStream::kAgainWithin);
  first.reset();
  pass(100ms);
  EXPECT_EQ(result.status, IoStatus::failed);
  Peer other(network);
  WarmStream longer(env, session, worker, worker.lanes.front(), other.take_near());
  EXPECT_EQ(longer.send_first(counting(WarmStream::kMostKept + 1), true).bytes, WarmStream::kMostKept + 1);
  EXPECT_EQ(env.held_total.read(), 0U);
  EXPECT_TRUE(dialer.begun.empty());
}

TEST_F(WarmStreamRun, SendsNothingAgainThatGrewTooOldDuringTheDial) {
  network.connect_takes[kServer] = 2s;
  begin();
  pass(WarmStream::kAgainWithin - 1s);
  first.reset();
  pass(3s);
  EXPECT_EQ(result.status, IoStatus::failed);
  EXPECT_EQ(dialer.begun.size(), 1U);
  EXPECT_TRUE(second->hear().empty());
}

TEST_F(WarmStreamRun, EndsAsTheFirstConnectionDidWhereTheOtherTakesNotAllOfIt) {
  second->near().next_write_takes = flight.size() - 1;
  begin();
  first.finish();
  pass(100ms);
  EXPECT_EQ(result.status, IoStatus::ended);
  EXPECT_EQ(stream.try_write(counting(1)).status, IoStatus::failed);
}

TEST_F(WarmStreamRun, SendsElsewhereWhatTheConnectionDoesNotTake) {
  first.near().write_error = EPIPE;
  begin(false);
  pass(100ms);
  EXPECT_EQ(second->hear(), flight) << "nothing of it was sent before, so any flight may be";
  EXPECT_EQ(first.hear().size(), 0U);
}

TEST_F(WarmStreamRun, KeepsWhatFollowsUntilTheFlightHasLeft) {
  begin();
  first.reset();
  pass(1ms);
  const ByteVector more = counting(7, 100);
  while (dialer.begun.empty()) pass(1ms);
  node.spawner().spawn(write(more));
  pass(100ms);
  EXPECT_EQ(second->hear(), counting(107));
}

TEST_F(WarmStreamRun, PassesTheClientsEndOn) {
  begin();
  stream.shut_write();
  first.reset();
  pass(100ms);
  EXPECT_TRUE(second->heard_end());
  EXPECT_EQ(second->hear(), flight);
}

TEST_F(WarmStreamRun, EndsAsTheFirstConnectionDidWhereThereIsNoOther) {
  network.listeners.clear();
  begin();
  first.finish();
  pass(100ms);
  EXPECT_TRUE(read_over);
  EXPECT_EQ(result.status, IoStatus::ended);
  EXPECT_EQ(stream.try_write(counting(1)).status, IoStatus::failed);
}

TEST_F(WarmStreamRun, TellsTheBalancerThatTheServerIsNotThereAnyMore) {
  network.listeners.erase(kServer);
  balancer.failed(0, net::DialCause::refused, world.now());
  EXPECT_EQ(balancer.order({kServer.address, 1}, world.now()).tries[0].server, 0) << "once is no reason yet";
  begin();
  first.reset();
  pass(100ms);
  EXPECT_EQ(balancer.order({kServer.address, 1}, world.now()).tries[0].server, 1);
  EXPECT_EQ(env.counters.dial_failures.read(), 1U);
}

TEST_F(WarmStreamRun, EndsItsWaitsWithTheSession) {
  dialer.silent = kServer;
  begin();
  first.reset();
  while (dialer.begun.empty()) pass(1ms);
  node.spawner().spawn(write(counting(1)));
  pass(100ms);
  EXPECT_FALSE(read_over);
  session.stop();
  pass(100ms);
  EXPECT_TRUE(read_over);
  EXPECT_EQ(outcome, WaitOutcome::cancelled);
  EXPECT_EQ(node.spawner().live(), 0U);
}

}  // namespace
}  // namespace ss::local
