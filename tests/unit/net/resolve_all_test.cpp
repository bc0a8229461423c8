#include "ss/net/resolve_all.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "clockwork.hpp"
#include "ss/net/spawner.hpp"

namespace ss::net {
namespace {

using namespace std::chrono_literals;
using test::Clockwork;

const IpAddress kV4(IpAddress::V4{192, 0, 2, 1});
const IpAddress kV6(IpAddress::V6{0x20, 0x01, 0x0d, 0xb8});

/// Holds questions until the test answers them, or answers at once.
class HeldResolver final : public Resolver {
 public:
  ~HeldResolver() override {
    for (auto& [family, query] : asked) query->complete({ResolveStatus::failed, {}});
  }
  bool start(const std::string& name, Family family, Query& query, ResolveAnswer& answer) override {
    names.push_back(name);
    if (const auto known = at_once.find(family); known != at_once.end()) {
      answer = known->second;
      return true;
    }
    asked[family] = &query;
    return false;
  }
  void answer(Family family, ResolveAnswer with) {
    const auto node = asked.extract(family);
    node.mapped()->complete(std::move(with));
  }

  std::map<Family, Query*> asked;
  std::map<Family, ResolveAnswer> at_once;
  std::vector<std::string> names;
};

struct ResolveAllTest : testing::Test {
  Clockwork works;
  HeldResolver resolver;
  DialControl control;
  std::optional<ResolveAnswer> result;
  std::unique_ptr<Spawner> spawner = std::make_unique<Spawner>();

  Task<> store(Task<ResolveAnswer> task) {
    ResolveAnswer got = co_await task;
    result.emplace(std::move(got));
  }
  void begin(ResolveOptions options = {}) {
    spawner->spawn(store(resolve_all(resolver, works.timers, "example.com", options, &control)));
  }
};
using ResolveAll = ResolveAllTest;

TEST_F(ResolveAll, AsksForBothFamiliesAtOnce) {
  begin();
  EXPECT_EQ(resolver.asked.size(), 2U);
  resolver.answer(Family::v4, {ResolveStatus::found, {kV4}});
  EXPECT_FALSE(result);
  resolver.answer(Family::v6, {ResolveStatus::found, {kV6}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, ResolveStatus::found);
  EXPECT_EQ(result->addresses, (std::vector<IpAddress>{kV6, kV4}));
  EXPECT_EQ(resolver.names, (std::vector<std::string>{"example.com", "example.com"}));
}

TEST_F(ResolveAll, EndsAtOnceWhereBothAreKnown) {
  resolver.at_once[Family::v4] = {ResolveStatus::found, {kV4}};
  resolver.at_once[Family::v6] = {ResolveStatus::not_found, {}};
  begin();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->addresses, (std::vector<IpAddress>{kV4}));
}

TEST_F(ResolveAll, WaitsFiftyMillisecondsForTheSlowerFamily) {
  begin();
  works.advance(1s);
  resolver.answer(Family::v4, {ResolveStatus::found, {kV4}});
  works.advance(49ms);
  EXPECT_FALSE(result);
  works.advance(1ms);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->addresses, (std::vector<IpAddress>{kV4}));
  // The late answer finds nobody and harms nobody.
  resolver.answer(Family::v6, {ResolveStatus::found, {kV6}});
  EXPECT_EQ(spawner->live(), 0U);
}

TEST_F(ResolveAll, WaitsForTheOtherFamilyWhereOneHasNothing) {
  begin();
  resolver.answer(Family::v6, {ResolveStatus::not_found, {}});
  works.advance(4s);
  EXPECT_FALSE(result);
  resolver.answer(Family::v4, {ResolveStatus::found, {kV4}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, ResolveStatus::found);
}

TEST_F(ResolveAll, SaysNotFoundOnlyWhereNoFamilyFailed) {
  begin();
  resolver.answer(Family::v6, {ResolveStatus::not_found, {}});
  resolver.answer(Family::v4, {ResolveStatus::not_found, {}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, ResolveStatus::not_found);
  result.reset();
  begin();
  resolver.answer(Family::v6, {ResolveStatus::timed_out, {}});
  resolver.answer(Family::v4, {ResolveStatus::not_found, {}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, ResolveStatus::timed_out);
}

TEST_F(ResolveAll, LeavesAFamilyOut) {
  begin({true, false, 50ms});
  EXPECT_EQ(resolver.asked.size(), 1U);
  resolver.answer(Family::v4, {ResolveStatus::found, {kV4}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, ResolveStatus::found);
}

TEST_F(ResolveAll, EndsSoonAfterACancel) {
  begin();
  control.cancel();
  EXPECT_FALSE(result);
  works.advance(0s);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, ResolveStatus::failed);
  resolver.answer(Family::v4, {ResolveStatus::found, {kV4}});
  resolver.answer(Family::v6, {ResolveStatus::found, {kV6}});
}

TEST_F(ResolveAll, MayBeDestroyedWhileItWaits) {
  begin();
  spawner.reset();
  resolver.answer(Family::v4, {ResolveStatus::found, {kV4}});
  EXPECT_FALSE(result);
  // The other question is answered by the resolver's end.
}

TEST_F(ResolveAll, AsksNothingAfterACancel) {
  control.cancel();
  begin();
  ASSERT_TRUE(result);
  EXPECT_TRUE(resolver.names.empty());
}

Task<> ask_one(Resolver& resolver, std::optional<ResolveAnswer>& into) {
  const std::string name = "one.example";
  ResolveAnswer got = co_await resolve(resolver, name, Family::v4);
  into.emplace(std::move(got));
}

TEST(Resolve, GivesAnAnswerThatIsThereAndOneThatComes) {
  HeldResolver resolver;
  Spawner spawner;
  std::optional<ResolveAnswer> answer;
  spawner.spawn(ask_one(resolver, answer));
  EXPECT_FALSE(answer);
  resolver.answer(Family::v4, {ResolveStatus::found, {kV4}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->addresses.size(), 1U);

  answer.reset();
  resolver.at_once[Family::v4] = {ResolveStatus::not_found, {}};
  spawner.spawn(ask_one(resolver, answer));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, ResolveStatus::not_found);
}

}  // namespace
}  // namespace ss::net
