#include "ss/relay/connect.hpp"

#include <cerrno>

#include "unit/relay/fixture.hpp"

namespace ss::relay::test {
namespace {

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

/// Answers as it was told, after a second; a name that it was not told of is never answered.
class FakeResolver final : public net::Resolver {
 public:
  explicit FakeResolver(sim::World& world) : world_(world) {}
  bool start(const std::string& name, net::Family family, net::Query& query, net::ResolveAnswer&) override {
    asked.push_back(name);
    const auto found = answers.find(name);
    if (found == answers.end()) {
      unanswered_.push_back(&query);
      return false;
    }
    net::ResolveAnswer answer{found->second.status, {}};
    for (const IpAddress& address : found->second.addresses) {
      if (address.is_v4() == (family == net::Family::v4)) answer.addresses.push_back(address);
    }
    if (found->second.status == net::ResolveStatus::found && answer.addresses.empty())
      answer.status = net::ResolveStatus::not_found;
    world_.after(1s, [&query, answer] { query.complete(answer); });
    return false;
  }
  ~FakeResolver() override {
    for (net::Query* query : unanswered_) query->complete({});
  }

  std::map<std::string, net::ResolveAnswer> answers;
  std::vector<std::string> asked;

 private:
  sim::World& world_;
  std::vector<net::Query*> unanswered_;
};

class Connect : public Fixture {
 protected:
  void start(const TargetAddress& to, std::function<bool(const IpAddress&)> allowed = nullptr) {
    node.spawner().spawn(run(to, std::move(allowed)));
  }
  net::Task<> run(TargetAddress to, std::function<bool(const IpAddress&)> allowed) {
    net::DialResult dialled = co_await connect(own_env, session, to, {}, false, std::move(allowed));
    result = std::move(dialled);
    at = now();
  }

  FakeResolver resolver{world};
  Environment own_env{env.timers,   env.spawner,    env.dialer,   env.datagrams, env.acceptors,        resolver,
                      env.clock,    env.entropy,    env.keys,     env.scratch,   env.datagram_scratch, env.sessions,
                      env.counters, env.held_total, env.throttles};
  LiveSession session{sessions};
  std::optional<net::DialResult> result;
  std::optional<Duration> at;
};

TEST_F(Connect, DialsAnAddressAsItStands) {
  const auto target = listener({ip("93.184.216.34"), 80});
  start({ip("93.184.216.34"), 80});
  pass(1s);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->cause, net::DialCause::connected);
  EXPECT_EQ(result->bound.address, ip("203.0.113.9"));
  EXPECT_TRUE(target->connected());
  EXPECT_TRUE(resolver.asked.empty());
  EXPECT_EQ(session.dial, nullptr);
}

TEST_F(Connect, DialsAMappedAddressAsTheOneInside) {
  const auto target = listener({ip("93.184.216.34"), 80});
  start({ip("::ffff:93.184.216.34"), 80});
  pass(1s);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->cause, net::DialCause::connected);
}

TEST_F(Connect, GoesToTheAddressesThatWereJudgedAndToNoOther) {
  resolver.answers["mixed.test"] = {net::ResolveStatus::found, {ip("10.0.0.1"), ip("93.184.216.34"), ip("fd00::1")}};
  const auto target = listener({ip("93.184.216.34"), 443});
  std::vector<IpAddress> judged;
  start(*TargetAddress::make("mixed.test", 443), [&](const IpAddress& address) {
    judged.push_back(address);
    return address == ip("93.184.216.34");
  });
  pass(5s);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->cause, net::DialCause::connected);
  EXPECT_EQ(judged.size(), 3U);
  EXPECT_EQ(dialer.begun, std::vector<Endpoint>({{ip("93.184.216.34"), 443}}));
  EXPECT_EQ(resolver.asked, std::vector<std::string>({"mixed.test", "mixed.test"}))
      << "one question a family, no second look-up";
}

TEST_F(Connect, IsDeniedWhereNoAddressIsAllowed) {
  resolver.answers["inner.test"] = {net::ResolveStatus::found, {ip("10.0.0.1"), ip("127.0.0.1")}};
  start(*TargetAddress::make("inner.test", 80), [](const IpAddress&) { return false; });
  pass(5s);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->cause, net::DialCause::denied);
  EXPECT_TRUE(dialer.begun.empty());
}

TEST_F(Connect, JudgesAnAddressThatWasGivenAsOne) {
  start({ip("10.0.0.1"), 80}, [](const IpAddress&) { return false; });
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->cause, net::DialCause::denied);
  EXPECT_TRUE(dialer.begun.empty());
}

TEST_F(Connect, TellsANameThatIsNotThereFromServersThatDoNotAnswer) {
  const std::pair<net::ResolveStatus, net::DialCause> wanted[] = {
      {net::ResolveStatus::not_found, net::DialCause::name_not_found},
      {net::ResolveStatus::failed, net::DialCause::name_failed},
      {net::ResolveStatus::timed_out, net::DialCause::name_failed},
      {net::ResolveStatus::refused, net::DialCause::name_failed},
  };
  for (const auto& [status, cause] : wanted) {
    resolver.answers["x.test"] = {status, {}};
    result.reset();
    start(*TargetAddress::make("x.test", 80));
    pass(5s);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->cause, cause);
  }
}

TEST_F(Connect, SaysWhyTheDialFailed) {
  const std::pair<int, net::DialCause> wanted[] = {{EHOSTUNREACH, net::DialCause::host_unreachable},
                                                   {ENETUNREACH, net::DialCause::network_unreachable},
                                                   {ECONNREFUSED, net::DialCause::refused}};
  for (const auto& [error, cause] : wanted) {
    dialer.fails[{ip("93.184.216.34"), 80}] = error;
    start({ip("93.184.216.34"), 80});
    pass(1s);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->cause, cause);
    EXPECT_EQ(result->error, error);
    result.reset();
  }
}

TEST_F(Connect, GivesTheDialItsOwnDeadlineBehindTheNames) {
  resolver.answers["slow.test"] = {net::ResolveStatus::found, {ip("93.184.216.34")}};
  dialer.silent = Endpoint{ip("93.184.216.34"), 80};
  start(*TargetAddress::make("slow.test", 80));
  pass(30s);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->cause, net::DialCause::timed_out);
  expect_at(at, 11s);
}

TEST_F(Connect, EndsSoonWhenTheSessionIsStoppedDuringTheLookUp) {
  start(*TargetAddress::make("never.test", 80));
  pass(1s);
  EXPECT_FALSE(result.has_value());
  session.stop();
  EXPECT_FALSE(result.has_value());
  pass(kLate);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->cause, net::DialCause::cancelled);
}

TEST_F(Connect, EndsSoonWhenTheSessionIsStoppedDuringTheDial) {
  dialer.silent = Endpoint{ip("93.184.216.34"), 80};
  start({ip("93.184.216.34"), 80});
  pass(1s);
  EXPECT_FALSE(result.has_value());
  session.stop();
  pass(kLate);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->cause, net::DialCause::cancelled);
}

TEST_F(Connect, DialsNothingForASessionThatIsStoppedAlready) {
  session.stop();
  start({ip("93.184.216.34"), 80});
  start(*TargetAddress::make("never.test", 80));
  pass(kLate);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->cause, net::DialCause::cancelled);
  EXPECT_TRUE(dialer.begun.empty());
  EXPECT_TRUE(resolver.asked.empty());
}

}  // namespace
}  // namespace ss::relay::test
