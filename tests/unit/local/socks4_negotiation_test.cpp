#include "unit/local/http/served.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::local::test {
namespace {

using NegotiateSocks4 = HttpServed;

std::string hex(const std::string& text) {
  return std::string(text_of(protocol::testing::of_hex(text)));
}
const std::string kRequest = hex("04010050c6336401") + std::string("me\0", 3);
const std::string kNamed = hex("0401005000000001") + std::string("me\0a.test\0", 10);
const std::string kGranted = hex("005a000000000000");
const std::string kRejected = hex("005b000000000000");

TEST_F(NegotiateSocks4, UnderstandsEverySplitAndPipelining) {
  for (const std::string& request : {kRequest, kNamed}) {
    const std::string all = request + "payload";
    for (std::size_t cut = 1; cut <= all.size(); ++cut) {
      start();
      say(all.substr(0, cut));
      say(all.substr(cut) + "!");
      EXPECT_EQ(heard(), kGranted) << cut;
      EXPECT_EQ(heard(a), "payload!") << cut;
      renew(a, kA);
    }
  }
}

TEST_F(NegotiateSocks4, RejectsWhatIsNotServed) {
  for (const std::string& request :
       {hex("04020050c633640100"), hex("04030050c6336401"), hex("04010000c633640100"), hex("040100500000000000"),
        hex("04010050000000010000"), hex("04010050c6336401") + std::string(256, 'u')}) {
    start();
    say(request);
    EXPECT_EQ(heard(), kRejected);
    EXPECT_TRUE(client->heard_end());
    EXPECT_EQ(dialled(), 0U);
  }
}

TEST_F(NegotiateSocks4, RejectsEverybodyWhereThereAreUsers) {
  rules.users.push_back({"me", Secret(bytes_of(""))});
  start();
  say(kRequest);
  EXPECT_EQ(heard(), kRejected);
  EXPECT_EQ(dialled(), 0U);
}

TEST_F(NegotiateSocks4, SaysThatTheTargetCannotBeReached) {
  start();
  say(hex("04010050c633640900"));
  EXPECT_EQ(heard(), kRejected);
  EXPECT_TRUE(client->heard_end());
}

TEST_F(NegotiateSocks4, IsNotSpokenWhereTheListenerDoesNot) {
  rules.socks = false;
  start();
  say(kRequest);
  EXPECT_FALSE(served());
  EXPECT_EQ(heard(), "");
}

}  // namespace
}  // namespace ss::local::test
