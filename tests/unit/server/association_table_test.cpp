#include "association_table.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "unit/protocol/packet_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::server {
namespace {

using namespace std::chrono_literals;
using relay::test::Fixture;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Ids = std::vector<std::uint64_t>;

protocol::testing::PairConfig three_users() {
  for (const protocol::testing::PairConfig& config : protocol::testing::pair_configs()) {
    if (config.method == "2022-blake3-aes-128-gcm" && !config.users.empty()) return config;
  }
  return {};
}

/// Associations are called by their session IDs.
class AssociationTableTest : public Fixture {
 protected:
  AssociationTableTest() {
    limits.idle = 300s;
    limits.idle_dns = 17s;
    limits.total = 4;
    limits.of_user = 100;
  }
  void TearDown() override {
    table.reset();
    EXPECT_EQ(counts.total, 0U);
    for (const auto& of_user : counts.of_user) EXPECT_EQ(of_user, 0U);
    EXPECT_EQ(gauge.read(), 0U);
    Fixture::TearDown();
  }

  std::unique_ptr<AssociationTable> make_table() {
    return std::make_unique<AssociationTable>(
        env.timers, counts, limits, gauge, [this](Association& one) { asleep.push_back(one.key.session_id); },
        [this](const Association& one) { removed.push_back(one.key.session_id); });
  }
  void start() { table = make_table(); }

  std::shared_ptr<Association> make(std::uint64_t id, std::size_t user = 0, bool only_dns = false) {
    protocol::ClientPacket first;
    first.user = user;
    first.session_id = id;
    auto association = std::make_shared<Association>(AssociationKey{user, id, {}}, packets, first);
    association->only_dns = only_dns;
    return association;
  }
  bool insert(std::uint64_t id, std::size_t user = 0) { return table->insert(make(id, user)); }
  bool insert_dns(std::uint64_t id, std::size_t user = 0) { return table->insert(make(id, user, true)); }
  std::shared_ptr<Association> find(std::uint64_t id, std::size_t user = 0) { return table->find({user, id, {}}); }
  bool touch(std::uint64_t id, std::size_t user = 0) { return table->touch(*find(id, user), env.clock.now()); }
  bool is_awake(std::uint64_t id, std::size_t user = 0) {
    const auto found = find(id, user);
    return found && found->awake();
  }

  protocol::testing::PairConfig config = three_users();
  protocol::ServerCredentials credentials = protocol::testing::server_credentials(config);
  protocol::testing::SaltsSeen salts;
  protocol::PacketStamps stamps;
  protocol::ServerPackets packets{credentials, env.keys, env.entropy, salts, stamps};
  AssociationLimits limits;
  AssociationCounts counts{3};
  telemetry::Counter gauge;
  Ids asleep, removed;
  std::unique_ptr<AssociationTable> table;
};

using AssociationTableFind = AssociationTableTest;
using AssociationTableExpiry = AssociationTableTest;
using AssociationTableTotal = AssociationTableTest;
using AssociationTableOfUser = AssociationTableTest;

TEST_F(AssociationTableFind, TellsUsersSessionsAndClientsApart) {
  start();
  const Endpoint client{IpAddress(IpAddress::V4{192, 0, 2, 7}), 5000};
  const Endpoint other_port{client.address, 5001};
  protocol::ClientPacket first;
  const auto by_client = std::make_shared<Association>(AssociationKey{0, 0, client}, packets, first);
  EXPECT_TRUE(insert(1, 0));
  EXPECT_TRUE(insert(1, 2));
  EXPECT_TRUE(table->insert(by_client));
  EXPECT_EQ(find(1, 0)->key.user, 0U);
  EXPECT_EQ(find(1, 2)->key.user, 2U);
  EXPECT_EQ(find(1, 1), nullptr);
  EXPECT_EQ(find(2, 0), nullptr);
  EXPECT_EQ(table->find({0, 0, client}), by_client);
  EXPECT_EQ(table->find({0, 0, other_port}), nullptr);
  EXPECT_EQ(table->size(), 3U);
  EXPECT_EQ(counts.total, 3U);
  EXPECT_EQ(gauge.read(), 3U);
}

TEST(AssociationKeyHash, SpreadsClientsAndSessions) {
  const AssociationKeyHash hash;
  std::vector<std::size_t> buckets(64);
  for (std::uint16_t i = 0; i < 6'400; ++i) {
    const IpAddress address(IpAddress::V4{192, 0, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i)});
    ++buckets[hash({0, 0, {address, 5000}}) % buckets.size()];
    ++buckets[hash({0, 0, {IpAddress(), static_cast<std::uint16_t>(i + 1)}}) % buckets.size()];
    ++buckets[hash({0, i + 1U, {}}) % buckets.size()];
  }
  for (const std::size_t bucket : buckets) EXPECT_LT(bucket, 3 * 100 * 2U);
}

TEST(AssociationKeyHash, DependsOnItsKey) {
  AssociationKeyHash other;
  other.key[0] = 1;
  EXPECT_NE(AssociationKeyHash{}({0, 7, {}}), other({0, 7, {}}));
}

TEST_F(AssociationTableExpiry, RemovesWhatWasIdleForItsTime) {
  start();
  EXPECT_TRUE(insert(1));
  pass(299s);
  EXPECT_NE(find(1), nullptr);
  pass(2s + 50ms);
  EXPECT_EQ(find(1), nullptr);
  EXPECT_THAT(asleep, ElementsAre(1U)) << "its sockets are to be cancelled";
  EXPECT_THAT(removed, ElementsAre(1U));
  EXPECT_EQ(counts.total, 0U);
  EXPECT_EQ(counts.of_user[0], 0U);
}

TEST_F(AssociationTableExpiry, CountsFromTheLastDatagram) {
  start();
  EXPECT_TRUE(insert(1));
  EXPECT_TRUE(insert(2));
  for (int i = 0; i < 4; ++i) {
    pass(200s);
    EXPECT_TRUE(touch(1));
  }
  EXPECT_NE(find(1), nullptr);
  EXPECT_THAT(removed, ElementsAre(2U));
}

TEST_F(AssociationTableExpiry, RemovesDnsAfterItsShorterTime) {
  start();
  EXPECT_TRUE(insert_dns(1));
  EXPECT_TRUE(insert(2));
  EXPECT_TRUE(insert_dns(3));
  pass(16s);
  EXPECT_EQ(table->size(), 3U);
  EXPECT_TRUE(touch(3));
  pass(2s + 50ms);
  EXPECT_THAT(removed, ElementsAre(1U));
  pass(16s);
  EXPECT_THAT(removed, ElementsAre(1U, 3U));
  EXPECT_NE(find(2), nullptr);
}

TEST_F(AssociationTableExpiry, GivesTheLongerTimeToWhatSpeaksToAnotherPort) {
  start();
  EXPECT_TRUE(insert_dns(1));
  find(1)->only_dns = false;
  EXPECT_TRUE(touch(1));
  pass(299s);
  EXPECT_NE(find(1), nullptr);
  pass(2s + 50ms);
  EXPECT_EQ(find(1), nullptr);
}

TEST_F(AssociationTableExpiry, GoesOnAfterTheTableWasEmpty) {
  start();
  EXPECT_TRUE(insert(1));
  pass(400s);
  EXPECT_TRUE(insert(2));
  pass(302s);
  EXPECT_THAT(removed, ElementsAre(1U, 2U));
}

TEST_F(AssociationTableTotal, RemovesTheOneThatWasIdleLongest) {
  start();
  for (const std::uint64_t id : {1U, 2U, 3U, 4U}) {
    EXPECT_TRUE(insert(id));
    pass(1s);
  }
  EXPECT_TRUE(touch(1));
  EXPECT_TRUE(insert(5));
  EXPECT_THAT(removed, ElementsAre(2U));
  EXPECT_TRUE(insert(6));
  EXPECT_THAT(removed, ElementsAre(2U, 3U));
  EXPECT_EQ(counts.total, 4U);
}

TEST_F(AssociationTableTotal, RemovesDnsFirst) {
  start();
  EXPECT_TRUE(insert(1));
  pass(1s);
  EXPECT_TRUE(insert_dns(2));
  pass(1s);
  EXPECT_TRUE(insert_dns(3));
  EXPECT_TRUE(insert(4));
  pass(4s);
  for (const std::uint64_t id : {5U, 6U}) EXPECT_TRUE(insert(id));
  EXPECT_THAT(removed, ElementsAre(2U, 1U)) << "3 is still waiting for its answer";
  pass(1s);
  EXPECT_TRUE(insert(7));
  EXPECT_THAT(removed, ElementsAre(2U, 1U, 3U));
}

TEST_F(AssociationTableTotal, GivesWayToAWorkerThatHasLessThanItsShare) {
  limits.tables = 2;
  start();
  const auto second = make_table();
  for (const std::uint64_t id : {1U, 2U, 3U, 4U}) EXPECT_TRUE(insert(id));
  for (const std::uint64_t id : {11U, 12U}) EXPECT_TRUE(second->insert(make(id)));
  EXPECT_THAT(removed, IsEmpty());
  EXPECT_EQ(counts.total, 6U) << "for a while";
  EXPECT_TRUE(second->insert(make(13)));
  EXPECT_THAT(removed, ElementsAre(11U)) << "it has its share";
  EXPECT_TRUE(insert(5));
  EXPECT_TRUE(insert(6));
  EXPECT_EQ(counts.total, 4U) << "two go for each that comes";
  EXPECT_THAT(removed, ElementsAre(11U, 1U, 2U, 3U, 4U));
}

TEST_F(AssociationTableTotal, CountsOverAllWorkers) {
  start();
  const auto second = make_table();
  for (const std::uint64_t id : {1U, 2U, 3U}) EXPECT_TRUE(insert(id));
  EXPECT_TRUE(second->insert(make(11)));
  EXPECT_TRUE(second->insert(make(12)));
  EXPECT_THAT(removed, ElementsAre(11U)) << "a worker has only its own to remove";
  EXPECT_TRUE(insert(4));
  EXPECT_THAT(removed, ElementsAre(11U, 1U));
  EXPECT_EQ(counts.total, 4U);
}

TEST_F(AssociationTableTotal, TakesNoneWhereOtherWorkersHaveThemAll) {
  start();
  const auto second = make_table();
  for (const std::uint64_t id : {1U, 2U, 3U, 4U}) EXPECT_TRUE(insert(id));
  EXPECT_FALSE(second->insert(make(11)));
  EXPECT_EQ(second->size(), 0U);
  EXPECT_EQ(counts.total, 4U);
  EXPECT_THAT(removed, IsEmpty());
}

TEST_F(AssociationTableOfUser, RemovesTheUsersOwnThatWasIdleLongest) {
  limits.total = 100;
  limits.of_user = 2;
  start();
  EXPECT_TRUE(insert(1, 1));
  EXPECT_TRUE(insert(2, 0));
  EXPECT_TRUE(insert_dns(3, 0));
  EXPECT_TRUE(touch(2, 0));
  EXPECT_TRUE(insert(4, 0));
  EXPECT_THAT(removed, ElementsAre(3U));
  EXPECT_TRUE(insert(5, 0));
  EXPECT_THAT(removed, ElementsAre(3U, 2U));
  EXPECT_EQ(counts.of_user[0], 2U);
  EXPECT_EQ(counts.of_user[1], 1U);
  EXPECT_EQ(counts.total, 3U);
}

TEST_F(AssociationTableOfUser, IsNotLookedAtWhereThereIsOneUser) {
  AssociationCounts of_one(1);
  limits.total = 100;
  limits.of_user = 2;
  AssociationTable alone(
      env.timers, of_one, limits, gauge, [](Association&) {}, [](const Association&) {});
  for (const std::uint64_t id : {1U, 2U, 3U, 4U}) EXPECT_TRUE(alone.insert(make(id)));
  EXPECT_EQ(alone.size(), 4U);
}

TEST_F(AssociationTableOfUser, LosesNoneWhereAnotherUserIsAtTheLimit) {
  limits.of_user = 2;
  start();
  for (const std::uint64_t id : {1U, 2U}) EXPECT_TRUE(insert(id, 0));
  for (const std::uint64_t id : {3U, 4U, 5U, 6U, 7U, 8U}) EXPECT_TRUE(insert(id, 1));
  EXPECT_TRUE(is_awake(1, 0));
  EXPECT_TRUE(is_awake(2, 0));
}

/// With a window that has to stay for 62 s, as 2022 sessions have.
class AssociationTableSleep : public AssociationTableTest {
 protected:
  AssociationTableSleep() {
    limits.idle_dns = limits.idle;
    limits.window = 62s;
    limits.total = 2;
  }
};

TEST_F(AssociationTableSleep, KeepsTheWindowOfWhatGoesEarly) {
  start();
  for (const std::uint64_t id : {1U, 2U, 3U}) EXPECT_TRUE(insert(id));
  EXPECT_THAT(asleep, ElementsAre(1U));
  EXPECT_THAT(removed, IsEmpty());
  ASSERT_NE(find(1), nullptr);
  EXPECT_FALSE(is_awake(1));
  EXPECT_EQ(counts.total, 2U) << "it counts no more";
  EXPECT_EQ(counts.of_user[0], 2U);
  EXPECT_EQ(gauge.read(), 2U);
}

TEST_F(AssociationTableSleep, KeepsNothingOfWhatIsTooOldToBeReplayed) {
  start();
  EXPECT_TRUE(insert(1));
  pass(62s);
  for (const std::uint64_t id : {2U, 3U}) EXPECT_TRUE(insert(id));
  EXPECT_THAT(removed, ElementsAre(1U));
}

TEST_F(AssociationTableSleep, EndsWhenNoPacketOfBeforeCanPassAnyMore) {
  start();
  EXPECT_TRUE(insert(1));
  pass(40s);
  for (const std::uint64_t id : {2U, 3U}) EXPECT_TRUE(insert(id));
  pass(21s);
  EXPECT_NE(find(1), nullptr);
  pass(2s + 50ms);
  EXPECT_EQ(find(1), nullptr);
  EXPECT_THAT(removed, ElementsAre(1U));
  EXPECT_THAT(asleep, ElementsAre(1U)) << "told once";
  EXPECT_EQ(counts.total, 2U);
}

TEST_F(AssociationTableSleep, EndsWithAFreshDatagram) {
  start();
  for (const std::uint64_t id : {1U, 2U, 3U}) EXPECT_TRUE(insert(id));
  EXPECT_TRUE(touch(1));
  EXPECT_TRUE(is_awake(1));
  EXPECT_THAT(asleep, ElementsAre(1U, 2U)) << "another one made room";
  EXPECT_EQ(counts.total, 2U);
  pass(100s);
  EXPECT_THAT(removed, ElementsAre(2U));
  EXPECT_TRUE(is_awake(1));
  pass(202s);
  EXPECT_EQ(table->size(), 0U);
}

TEST_F(AssociationTableSleep, HoldsAsManyAsMayBeAwake) {
  start();
  for (const std::uint64_t id : {1U, 2U, 3U, 4U}) EXPECT_TRUE(insert(id));
  EXPECT_THAT(asleep, ElementsAre(1U, 2U));
  EXPECT_FALSE(insert(5)) << "no window may be forgotten";
  EXPECT_FALSE(touch(1));
  EXPECT_EQ(table->size(), 4U);
  EXPECT_EQ(counts.total, 2U);
  pass(64s);
  EXPECT_TRUE(insert(5));
  EXPECT_TRUE(is_awake(5));
}

TEST_F(AssociationTableSleep, HoldsAsManyOfOneUserAsMayBeAwake) {
  limits.total = 100;
  limits.of_user = 2;
  start();
  for (const std::uint64_t id : {1U, 2U, 3U, 4U}) EXPECT_TRUE(insert(id, 0));
  EXPECT_FALSE(insert(5, 0));
  EXPECT_FALSE(touch(1, 0));
  for (const std::uint64_t id : {1U, 2U, 3U, 4U}) EXPECT_TRUE(insert(id, 1)) << "another user is not held up";
  EXPECT_EQ(counts.total, 4U);
  EXPECT_EQ(table->size(), 8U);
}

TEST_F(AssociationTableSleep, EndsAllOfThemWithTheTable) {
  start();
  for (const std::uint64_t id : {1U, 2U, 3U}) EXPECT_TRUE(insert(id));
  table->remove_all();
  EXPECT_THAT(removed, UnorderedElementsAre(1U, 2U, 3U));
  EXPECT_EQ(asleep.size(), 3U) << "each told once";
  EXPECT_EQ(table->size(), 0U);
  EXPECT_EQ(counts.total, 0U);
}

TEST_F(AssociationTableSleep, LeavesEveryCountRightWhateverHappens) {
  limits.total = 6;
  limits.of_user = 3;
  limits.idle = limits.idle_dns = 90s;
  start();
  for (int step = 0; step < 3'000; ++step) {
    const std::uint64_t id = 1 + world.below(40);
    const std::size_t user = id % 3;
    if (const auto known = find(id, user)) {
      known->only_dns = known->only_dns && world.chance(500);
      const bool kept = table->touch(*known, env.clock.now());
      EXPECT_EQ(known->awake(), kept);
      if (world.chance(30)) table->remove(*known);
    } else {
      const bool taken = table->insert(make(id, user, world.chance(500)));
      EXPECT_EQ(is_awake(id, user), taken);
    }
    if (world.chance(100)) pass(Duration(1s) * static_cast<int>(world.below(40)));
    std::uint32_t awake[3] = {};
    std::size_t here = 0;
    for (std::uint64_t each = 1; each <= 40; ++each) {
      if (find(each, each % 3) != nullptr) ++here;
      if (is_awake(each, each % 3)) ++awake[each % 3];
    }
    for (std::size_t one = 0; one < 3; ++one) {
      ASSERT_EQ(counts.of_user[one], awake[one]) << step;
      ASSERT_LE(awake[one], limits.of_user);
    }
    const std::uint32_t sum = std::accumulate(std::begin(awake), std::end(awake), 0U);
    ASSERT_EQ(counts.total, sum);
    ASSERT_EQ(gauge.read(), sum);
    ASSERT_LE(sum, limits.total);
    ASSERT_EQ(table->size(), here);
    ASSERT_LE(here - sum, limits.total);
  }
  EXPECT_GT(removed.size(), 50U);
  EXPECT_GT(asleep.size(), removed.size());
}

}  // namespace
}  // namespace ss::server
