#include "ss/net/ares_resolver.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "dns_server.hpp"

namespace ss::net::test {
namespace {

using namespace std::chrono_literals;

/// Answers A questions with one address, everything else with "no such name"; `ttl` seconds.
DnsServer::Script always(const char* address, std::uint32_t ttl = 3600) {
  return [=](const DnsQuestion& question) {
    if (question.type != kA) return std::vector<ByteVector>{reply_to(question, {}, 3)};
    return std::vector<ByteVector>{reply_to(question, {record_of(address, ttl)})};
  };
}

std::vector<ByteVector> silence(const DnsQuestion&) {
  return {};
}

/// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "resolver-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  /// Puts a file in place as programs do: whole, under another name first.
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(path_ / "new") << text;
    std::filesystem::rename(path_ / "new", path_ / name);
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

TEST(AresResolverStart, AnswersFromItsCacheWithoutAsking) {
  DnsServer server(always("192.0.2.1"));
  ResolverRig rig(options_for(server));
  EXPECT_EQ(text_of(rig.ask("name.test")), "found 192.0.2.1");
  EXPECT_FALSE(rig.at_once());
  for (const char* spelling : {"name.test", "NAME.test", "name.test."}) {
    EXPECT_EQ(text_of(rig.ask(spelling)), "found 192.0.2.1") << spelling;
    EXPECT_TRUE(rig.at_once()) << spelling;
  }
  EXPECT_EQ(server.asked(), 1);
}

TEST(AresResolverStart, AsksForEachFamilyByItself) {
  DnsServer server(always("192.0.2.1"));
  ResolverRig rig(options_for(server));
  EXPECT_EQ(text_of(rig.ask("name.test", Family::v6)), "not_found");
  EXPECT_EQ(text_of(rig.ask("name.test", Family::v4)), "found 192.0.2.1");
  EXPECT_EQ(server.asked(), 2);
}

TEST(AresResolverStart, KeepsThatANameDoesNotExist) {
  DnsServer server(always("192.0.2.1"));
  ResolverRig rig(options_for(server));
  EXPECT_EQ(text_of(rig.ask("name.test", Family::v6)), "not_found");
  EXPECT_EQ(text_of(rig.ask("name.test", Family::v6)), "not_found");
  EXPECT_TRUE(rig.at_once());
  EXPECT_EQ(server.asked(), 1);
}

TEST(AresResolverStart, KeepsNoAnswerWhoseTimeIsZero) {
  DnsServer server(always("192.0.2.1", 0));
  ResolverRig rig(options_for(server));
  rig.ask("name.test");
  EXPECT_EQ(text_of(rig.ask("name.test")), "found 192.0.2.1");
  EXPECT_EQ(server.asked(), 2);
}

TEST(AresResolverStart, KeepsNoFailure) {
  std::atomic<bool> broken{true};
  DnsServer server([&](const DnsQuestion& question) {
    return std::vector<ByteVector>{broken ? reply_to(question, {}, 2) : reply_to(question, {record_of("192.0.2.1")})};
  });
  ResolverRig rig(options_for(server));
  EXPECT_EQ(text_of(rig.ask("name.test")), "failed");
  broken = false;
  EXPECT_EQ(text_of(rig.ask("name.test")), "found 192.0.2.1");
}

TEST(AresResolverStart, AsksEveryTimeWithoutACache) {
  DnsServer server(always("192.0.2.1"));
  ResolverOptions options = options_for(server);
  options.use_cache = false;
  ResolverRig rig(options);
  rig.ask("name.test");
  rig.ask("name.test");
  EXPECT_FALSE(rig.at_once());
  EXPECT_EQ(server.asked(), 2);
}

TEST(AresResolverStart, KnowsLocalhostWithoutAsking) {
  DnsServer server(always("192.0.2.1"));
  ResolverRig rig(options_for(server));
  for (const char* name : {"localhost", "LocalHost.", "a.localhost", "a.b.localhost."}) {
    EXPECT_EQ(text_of(rig.ask(name, Family::v4)), "found 127.0.0.1") << name;
    EXPECT_EQ(text_of(rig.ask(name, Family::v6)), "found ::1") << name;
  }
  EXPECT_EQ(server.asked(), 0);
  EXPECT_EQ(text_of(rig.ask("notlocalhost")), "found 192.0.2.1");
}

TEST(AresResolverStart, AsksNobodyForNamesThatCannotBe) {
  DnsServer server(always("192.0.2.1"));
  ResolverRig rig(options_for(server));
  for (const char* name : {"", ".", "a..b", ".a", "a b", "a/b", "caf\xc3\xa9.test", "[::1", "a\\.b"}) {
    EXPECT_EQ(text_of(rig.ask(name)), "not_found") << name;
    EXPECT_TRUE(rig.at_once());
  }
  EXPECT_EQ(server.asked(), 0);
}

TEST(AresResolverStart, BelievesTheHostsFileAndSeesItChange) {
  Folder folder;
  DnsServer server(always("192.0.2.1"));
  ResolverOptions options = options_for(server);
  options.hosts = folder.write("hosts", "10.0.0.1 box.test\n");
  options.look_every = 0s;
  ResolverRig rig(options);
  EXPECT_EQ(text_of(rig.ask("box.test")), "found 10.0.0.1");
  EXPECT_EQ(text_of(rig.ask("box.test", Family::v6)), "not_found");
  EXPECT_EQ(server.asked(), 0);

  folder.write("hosts", "10.0.0.2 box.test\n");
  EXPECT_EQ(text_of(rig.ask("box.test")), "found 10.0.0.2");
}

TEST(AresResolverStart, LooksAtItsFilesOnlyOnceInAWhile) {
  Folder folder;
  DnsServer server(always("192.0.2.1"));
  ResolverOptions options = options_for(server);
  options.hosts = folder.write("hosts", "10.0.0.1 box.test\n");
  options.look_every = 1h;
  ResolverRig rig(options);
  EXPECT_EQ(text_of(rig.ask("box.test")), "found 10.0.0.1");
  folder.write("hosts", "10.0.0.2 box.test\n");
  EXPECT_EQ(text_of(rig.ask("box.test")), "found 10.0.0.1");
}

TEST(AresResolverStart, TakesNamesAsAbsoluteWhateverTheSearchList) {
  Folder folder;
  DnsServer server([](const DnsQuestion& question) {
    const bool absolute = question.name == "intranet" || question.name == "a.b";
    return std::vector<ByteVector>{absolute ? reply_to(question, {}, 3) : reply_to(question, {record_of("192.0.2.1")})};
  });
  ResolverOptions options = options_for(server);
  options.resolv_conf = folder.write("resolv.conf", "search example.org\noptions ndots:3\n");
  ResolverRig rig(options);
  EXPECT_EQ(text_of(rig.ask("intranet")), "not_found");
  EXPECT_EQ(text_of(rig.ask("a.b")), "not_found");
  EXPECT_EQ(server.asked(), 2);
}

TEST(AresResolverStart, TurnsToOtherServersWhenResolvConfChanges) {
  // The file has no ports, so the servers need the real one.
  DnsServer first(always("192.0.2.1"), "127.0.0.53", 53);
  DnsServer second(always("192.0.2.2"), "127.0.0.54", 53);
  if (!first.ready() || !second.ready()) GTEST_SKIP() << "port 53 cannot be had";
  Folder folder;
  ResolverOptions options;
  options.hosts = "/nonexistent/hosts";
  options.resolv_conf = folder.write("resolv.conf", "search example.org\nnameserver 127.0.0.53\n");
  options.look_every = 0s;
  ResolverRig rig(options);
  EXPECT_EQ(text_of(rig.ask("name")), "found 192.0.2.1");
  folder.write("resolv.conf", "nameserver 127.0.0.54\n");
  EXPECT_EQ(text_of(rig.ask("name")), "found 192.0.2.2") << "the old answer was kept over the change";
}

TEST(AresResolverStart, EndsQuestionsToTheFormerServers) {
  DnsServer silent(silence, "127.0.0.53", 53);
  DnsServer second(always("192.0.2.2"), "127.0.0.54", 53);
  if (!silent.ready() || !second.ready()) GTEST_SKIP() << "port 53 cannot be had";
  Folder folder;
  ResolverOptions options;
  options.hosts = "/nonexistent/hosts";
  options.resolv_conf = folder.write("resolv.conf", "nameserver 127.0.0.53\n");
  options.look_every = 0s;
  options.deadline = 300ms;
  ResolverRig rig(options);
  std::vector<std::unique_ptr<Expected>> askers;
  auto former = rig.start(askers, {{"slow.test", Family::v4}});
  folder.write("resolv.conf", "nameserver 127.0.0.54\n");
  EXPECT_EQ(text_of(rig.ask("name.test")), "found 192.0.2.2");
  EXPECT_EQ(text_of(former[0].get()), "timed_out");
}

TEST(AresResolverStart, SharesEqualQuestions) {
  std::promise<void> all_started;
  std::shared_future<void> go = all_started.get_future().share();
  DnsServer server([&](const DnsQuestion& question) {
    go.wait();
    return std::vector<ByteVector>{reply_to(question, {record_of("192.0.2.1", 0)})};
  });
  ResolverRig rig(options_for(server));
  std::vector<std::unique_ptr<Expected>> askers;
  auto answers = rig.start(askers, {{"name.test", Family::v4}, {"NAME.test.", Family::v4}, {"name.test", Family::v4}});
  all_started.set_value();
  for (auto& answer : answers) EXPECT_EQ(text_of(answer.get()), "found 192.0.2.1");
  EXPECT_EQ(server.asked(), 1);
}

TEST(AresResolverStart, EndsByItsDeadlineWhereNobodyAnswers) {
  DnsServer server(silence);
  ResolverOptions options = options_for(server);
  options.deadline = 100ms;
  ResolverRig rig(options);
  EXPECT_EQ(text_of(rig.ask("name.test")), "timed_out");
  EXPECT_EQ(text_of(rig.ask("name.test")), "timed_out") << "asked anew after the deadline";
}

TEST(AresResolverStart, LeavesOtherQuestionsAloneWhileOneIsUnanswered) {
  DnsServer server([](const DnsQuestion& question) {
    if (question.name == "slow.test") return silence(question);
    return std::vector<ByteVector>{reply_to(question, {record_of("192.0.2.1")})};
  });
  ResolverRig rig(options_for(server));
  std::vector<std::unique_ptr<Expected>> askers;
  auto slow = rig.start(askers, {{"slow.test", Family::v4}});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(text_of(rig.ask("n" + std::to_string(i) + ".test")), "found 192.0.2.1");
  EXPECT_EQ(slow[0].wait_for(0s), std::future_status::timeout);
  rig.drop_resolver();
  EXPECT_EQ(text_of(slow[0].get()), "failed");
}

TEST(AresResolverStart, RefusesWhatIsOverTheLimitOfTheProcess) {
  DnsServer server(silence);
  ResolverRig rig(options_for(server));
  ResolverRig other(options_for(server));
  std::vector<std::pair<std::string, Family>> questions;
  for (unsigned i = 0; i < ResolverOptions{}.max_questions; ++i)
    questions.emplace_back("n" + std::to_string(i) + ".test", Family::v4);
  std::vector<std::unique_ptr<Expected>> askers;
  auto answers = rig.start(askers, questions);
  EXPECT_EQ(text_of(rig.ask("more.test")), "refused");
  EXPECT_TRUE(rig.at_once());
  EXPECT_EQ(text_of(other.ask("more.test")), "refused") << "the limit is the process's";
  EXPECT_EQ(text_of(rig.ask("localhost")), "found 127.0.0.1");
  rig.drop_resolver();
  for (auto& answer : answers) EXPECT_EQ(text_of(answer.get()), "failed");
}

TEST(AresResolverStart, GivesPlacesBackWhenQuestionsEnd) {
  DnsServer server(always("192.0.2.1"));
  ResolverRig rig(options_for(server));
  for (unsigned i = 0; i < ResolverOptions{}.max_questions + 10; ++i) {
    ASSERT_EQ(text_of(rig.ask("n" + std::to_string(i) + ".test")), "found 192.0.2.1") << i;
  }
}

TEST(AresResolverDestroy, TellsEverybodyWhoWaits) {
  DnsServer server(silence);
  ResolverRig rig(options_for(server));
  std::vector<std::unique_ptr<Expected>> askers;
  auto answers = rig.start(
      askers, {{"a.test", Family::v4}, {"a.test", Family::v4}, {"b.test", Family::v6}, {"c.test", Family::v4}});
  rig.drop_resolver();
  for (auto& answer : answers) EXPECT_EQ(text_of(answer.get()), "failed");
}

}  // namespace
}  // namespace ss::net::test
