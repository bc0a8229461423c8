#include "ss/net/hosts_file.hpp"

#include <gtest/gtest.h>

namespace ss::net {
namespace {

std::string addresses(const HostsFile& file, const std::string& name) {
  const auto* found = file.find(name);
  if (found == nullptr) return "none";
  std::string text;
  for (const IpAddress& address : *found) text += (text.empty() ? "" : " ") + address.to_string();
  return text;
}

TEST(HostsFileParse, GivesEveryNameOfALineItsAddress) {
  const HostsFile file("10.0.0.1 box box.test\tother\n");
  for (const char* name : {"box", "box.test", "other"}) EXPECT_EQ(addresses(file, name), "10.0.0.1") << name;
  EXPECT_EQ(addresses(file, "10.0.0.1"), "none");
}

TEST(HostsFileParse, CollectsTheAddressesOfBothFamiliesInOrder) {
  const HostsFile file("10.0.0.2 box\n::2 box\n10.0.0.1 box\n10.0.0.2 box\n");
  EXPECT_EQ(addresses(file, "box"), "10.0.0.2 ::2 10.0.0.1");
}

TEST(HostsFileParse, LooksAtNoCommentAndNoEmptyLine) {
  const HostsFile file("# 10.0.0.1 a\n\n   \n10.0.0.2 b # c\n10.0.0.3 d#e\n");
  EXPECT_EQ(addresses(file, "a"), "none");
  EXPECT_EQ(addresses(file, "b"), "10.0.0.2");
  EXPECT_EQ(addresses(file, "c"), "none");
  EXPECT_EQ(addresses(file, "d"), "10.0.0.3");
  EXPECT_EQ(addresses(file, "e"), "none");
}

TEST(HostsFileParse, PassesOverLinesWithoutAnAddress) {
  const HostsFile file("box 10.0.0.1\n10.0.0 box\nfe80::1%lo box\n10.0.0.1\n10.0.0.5 good\n");
  EXPECT_EQ(addresses(file, "box"), "none");
  EXPECT_EQ(addresses(file, "good"), "10.0.0.5");
}

TEST(HostsFileParse, PassesOverNamesThatAreNone) {
  const HostsFile file("10.0.0.1 a..b *.test good\n");
  EXPECT_EQ(addresses(file, "good"), "10.0.0.1");
}

TEST(HostsFileParse, KeepsNamesInTheirCanonicalForm) {
  EXPECT_EQ(addresses(HostsFile("10.0.0.1 Box.TEST.\n"), "box.test"), "10.0.0.1");
}

TEST(HostsFileParse, TakesWindowsLineEndsAndAMissingLastOne) {
  const HostsFile file("10.0.0.1 a\r\n  10.0.0.2\tb");
  EXPECT_EQ(addresses(file, "a"), "10.0.0.1");
  EXPECT_EQ(addresses(file, "b"), "10.0.0.2");
}

TEST(HostsFileParse, KnowsNothingOfNothing) {
  EXPECT_EQ(addresses(HostsFile(""), "a"), "none");
}

}  // namespace
}  // namespace ss::net
