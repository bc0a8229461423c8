#include "known_user.hpp"

#include <gtest/gtest.h>

#include "ss/cipher/base64.hpp"

namespace ss::local {
namespace {

std::vector<SocksUser> users() {
  std::vector<SocksUser> users;
  users.push_back({"alice", Secret(bytes_of("won:der"))});
  users.push_back({"bob", Secret(bytes_of("builder"))});
  return users;
}
bool knows(std::string_view pair) {
  return is_known_user(users(), "Basic " + cipher::base64(bytes_of(pair)));
}

TEST(IsKnownUser, AsksForNameAndPasswordOfOneUser) {
  EXPECT_TRUE(is_known_user(users(), bytes_of("bob"), bytes_of("builder")));
  EXPECT_FALSE(is_known_user(users(), bytes_of("bob"), bytes_of("won:der")));
  EXPECT_FALSE(is_known_user(users(), bytes_of("Bob"), bytes_of("builder")));
  EXPECT_FALSE(is_known_user(users(), bytes_of("bob"), bytes_of("builder ")));
  EXPECT_FALSE(is_known_user({}, bytes_of(""), bytes_of("")));
}

TEST(IsKnownUser, TakesBasicCredentials) {
  EXPECT_TRUE(knows("bob:builder"));
  EXPECT_TRUE(knows("alice:won:der")) << "a name has no colon, a password may";
  EXPECT_TRUE(is_known_user(users(), "bAsIc   Ym9iOmJ1aWxkZXI="));
  EXPECT_TRUE(is_known_user(users(), "Basic Ym9iOmJ1aWxkZXI")) << "padding may be missing";
  for (const char* pair : {"bob", "bobbuilder", "bob:", ":builder", ":", "", "carol:builder", "bob:builder:"}) {
    EXPECT_FALSE(knows(pair)) << pair;
  }
  for (const char* credentials :
       {"", "Basic", "Basic ", "Basic !", "Bearer Ym9iOmJ1aWxkZXI=", "BasicYm9iOmJ1aWxkZXI=", "Ym9iOmJ1aWxkZXI="}) {
    EXPECT_FALSE(is_known_user(users(), credentials)) << credentials;
  }
}

}  // namespace
}  // namespace ss::local
