#include "ss/relay/target_policy.hpp"

#include <gtest/gtest.h>

namespace ss::relay {
namespace {

using Named = TargetPolicy::Named;

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

std::vector<TargetRule> rules(std::initializer_list<std::string_view> texts) {
  std::vector<TargetRule> all;
  for (const std::string_view text : texts) all.push_back(*TargetRule::parse(text));
  return all;
}

TEST(TargetPolicyJudge, AllowsPublicAddressesByDefault) {
  const TargetPolicy policy({}, {}, {});
  for (const char* address : {"93.184.216.34", "1.1.1.1", "2606:2800:220:1::1", "::ffff:93.184.216.34"}) {
    EXPECT_TRUE(policy.judge(ip(address)).allowed) << address;
    EXPECT_EQ(policy.judge(ip(address)).reason, "") << address;
  }
}

TEST(TargetPolicyJudge, RefusesEverythingElseByDefaultAndNamesTheEntryThatWouldOpenIt) {
  const TargetPolicy policy({}, {}, {});
  for (const char* address : {"0.0.0.0",
                              "0.1.2.3",
                              "10.0.0.1",
                              "100.64.0.1",
                              "127.0.0.1",
                              "127.255.255.255",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.1",
                              "192.0.2.1",
                              "192.88.99.1",
                              "192.168.1.1",
                              "198.18.0.1",
                              "198.19.255.255",
                              "198.51.100.1",
                              "203.0.113.1",
                              "224.0.0.1",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "fe80::1",
                              "fec0::1",
                              "fc00::1",
                              "fd12::1",
                              "ff02::1",
                              "100::1",
                              "2001:db8::1",
                              "64:ff9b:1::1",
                              "::ffff:127.0.0.1",
                              "::127.0.0.1",
                              "64:ff9b::10.0.0.1",
                              "2002:7f00:1::1"}) {
    const TargetPolicy::Verdict verdict = policy.judge(ip(address));
    EXPECT_FALSE(verdict.allowed) << address;
    const std::string opening = "\"allow_targets\": [\"" + ip(address).to_string() + "\"]";
    EXPECT_NE(verdict.reason.find(opening), std::string::npos) << verdict.reason;
    const TargetPolicy opened({*TargetRule::parse(ip(address).to_string())}, {}, {});
    EXPECT_TRUE(opened.judge(ip(address)).allowed) << "the entry that was named opens " << address;
  }
}

TEST(TargetPolicyJudge, RefusesOwnAddressesInEverySpelling) {
  const TargetPolicy policy({}, {}, {ip("93.184.216.34"), ip("2606:2800:220:1::1")});
  for (const char* address :
       {"93.184.216.34", "::ffff:93.184.216.34", "64:ff9b::93.184.216.34", "2606:2800:220:1::1"}) {
    const TargetPolicy::Verdict verdict = policy.judge(ip(address));
    EXPECT_FALSE(verdict.allowed) << address;
    EXPECT_NE(verdict.reason.find("own address"), std::string::npos) << verdict.reason;
  }
  EXPECT_TRUE(policy.judge(ip("93.184.216.35")).allowed);
}

TEST(TargetPolicyJudge, OpensWhatAllowNamesAndNoMore) {
  const TargetPolicy policy(rules({"10.1.0.0/16", "fd00::/8"}), {}, {ip("10.1.0.7")});
  EXPECT_TRUE(policy.judge(ip("10.1.2.3")).allowed);
  EXPECT_TRUE(policy.judge(ip("::ffff:10.1.2.3")).allowed);
  EXPECT_TRUE(policy.judge(ip("fd12::1")).allowed);
  EXPECT_TRUE(policy.judge(ip("10.1.0.7")).allowed) << "an own address too";
  EXPECT_FALSE(policy.judge(ip("10.2.0.1")).allowed);
  EXPECT_FALSE(policy.judge(ip("127.0.0.1")).allowed);
  EXPECT_TRUE(policy.judge(ip("93.184.216.34")).allowed) << "it does not close what is open";
}

TEST(TargetPolicyJudge, LetsDenyWinOverAllow) {
  const TargetPolicy policy(rules({"10.0.0.0/8", "93.184.216.0/24"}), rules({"10.0.0.1", "93.184.216.34"}), {});
  EXPECT_FALSE(policy.judge(ip("10.0.0.1")).allowed);
  EXPECT_FALSE(policy.judge(ip("::ffff:10.0.0.1")).allowed);
  EXPECT_FALSE(policy.judge(ip("93.184.216.34")).allowed);
  EXPECT_NE(policy.judge(ip("93.184.216.34")).reason.find("deny_targets"), std::string::npos);
  EXPECT_TRUE(policy.judge(ip("10.0.0.2")).allowed);
}

TEST(TargetPolicyJudgeName, GoesByPatternsAndLetsDenyWin) {
  const TargetPolicy policy(rules({"*.example.com", "intranet"}), rules({"bad.example.com", "*.evil.test"}), {});
  EXPECT_EQ(policy.judge_name("www.example.com"), Named::allowed);
  EXPECT_EQ(policy.judge_name("WWW.Example.COM."), Named::allowed);
  EXPECT_EQ(policy.judge_name("intranet"), Named::allowed);
  EXPECT_EQ(policy.judge_name("example.com"), Named::by_address);
  EXPECT_EQ(policy.judge_name("notexample.com"), Named::by_address);
  EXPECT_EQ(policy.judge_name("bad.example.com"), Named::denied);
  EXPECT_EQ(policy.judge_name("x.evil.test"), Named::denied);
  EXPECT_EQ(policy.judge_name("evil.test"), Named::by_address);
}

TEST(TargetPolicyJudgeName, LeavesItToTheAddressesWhereNoRuleNamesIt) {
  const TargetPolicy policy(rules({"10.0.0.0/8"}), rules({"192.0.2.0/24"}), {});
  EXPECT_EQ(policy.judge_name("anything.test"), Named::by_address);
  EXPECT_FALSE(policy.judge(ip("127.0.0.1"), Named::by_address).allowed);
  EXPECT_TRUE(policy.judge(ip("10.0.0.1"), Named::by_address).allowed);
}

TEST(TargetPolicyJudge, OpensTheAddressesOfAnAllowedNameButThoseThatDenyNames) {
  const TargetPolicy policy(rules({"intranet"}), rules({"10.0.0.66"}), {ip("10.0.0.1")});
  EXPECT_TRUE(policy.judge(ip("10.0.0.5"), Named::allowed).allowed);
  EXPECT_TRUE(policy.judge(ip("10.0.0.1"), Named::allowed).allowed);
  EXPECT_FALSE(policy.judge(ip("10.0.0.66"), Named::allowed).allowed);
  EXPECT_FALSE(policy.judge(ip("10.0.0.5"), Named::by_address).allowed) << "not without the name";
}

TEST(TargetPolicyJudge, RefusesEveryAddressOfADeniedName) {
  const TargetPolicy policy(rules({"0.0.0.0/0"}), {}, {});
  const TargetPolicy::Verdict verdict = policy.judge(ip("93.184.216.34"), Named::denied);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_NE(verdict.reason.find("deny_targets"), std::string::npos);
}

}  // namespace
}  // namespace ss::relay
