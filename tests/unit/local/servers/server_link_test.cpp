#include "servers/server_link.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cerrno>

#include "servers/balancer.hpp"
#include "servers/warm_pool.hpp"
#include "unit/protocol/stream_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::local {
namespace {

using namespace std::chrono_literals;
using net::DialCause;
using relay::test::Fixture;
using testing::ElementsAre;

const TargetAddress kTarget = *TargetAddress::make("example.com", 443);

Endpoint at(std::uint8_t number) {
  return {IpAddress(IpAddress::V4{198, 51, 100, number}), 8388};
}

/// Three servers, called 0, 1 and 2, of which all listen.
class ServerLinkRun : public Fixture {
 protected:
  explicit ServerLinkRun(config::Policy policy = config::Policy::failover)
      : balancer(policy, {{"zero"}, {"one"}, {"two"}}, "connections", Balancer::Trials::by_probe) {
    for (std::uint8_t i = 0; i < 3; ++i) {
      listen(i);
      warm[i].name = servers[i].name();
      warm[i].server = servers[i].address();
      warm[i].worth_it = 1us;
      pools[i] = std::make_unique<WarmPool>(env, warm[i], nullptr);
      worker.lanes.push_back({rules[i], packet_keys, nullptr, nullptr});
    }
    worker.tcp = &balancer;
  }
  void TearDown() override {
    links.clear();
    accepted.clear();
    Fixture::TearDown();
    expect_no_session();
    EXPECT_EQ(network.alive, 0U);
  }

  void listen(std::uint8_t number) {
    network.listeners[at(number)] = [this](std::unique_ptr<net::Stream> stream) {
      accepted.push_back(std::move(stream));
    };
  }
  void refuse(std::uint8_t number) { network.listeners.erase(at(number)); }
  void use_pools() {
    for (std::size_t i = 0; i < 3; ++i) worker.lanes[i].pool = pools[i].get();
  }

  net::Task<> run_link() {
    relay::LiveSession session(env.sessions);
    session.admitted();
    live = &session;
    ServerLink link = co_await link_to_server(env, session, worker, kTarget, fits);
    live = nullptr;
    took = now() - begun;
    links.push_back(std::move(link));
  }
  /// One more client. @return  the server that it got, or -1.
  int link(Duration wait = 100ms) {
    const std::size_t before = links.size();
    begun = now();
    node.spawner().spawn(run_link());
    pass(wait);
    if (links.size() == before || !links.back().stream) return -1;
    return static_cast<int>(worker.number_of(*links.back().lane));
  }

  std::array<Server, 3> servers{Server{"zero", {at(0).address, 8388}, client_credentials()},
                                Server{"one", {at(1).address, 8388}, client_credentials()},
                                Server{"two", {at(2).address, 8388}, client_credentials()}};
  std::array<SessionRules, 3> rules{SessionRules{servers[0], {}, false, {}, {}, {}},
                                    SessionRules{servers[1], {}, false, {}, {}, {}},
                                    SessionRules{servers[2], {}, false, {}, {}, {}}};
  cipher::KeyCache keys{8};
  protocol::testing::SaltsSeen packet_salts;
  protocol::ClientPacketKeys packet_keys{servers[0].credentials(), keys, env.entropy, packet_salts};
  NegotiationRules negotiation;
  Balancer balancer;
  std::array<WarmRules, 3> warm;
  std::array<std::unique_ptr<WarmPool>, 3> pools;
  LocalWorker worker{negotiation, {}};
  ServerFits fits = nullptr;
  std::vector<std::unique_ptr<net::Stream>> accepted;
  std::vector<ServerLink> links;
  relay::LiveSession* live = nullptr;
  Duration begun{};
  Duration took{};

 private:
  static protocol::ClientCredentials client_credentials() {
    return protocol::testing::client_credentials(protocol::testing::pair_configs().front());
  }
};

TEST_F(ServerLinkRun, GoesToTheServerThatIsChosen) {
  EXPECT_EQ(link(), 0);
  EXPECT_EQ(links.back().cause, DialCause::connected);
  EXPECT_EQ(links.back().bound, links.back().stream->local_endpoint());
  EXPECT_EQ(links.back().lane, &worker.lanes[0]);
  EXPECT_FALSE(links.back().warm);
  EXPECT_EQ(dialer.begun.size(), 1U);
}

TEST_F(ServerLinkRun, GoesToTheFirstWhereNobodyChooses) {
  worker.tcp = nullptr;
  refuse(0);
  EXPECT_EQ(link(), -1);
  EXPECT_EQ(links.back().cause, DialCause::refused);
  EXPECT_EQ(links.back().lane, &worker.lanes[0]);
  EXPECT_EQ(env.counters.dial_failures.read(), 1U);
  listen(0);
  EXPECT_EQ(link(), 0);
}

TEST_F(ServerLinkRun, TriesTheNextWhereOneRefuses) {
  refuse(0);
  EXPECT_EQ(link(), 1);
  EXPECT_EQ(link(), 1);
  EXPECT_EQ(env.counters.dial_failures.read(), 0U) << "no client has suffered";
  dialer.begun.clear();
  EXPECT_EQ(link(), 1);
  EXPECT_THAT(dialer.begun, ElementsAre(at(1))) << "the first is known to be down by now";
}

TEST_F(ServerLinkRun, TriesTheNextWhereOneDoesNotAnswerForASecond) {
  dialer.silent = at(0);
  EXPECT_EQ(link(2s), 1);
  EXPECT_GE(took, 1s);
  EXPECT_LE(took, 1s + 20ms);
  EXPECT_EQ(link(2s), 1);
  EXPECT_EQ(link(2s), 1);
  EXPECT_LE(took, 20ms);
}

TEST_F(ServerLinkRun, DoesNotTakeASlowServerForOneThatIsDown) {
  dialer.silent = at(0);
  EXPECT_EQ(link(2s), 1);
  dialer.silent.reset();
  EXPECT_EQ(link(), 1) << "meanwhile nobody waits for it";
  EXPECT_LE(took, 20ms);
  EXPECT_EQ(dialer.begun.back(), at(1));
  EXPECT_EQ(dialer.begun[dialer.begun.size() - 2], at(0)) << "a probe";
  EXPECT_EQ(link(), 0) << "it was never down, so it need not prove itself";
}

TEST_F(ServerLinkRun, LeavesASilentServerForGoodOnceItsProbeHasFailed) {
  dialer.silent = at(0);
  EXPECT_EQ(link(2s), 1);
  EXPECT_EQ(link(6s), 1);
  dialer.begun.clear();
  EXPECT_EQ(link(), 1);
  EXPECT_EQ(link(), 1);
  EXPECT_EQ(dialer.begun.size(), 3U) << "one probe, after its pause";
}

TEST_F(ServerLinkRun, WaitsForTheOneThatIsOnlySlow) {
  // The others refuse; the first is given all the time there is.
  refuse(1);
  refuse(2);
  dialer.silent = at(0);
  node.spawner().spawn(run_link());
  pass(1500ms);
  EXPECT_THAT(dialer.begun, ElementsAre(at(0), at(1), at(2), at(0)));
  dialer.silent.reset();
  pass(12s);
  EXPECT_EQ(links.size(), 1U);
  EXPECT_EQ(links.back().cause, DialCause::timed_out);
}

TEST_F(ServerLinkRun, SaysThatNoneAnswers) {
  for (std::uint8_t i = 0; i < 3; ++i) refuse(i);
  EXPECT_EQ(link(), -1);
  EXPECT_EQ(links.back().cause, DialCause::refused);
  EXPECT_EQ(links.back().lane, &worker.lanes[2]);
  EXPECT_EQ(env.counters.dial_failures.read(), 1U);
  listen(2);
  EXPECT_EQ(link(), 2) << "all are still tried";
}

TEST_F(ServerLinkRun, EndsWithItsSession) {
  dialer.silent = at(0);
  node.spawner().spawn(run_link());
  pass(200ms);
  live->stop();
  pass(100ms);
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(links.back().cause, DialCause::cancelled);
  EXPECT_THAT(dialer.begun, ElementsAre(at(0))) << "no other server is tried";
  EXPECT_EQ(env.counters.dial_failures.read(), 0U);
}

TEST_F(ServerLinkRun, PassesOverServersThatDoNotFit) {
  servers[1].set_kind(Kind::ours);
  fits = [](const Server& server) { return server.kind() == Kind::ours; };
  EXPECT_EQ(link(), 1);
  EXPECT_THAT(dialer.begun, ElementsAre(at(1)));
  servers[1].set_kind(Kind::foreign);
  EXPECT_EQ(link(), -1);
  EXPECT_EQ(links.back().lane, nullptr);
  EXPECT_EQ(env.counters.dial_failures.read(), 0U);
}

TEST_F(ServerLinkRun, TakesAWarmConnectionOfTheServerThatIsChosen) {
  use_pools();
  EXPECT_EQ(link(), 0);
  pass(1s);
  EXPECT_EQ(pools[0]->size(), 1U);
  EXPECT_EQ(link(), 0);
  EXPECT_TRUE(links.back().warm);
  EXPECT_LE(took, 5ms);
  EXPECT_EQ(links.back().bound, links.back().stream->local_endpoint());
  EXPECT_EQ(pools[1]->size() + pools[2]->size(), 0U);
}

TEST_F(ServerLinkRun, DialsWhereTheWarmConnectionHasEnded) {
  use_pools();
  EXPECT_EQ(link(), 0);
  pass(1s);
  ASSERT_TRUE(pools[0]->has_some());
  accepted.back()->reset();
  EXPECT_EQ(link(), 0);
  EXPECT_FALSE(links.back().warm);
}

TEST_F(ServerLinkRun, TellsWhetherAWarmConnectionIsStillOpen) {
  use_pools();
  link();
  EXPECT_TRUE(is_open(links.back()));
  pass(1s);
  link();
  ASSERT_TRUE(links.back().warm);
  EXPECT_TRUE(is_open(links.back()));
  accepted[1]->shut_write();
  pass(10ms);
  EXPECT_FALSE(is_open(links.back()));
}

class LatencyLinkRun : public ServerLinkRun {
 protected:
  LatencyLinkRun() : ServerLinkRun(config::Policy::latency) {}
};

TEST_F(LatencyLinkRun, ProbesTheOthersInTheBackground) {
  refuse(2);
  EXPECT_EQ(link(), 0);
  EXPECT_EQ(dialer.begun.size(), 3U);
  EXPECT_EQ(accepted.size(), 2U);
  std::array<std::uint8_t, 1> room;
  EXPECT_EQ(accepted[1]->try_read(Bytes(room)).status, net::IoStatus::ended) << "a probe connects and hangs up";
  pass(10s);
  EXPECT_EQ(link(), 0);
  EXPECT_EQ(dialer.begun.size(), 4U) << "not again for a minute";
}

TEST_F(LatencyLinkRun, GivesAProbeUpWhereTheProgramDrains) {
  dialer.silent = at(1);
  EXPECT_EQ(link(), 0);
  EXPECT_EQ(node.spawner().live(), 1U);
  sessions.stop_starting();
  pass(100ms);
  EXPECT_EQ(node.spawner().live(), 0U);
}

TEST_F(LatencyLinkRun, GivesAProbeUpAfterFiveSeconds) {
  dialer.silent = at(1);
  EXPECT_EQ(link(), 0);
  pass(5s);
  EXPECT_EQ(node.spawner().live(), 0U);
}

}  // namespace
}  // namespace ss::local
