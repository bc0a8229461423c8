#include "servers/balancer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

namespace ss::local {
namespace {

using namespace std::chrono_literals;
using config::Policy;
using net::DialCause;

const TargetAddress kTarget = *TargetAddress::make("example.com", 443);

/// Three servers A, B and C, and virtual time.
class BalancerRun {
 public:
  explicit BalancerRun(Policy policy, const std::vector<double>& weights = {1, 1, 1},
                       Balancer::Trials trials = Balancer::Trials::by_probe)
      : balancer(policy, candidates(weights), "connections", trials) {}

  /// The order for one connection, as `ABC`; what it asks to be probed is noted, and its news.
  std::string order(const TargetAddress& target = kTarget) {
    const ServerOrder order = balancer.order(target, now);
    std::string out;
    for (const ServerOrder::Try& each : order.view()) out += letter(each.server);
    probes.clear();
    for (const std::uint16_t each : order.to_probe()) probes += letter(each);
    if (order.news) news.push_back(*order.news);
    patience = order.tries[0].patience;
    return out;
  }
  void connected(char server, Duration took) { note(balancer.connected(number(server), took, now)); }
  void failed(char server, DialCause cause = DialCause::refused) { note(balancer.failed(number(server), cause, now)); }
  void gave_up(char server) { note(balancer.gave_up(number(server))); }
  void silent(char server) { note(balancer.silent(number(server), now)); }
  void closed_early(char server) { note(balancer.closed_early(number(server), now)); }
  void bring_down(char server) {
    failed(server);
    failed(server);
  }
  /// What was told since the last call.
  std::string told() {
    std::string out;
    for (const std::string& line : std::exchange(news, {})) out += line + '\n';
    return out;
  }

  MonoTime now{1h};
  Balancer balancer;
  std::string probes;
  std::vector<std::string> news;
  Duration patience{};

  static std::size_t number(char server) { return static_cast<std::size_t>(server - 'A'); }

 private:
  static std::vector<Balancer::Candidate> candidates(const std::vector<double>& weights) {
    std::vector<Balancer::Candidate> out;
    out.reserve(weights.size());
    for (const double weight : weights) out.push_back({std::string(1, letter(out.size())), weight});
    return out;
  }
  static char letter(std::size_t number) { return static_cast<char>('A' + number); }
  void note(std::optional<std::string> line) {
    if (line) news.push_back(*std::move(line));
  }
};

TEST(BalancerOfOne, NeedsNoThought) {
  BalancerRun run(Policy::latency, {1});
  run.bring_down('A');
  EXPECT_EQ(run.order(), "A");
  EXPECT_EQ(run.patience, 0s) << "there is nobody else to try";
  EXPECT_EQ(run.probes + run.told(), "");
}

TEST(BalancerOrder, LeavesOutWhatHasNoWeight) {
  for (const Policy policy : {Policy::latency, Policy::failover, Policy::sticky, Policy::round_robin}) {
    BalancerRun run(policy, {0, 1, 0, 1});
    std::string order = run.order();
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, "BD");
    run.bring_down('B');
    EXPECT_EQ(run.order(), "DB");
    run.bring_down('D');
    EXPECT_EQ(run.order().size(), 2U);
    EXPECT_EQ(run.probes.find_first_of("AC"), std::string::npos);
  }
  BalancerRun alone(Policy::latency, {0, 0, 1});
  alone.bring_down('C');
  EXPECT_EQ(alone.order(), "C");
}

TEST(BalancerOrder, TriesEightAtMost) {
  BalancerRun run(Policy::failover, std::vector<double>(20, 1));
  EXPECT_EQ(run.order(), "ABCDEFGH");
}

TEST(BalancerOrder, HurriesOnlyWhereTheNextOneWorks) {
  BalancerRun run(Policy::failover);
  run.order();
  EXPECT_EQ(run.patience, 1s);
  run.connected('A', 50ms);
  run.order();
  EXPECT_EQ(run.patience, 300ms);
  run.bring_down('B');
  run.order();
  EXPECT_EQ(run.patience, 300ms) << "C works";
  run.bring_down('C');
  run.order();
  EXPECT_EQ(run.patience, 0s);
}

TEST(BalancerOrder, TriesAllThatAreDown) {
  for (const Policy policy : {Policy::latency, Policy::failover, Policy::sticky, Policy::round_robin}) {
    BalancerRun run(policy);
    for (const char server : {'A', 'B', 'C'}) run.bring_down(server);
    const std::string order = run.order();
    EXPECT_EQ(order.size(), 3U);
    EXPECT_EQ(std::string("ABC").find_first_not_of(order), std::string::npos) << order;
    run.connected('B', 10ms);
    EXPECT_EQ(run.order().front(), 'B') << "one that works is enough";
  }
}

TEST(BalancerFailed, DoesNotBlameTheServerForThisMachine) {
  BalancerRun run(Policy::failover);
  for (int i = 0; i < 5; ++i) {
    run.failed('A', DialCause::no_descriptors);
    run.failed('A', DialCause::cancelled);
    run.failed('A', DialCause::not_permitted);
  }
  EXPECT_EQ(run.order(), "ABC");
}

TEST(BalancerLatency, ProbesEverybodyAtFirstAndThenChoosesAtOnce) {
  BalancerRun run(Policy::latency);
  EXPECT_EQ(run.order(), "ABC");
  EXPECT_EQ(run.probes, "BC") << "A is connected to anyway";
  run.connected('A', 90ms);
  run.connected('C', 20ms);
  EXPECT_EQ(run.order().front(), 'A') << "B is not known yet";
  EXPECT_EQ(run.probes, "");
  run.connected('B', 50ms);
  EXPECT_EQ(run.order(), "CBA");
  EXPECT_EQ(run.told(), "connections go to C instead of A: it answers in 20 ms, A in 90 ms\n");
}

/// Three servers with these connect times, and the choice made.
class SettledRun : public BalancerRun {
 public:
  SettledRun(Duration a, Duration b, Duration c) : BalancerRun(Policy::latency) {
    order();
    connected('A', a);
    connected('B', b);
    connected('C', c);
    order();
  }
};

TEST(BalancerLatency, StaysWhereAnotherIsOnlyALittleBetter) {
  SettledRun run(50ms, 50ms, 50ms);
  EXPECT_EQ(run.order(), "ABC");
  for (int i = 0; i < 60; ++i) {
    run.now += 1s;
    run.connected('A', 50ms);
    run.connected('B', 42ms);
    EXPECT_EQ(run.order().front(), 'A');
  }
  // A fifth of next to nothing is nothing.
  SettledRun near(5ms, 1ms, 5ms);
  EXPECT_EQ(near.order().front(), 'A');
  EXPECT_EQ(run.told() + near.told(), "");
}

TEST(BalancerLatency, MovesWhereAnotherIsClearlyBetterForAWhile) {
  SettledRun run(50ms, 50ms, 50ms);
  for (int i = 0; i < 30; ++i) run.connected('B', 20ms);
  EXPECT_EQ(run.order().front(), 'A');
  run.now += 9s;
  EXPECT_EQ(run.order().front(), 'A');
  run.now += 1s;
  EXPECT_EQ(run.order(), "BAC");
  EXPECT_EQ(run.told(), "connections go to B instead of A: it answers in 20 ms, A in 50 ms\n");
}

TEST(BalancerLatency, BeginsTheWhileAnewWhereTheLeadIsLost) {
  SettledRun run(50ms, 50ms, 50ms);
  for (int i = 0; i < 30; ++i) run.connected('B', 20ms);
  run.order();
  run.now += 9s;
  for (int i = 0; i < 30; ++i) run.connected('B', 50ms);
  run.order();
  for (int i = 0; i < 30; ++i) run.connected('B', 20ms);
  run.order();
  run.now += 9s;
  EXPECT_EQ(run.order().front(), 'A');
}

TEST(BalancerLatency, LeavesAServerThatIsDownAtOnce) {
  SettledRun run(10ms, 60ms, 40ms);
  run.bring_down('A');
  EXPECT_EQ(run.order(), "CBA");
  EXPECT_EQ(run.told(), "connections go to C instead of A: A is down (refused)\n");
  run.now += 1s;
  run.order();
  EXPECT_EQ(run.probes, "A");
  run.connected('A', 10ms);
  for (int i = 0; i < 38; ++i) {
    run.now += 1s;
    run.connected('C', 40ms);
    EXPECT_EQ(run.order().front(), 'C') << i;
  }
  run.now += 2s;
  EXPECT_EQ(run.order().front(), 'A') << "trusted again, and better for a while";
}

TEST(BalancerLatency, ProbesWhatItHasNotHeardOfForAMinute) {
  SettledRun run(10ms, 60ms, 40ms);
  EXPECT_EQ(run.probes, "");
  run.now += 30s;
  run.connected('B', 60ms);
  run.now += 30s;
  run.connected('A', 10ms);
  run.order();
  EXPECT_EQ(run.probes, "C");
  run.order();
  EXPECT_EQ(run.probes, "") << "under way";
}

TEST(BalancerLatency, DividesByTheWeight) {
  BalancerRun run(Policy::latency, {0.1, 1, 1});
  run.order();
  run.connected('A', 20ms);
  run.connected('B', 100ms);
  run.connected('C', 300ms);
  EXPECT_EQ(run.order(), "BAC");
}

TEST(BalancerFailover, KeepsTheOrderWhateverTheLatency) {
  BalancerRun run(Policy::failover);
  run.connected('A', 500ms);
  run.connected('B', 1ms);
  EXPECT_EQ(run.order(), "ABC");
  run.now += 10min;
  EXPECT_EQ(run.order(), "ABC");
  EXPECT_EQ(run.probes, "");
}

TEST(BalancerFailover, ReturnsOnceAnEarlierOneHasWorkedForAWhile) {
  BalancerRun run(Policy::failover);
  run.bring_down('A');
  EXPECT_EQ(run.order(), "BCA");
  EXPECT_EQ(run.told(), "connections go to B instead of A: A is down (refused)\n");
  EXPECT_EQ(run.probes, "");
  run.now += 1s;
  run.order();
  EXPECT_EQ(run.probes, "A");
  run.connected('A', 10ms);
  EXPECT_EQ(run.order(), "BCA") << "on probation";
  run.now += 29s;
  EXPECT_EQ(run.order(), "BCA");
  EXPECT_EQ(run.probes, "A");
  run.connected('A', 10ms);
  run.now += 1s;
  EXPECT_EQ(run.order(), "ABC");
  EXPECT_EQ(run.told(), "connections go to A instead of B: A works again\n");
}

TEST(BalancerFailover, GoesOnDownTheListAndStaysOnProbation) {
  BalancerRun run(Policy::failover);
  run.bring_down('A');
  run.order();
  run.bring_down('B');
  EXPECT_EQ(run.order(), "CAB");
  run.now += 1s;
  run.connected('A', 10ms);
  run.bring_down('C');
  EXPECT_EQ(run.order().front(), 'A') << "better one on probation than one that is down";
}

TEST(BalancerSticky, SendsATargetToOneServer) {
  BalancerRun run(Policy::sticky);
  std::map<char, int> shares;
  for (int i = 0; i < 600; ++i) {
    const TargetAddress target = *TargetAddress::make("host" + std::to_string(i) + ".example", 443);
    const std::string first = run.order(target);
    EXPECT_EQ(run.order(*TargetAddress::make("HOST" + std::to_string(i) + ".example", 80)), first);
    ++shares[first.front()];
  }
  for (const char server : {'A', 'B', 'C'}) EXPECT_NEAR(shares[server], 200, 60) << server;
}

TEST(BalancerSticky, MovesOnlyTheTargetsOfAServerThatIsDown) {
  BalancerRun run(Policy::sticky);
  std::vector<std::string> before;
  before.reserve(100);
  const auto target = [](int i) {
    return TargetAddress(IpAddress(IpAddress::V4{192, 0, 2, static_cast<std::uint8_t>(i)}), 443);
  };
  for (int i = 0; i < 100; ++i) before.push_back(run.order(target(i)));
  run.bring_down('B');
  EXPECT_EQ(run.told(), "connections go past B for now: refused\n");
  for (int i = 0; i < 100; ++i) {
    const std::string& was = before[static_cast<std::size_t>(i)];
    EXPECT_EQ(run.order(target(i)).front(), was.front() == 'B' ? was[1] : was.front());
  }
  run.connected('B', 10ms);
  EXPECT_EQ(run.told(), "connections go to B again: it works\n");
  run.now += 30s;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(run.order(target(i)), before[static_cast<std::size_t>(i)]);
}

TEST(BalancerSticky, SharesByWeight) {
  BalancerRun run(Policy::sticky, {1, 0.5});
  int first = 0;
  for (int i = 0; i < 900; ++i)
    first += run.order(*TargetAddress::make(std::to_string(i) + ".test", 1)) == "AB" ? 1 : 0;
  EXPECT_NEAR(first, 600, 60);
}

TEST(BalancerRoundRobin, TakesTurns) {
  BalancerRun run(Policy::round_robin);
  EXPECT_EQ(run.order(), "ABC");
  EXPECT_EQ(run.order(), "BCA");
  EXPECT_EQ(run.order(), "CAB");
  EXPECT_EQ(run.order(), "ABC");
}

TEST(BalancerRoundRobin, SharesByWeightWithoutBursts) {
  BalancerRun run(Policy::round_robin, {1, 0.5, 0.25});
  std::string firsts;
  for (int i = 0; i < 14; ++i) firsts += run.order().front();
  EXPECT_EQ(firsts, "ABACABAABACABA");
}

TEST(BalancerRoundRobin, GoesPastWhatIsDown) {
  BalancerRun run(Policy::round_robin);
  run.bring_down('B');
  std::string firsts;
  for (int i = 0; i < 4; ++i) {
    const std::string order = run.order();
    EXPECT_EQ(order.back(), 'B');
    firsts += order.front();
  }
  EXPECT_EQ(firsts, "ACAC");
}

TEST(BalancerGaveUp, TriesTheOthersFirstUntilTheServerIsHeard) {
  for (const Policy policy : {Policy::latency, Policy::failover, Policy::sticky, Policy::round_robin}) {
    BalancerRun run(policy);
    for (const char server : {'A', 'B', 'C'}) run.connected(server, 50ms);
    const char first = run.order().front();
    run.gave_up(first);
    EXPECT_EQ(run.told(), std::string("connections try ") + first + " last for now: it was not there within 300 ms\n");
    run.gave_up(first);
    EXPECT_EQ(run.told(), "") << "said already";
    EXPECT_EQ(run.order().back(), first);
    EXPECT_EQ(run.probes, std::string(1, first));
    EXPECT_EQ(run.order().back(), first);
    EXPECT_EQ(run.probes, "") << "under way";
    run.connected(first, 200ms);
    EXPECT_EQ(run.told(), std::string("connections wait for ") + first + " again: it was there in 200 ms\n");
    if (policy != Policy::round_robin) {
      EXPECT_EQ(run.order().front(), first) << "it was only slow";
    }
  }
}

TEST(BalancerGaveUp, LeavesTheServerWhereItsProbeFails) {
  BalancerRun run(Policy::failover);
  run.gave_up('A');
  run.told();
  run.order();
  run.failed('A', DialCause::timed_out);
  EXPECT_EQ(run.order(), "BCA");
  EXPECT_EQ(run.told(), "connections go to B instead of A: A is down (timed out)\n");
}

TEST(BalancerClosedEarly, LeavesAServerThatNeverAnswers) {
  BalancerRun run(Policy::failover);
  run.order();
  for (unsigned i = 0; i + 1 < ServerHealth::kEarlyCloses; ++i) run.closed_early('A');
  run.balancer.answered(0);
  run.closed_early('A');
  EXPECT_EQ(run.order().front(), 'A');
  for (unsigned i = 0; i < ServerHealth::kEarlyCloses; ++i) run.closed_early('A');
  EXPECT_EQ(run.order().front(), 'B');
  EXPECT_EQ(run.told(), "connections go to B instead of A: A is down (it ends connections without an answer)\n");
}

TEST(BalancerSilent, LeavesAServerThatHangsAtOnce) {
  BalancerRun run(Policy::failover);
  run.order();
  run.silent('A');
  EXPECT_EQ(run.order().front(), 'B');
  EXPECT_EQ(run.told(), "connections go to B instead of A: A is down (it takes connections and does not answer)\n");
  run.silent('A');
  EXPECT_EQ(run.told(), "") << "once";
}

TEST(BalancerMeasured, SaysNothingOfWhetherAServerWorks) {
  BalancerRun run(Policy::latency);
  run.bring_down('A');
  EXPECT_EQ(run.order(), "BCA");
  run.balancer.measured(0, 1ms);
  run.balancer.measured(1, 50ms);
  run.balancer.measured(2, 20ms);
  run.now += 30s;
  EXPECT_EQ(run.order().back(), 'A');
  run.balancer.worked(0, run.now);
  run.now += 30s;
  EXPECT_NE(run.order().back(), 'A');
}

TEST(BalancerByTraffic, TriesAServerAgainAfterItsPauseWithoutProbes) {
  BalancerRun run(Policy::failover, {1, 1, 1}, Balancer::Trials::by_traffic);
  run.bring_down('A');
  EXPECT_EQ(run.order(), "BCA");
  run.now += 1s;
  EXPECT_EQ(run.order(), "BCA") << "on probation from now on";
  run.now += 30s;
  EXPECT_EQ(run.order(), "ABC");
  EXPECT_EQ(run.probes, "");
}

TEST(Balancer, ServesSeveralThreads) {
  Balancer balancer(Policy::round_robin, {{"A", 1}, {"B", 1}}, "connections", Balancer::Trials::by_probe);
  const auto work = [&balancer] {
    for (int i = 0; i < 2'000; ++i) {
      const MonoTime now(1h + i * 1ms);
      const ServerOrder order = balancer.order(kTarget, now);
      const std::size_t server = order.tries[0].server;
      if (i % 7 == 0) {
        balancer.failed(server, DialCause::refused, now);
        balancer.closed_early(server, now);
      } else {
        balancer.connected(server, 1ms, now);
        balancer.answered(server);
      }
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(balancer.order(kTarget, MonoTime(2h)).count, 2);
}

}  // namespace
}  // namespace ss::local
