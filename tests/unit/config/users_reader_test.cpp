#include "ss/config/users_reader.hpp"

#include <gtest/gtest.h>

#include "unit/config/loading.hpp"

namespace ss::config {
namespace {

/// The list read as a server's users, whatever their passwords.
std::string read(std::string_view list, std::vector<User>* into = nullptr) {
  const JsonDocument document = std::get<JsonDocument>(JsonDocument::parse(list));
  ProblemList problems("c");
  const Environment environment;
  const Lookup lookup({}, environment, problems);
  std::vector<User> users = read_users(document.root(), "users", Scope::server_user, lookup, Programs::server,
                                       [](const Secret&, const JsonValue&, const std::string&) {});
  if (into) *into = std::move(users);
  std::string out;
  for (const Problem& problem : problems.take()) out += problem.text + '\n';
  return out;
}

TEST(ReadUsers, TakesNamesAndPasswords) {
  std::vector<User> users;
  EXPECT_EQ(read(R"([{"name": "a", "password": "x"}, {"name": "b", "password": 5, "disabled": false}])", &users), "");
  ASSERT_EQ(users.size(), 2u);
  EXPECT_EQ(users[0].name, "a");
  EXPECT_EQ(text_of(users[1].password.reveal()), "5");
}

TEST(ReadUsers, LeavesDisabledOnesOutButChecksThem) {
  std::vector<User> users;
  EXPECT_EQ(read(R"([{"name": "a", "password": "x", "disabled": true}])", &users), "");
  EXPECT_TRUE(users.empty());
  EXPECT_EQ(read(R"([{"name": "a", "disabled": true}])"),
            "c:1:2: users[0].password: is missing; write the user's password\n");
}

TEST(ReadUsers, NamesEveryProblemWithItsEntry) {
  EXPECT_EQ(read(R"([{"name": "a", "password": "x"},
{"name": "a", "password": "y"},
{"password": "z"},
{"name": "", "password": "z"},
{"name": 5, "password": true},
{"name": "b", "password": "z", "pasword": "z", "quota": "10 GiB"}])"),
            "c:2:10: users[1].name: is the name of an earlier user too; give each user a name of his own\n"
            "c:3:1: users[2].name: is missing; write a name for the user\n"
            "c:4:10: users[3].name: is empty or longer than 255 bytes; write a shorter name\n"
            "c:5:10: users[4].name: is a number; write a text in double quotes\n"
            "c:5:25: users[4].password: is true or false; write a text in double quotes\n"
            "c:6:32: users[5].pasword: is not a known key; did you mean `password`?\n"
            "c:6:57: users[5].quota: is not supported yet; without it the user would have no such limit; "
            "remove it if that is meant\n");
}

TEST(ReadUsers, RefusesEveryLimit) {
  for (const std::string_view key :
       {"quota", "reset_day", "rate_up", "rate_down", "max_connections", "max_ips", "expires"}) {
    const std::string list = R"([{"name": "a", "password": "x", ")" + std::string(key) + "\": 1}]";
    EXPECT_NE(read(list).find("is not supported yet"), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace ss::config
