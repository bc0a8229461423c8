// The files in config/: refused for their missing keys alone, and complete once these are put in.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "unit/config/loading.hpp"

namespace ss::config {
namespace {

std::string read(const std::string& name) {
  std::ifstream file(SS_EXAMPLES "/" + name);
  EXPECT_TRUE(file) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// `text` with keys in the place of what stands between `<` and `>`.
std::string filled(std::string text) {
  constexpr std::string_view kKeys[] = {kKey32, kOtherKey32, "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8="};
  for (const std::string_view key : kKeys) {
    const std::size_t begin = text.find("\"<");
    if (begin == std::string::npos) break;
    const std::size_t end = text.find(">\"", begin);
    text.replace(begin + 1, end - begin, key);
  }
  return text;
}

TEST(ExampleFiles, SayThatAKeyIsMissing) {
  const std::string fault =
      "is not base64, and 2022-blake3-aes-256-gcm needs a key, not a password of one's own; "
      "`ss-server genkey 2022-blake3-aes-256-gcm` makes one\n";
  EXPECT_EQ(told(server_from(read("server.json"))), "c.json:9:15: password: " + fault);
  EXPECT_EQ(told(local_from(read("local.json"))), "c.json:9:15: password: " + fault);
  EXPECT_EQ(told(server_from(read("server-users.json"))), "c.json:11:15: password: " + fault +
                                                              "c.json:13:35: users[0].password: " + fault +
                                                              "c.json:14:33: users[1].password: " + fault);
}

TEST(ExampleFiles, AreCompleteWithKeys) {
  const Loaded<ServerConfig> server = server_from(filled(read("server.json")));
  const Loaded<ServerConfig> users = server_from(filled(read("server-users.json")));
  const Loaded<LocalConfig> local = local_from(filled(read("local.json")));
  EXPECT_TRUE(server.config && users.config && local.config);
  EXPECT_EQ(told(server) + told(users) + told(local), "");
}

}  // namespace
}  // namespace ss::config
