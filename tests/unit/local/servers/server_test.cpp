#include "servers/server.hpp"

#include <gtest/gtest.h>

#include "servers/balancer.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::local {
namespace {

using namespace std::chrono_literals;
using Trials = Balancer::Trials;

const TargetAddress kTarget = *TargetAddress::make("example.com", 443);

/// The first of two servers, between which failover chooses.
class ServerReports : public testing::Test {
 protected:
  ServerReports() { server.report_to(&tcp, &udp, 0); }
  std::uint16_t first(Balancer& balancer) { return balancer.order(kTarget, now).tries[0].server; }

  MonoTime now{1h};
  using Candidate = Balancer::Candidate;
  Balancer tcp{config::Policy::failover, {Candidate{"a"}, Candidate{"b"}}, "connections", Trials::by_probe};
  Balancer udp{config::Policy::failover, {Candidate{"a"}, Candidate{"b"}}, "UDP associations", Trials::by_traffic};
  Server server{"a",
                {IpAddress(IpAddress::V4{192, 0, 2, 1}), 8388},
                protocol::testing::client_credentials(protocol::testing::pair_configs().front())};
};

TEST_F(ServerReports, EarlyEndsUntilItAnswers) {
  for (unsigned i = 0; i < 3 * ServerHealth::kEarlyCloses; ++i) {
    server.closed_early(now);
    if (i % 4 == 3) server.heard();
  }
  EXPECT_EQ(first(tcp), 0);
  for (unsigned i = 0; i < ServerHealth::kEarlyCloses; ++i) server.closed_early(now);
  EXPECT_EQ(first(tcp), 1);
  EXPECT_EQ(first(udp), 0) << "TCP alone";
}

TEST_F(ServerReports, PacketsThatNothingAnswers) {
  EXPECT_EQ(server.packets_answered(now), std::nullopt);
  server.packets_unanswered(now);
  EXPECT_EQ(first(udp), 1);
  EXPECT_EQ(first(tcp), 0) << "UDP alone";
  server.packets_answered(now);
  now += 30s;
  EXPECT_EQ(first(udp), 0);
}

TEST(Server, IsNotTakenForOursSoonAfterABrokenPromise) {
  Server server("a", {}, protocol::testing::client_credentials(protocol::testing::pair_configs().front()));
  server.learn(Kind::ours, 1s);
  EXPECT_EQ(server.kind(), Kind::ours);
  server.forget(10s);
  EXPECT_EQ(server.kind(), Kind::unknown);
  server.learn(Kind::ours, 69s);
  EXPECT_EQ(server.kind(), Kind::unknown);
  server.learn(Kind::foreign, 69s);
  EXPECT_EQ(server.kind(), Kind::foreign);
  server.learn(Kind::ours, 70s);
  EXPECT_EQ(server.kind(), Kind::ours);
}

TEST(Server, AloneReportsToNobody) {
  Server server("a", {}, protocol::testing::client_credentials(protocol::testing::pair_configs().front()));
  server.heard();
  EXPECT_TRUE(server.was_heard());
  EXPECT_EQ(server.closed_early(MonoTime(1h)), std::nullopt);
  EXPECT_EQ(server.packets_answered(MonoTime(1h)), std::nullopt);
  EXPECT_EQ(server.packets_unanswered(MonoTime(1h)), std::nullopt);
}

}  // namespace
}  // namespace ss::local
