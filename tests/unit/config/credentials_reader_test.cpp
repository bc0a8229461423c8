#include <gtest/gtest.h>

#include "ss/config/settings_reader.hpp"
#include "unit/config/loading.hpp"

namespace ss::config {
namespace {

/// A server's configuration with these credentials on an address that is not loopback.
std::string server(std::string_view credentials) {
  return R"({"server": "0.0.0.0", "server_port": 1, )" + std::string(credentials) + "}";
}
std::string local(std::string_view credentials) {
  return R"({"server": "192.0.2.1", "server_port": 1, )" + std::string(credentials) + "}";
}

constexpr std::string_view kStrong = "k7Qz2vRm9XwL4tPc";

TEST(ReadCredentials, TakesLibevsDefaultMethodAndSaysSo) {
  const Loaded<LocalConfig> loaded = local_from(local(R"("password": "k7Qz2vRm9XwL4tPc")"));
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->servers.front().credentials.method->name, "chacha20-ietf-poly1305");
  EXPECT_EQ(told(loaded),
            "warning: c.json:1:1: method: is not written, so chacha20-ietf-poly1305 is used as in shadowsocks-libev; "
            "write it\n");
}

TEST(ReadCredentials, NeedsAPassword) {
  EXPECT_EQ(told(server_from(server(R"("method": "aes-256-gcm")"))),
            "c.json:1:1: password: is missing; `ss-server genkey aes-256-gcm` makes one\n");
  EXPECT_EQ(told(local_from(local(R"("method": "aes-256-gcm", "password": null)"))),
            "c.json:1:1: password: is missing; write the server's password or key, or give it by --key-file or "
            "$SS_PASSWORD\n");
}

TEST(ReadCredentials, RefusesNoneBeyondLoopback) {
  EXPECT_EQ(told(server_from(server(R"("method": "none")"))),
            "c.json:1:51: method: the method `none` hides nothing and is for loopback addresses alone; "
            "use 2022-blake3-aes-256-gcm, or chacha20-ietf-poly1305 with old peers\n");
  EXPECT_FALSE(local_from(local(R"("method": "plain", "password": "x")")).config);
  const Loaded<ServerConfig> two =
      server_from(R"({"server": ["127.0.0.1", "192.0.2.1"], "server_port": 1, "method": "none"})");
  EXPECT_FALSE(two.config);
}

TEST(ReadCredentials, AllowsNoneOnLoopback) {
  const Loaded<ServerConfig> served =
      server_from(R"({"server": ["127.0.0.1", "::1"], "server_port": 1, "method": "none"})");
  EXPECT_TRUE(served.config) << told(served);
  const Loaded<LocalConfig> asked = local_from(R"({"server": "localhost", "server_port": 1, "method": "none"})");
  EXPECT_TRUE(asked.config) << told(asked);
}

TEST(ReadCredentials, RefusesWeakPasswordsOnTheServer) {
  const std::string weak = server(R"("method": "aes-256-gcm", "password": "barfoo!")");
  EXPECT_EQ(told(server_from(weak)),
            "c.json:1:78: password: the password is weak: whoever records a connection can search for it; "
            "`ss-server genkey aes-256-gcm` makes a strong one; \"allow_weak_password\": true lets this one through\n");
  const Loaded<ServerConfig> allowed =
      server_from(server(R"("method": "aes-256-gcm", "password": "barfoo!", "allow_weak_password": true)"));
  EXPECT_TRUE(allowed.config);
  EXPECT_EQ(told(allowed), "");
}

TEST(ReadCredentials, WarnsOfWeakPasswordsOnTheClient) {
  const Loaded<LocalConfig> loaded = local_from(local(R"("method": "aes-256-gcm", "password": "barfoo!")"));
  EXPECT_TRUE(loaded.config);
  EXPECT_EQ(told(loaded),
            "warning: c.json:1:80: password: the password is weak: whoever records a connection can search for it; "
            "ask for a random one on the server\n");
}

TEST(ReadCredentials, TakesDigitsForAPassword) {
  const Loaded<LocalConfig> loaded = local_from(local(R"("method": "aes-256-gcm", "password": 12345678901)"));
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(password_of(loaded.config->servers.front().credentials), "12345678901");
}

TEST(ReadCredentials, TakesARawKey) {
  const Loaded<ServerConfig> loaded =
      server_from(server(R"("method": "aes-256-gcm", "key": ")" + std::string(kKey32) + '"'));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->credentials.key.size(), 32u);
  EXPECT_EQ(loaded.config->credentials.key.reveal()[31], 31);
  EXPECT_TRUE(loaded.config->credentials.password.empty());
}

TEST(ReadCredentials, PrefersTheRawKeyAndSaysSo) {
  const Loaded<ServerConfig> loaded =
      server_from(server(R"("method": "aes-256-gcm", "password": "x", "key": ")" + std::string(kKey32) + '"'));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_TRUE(loaded.config->credentials.password.empty());
  EXPECT_NE(told(loaded).find("password: has no effect; `key` stands in its place"), std::string::npos);
}

TEST(ReadCredentials, RefusesRawKeysThatDoNotFit) {
  EXPECT_NE(told(server_from(server(R"("method": "aes-128-gcm", "key": ")" + std::string(kKey32) + '"')))
                .find("key: has 32 bytes, but aes-128-gcm needs 16; "),
            std::string::npos);
  EXPECT_NE(told(server_from(server(R"("method": "aes-128-gcm", "key": "???")"))).find("key: is not base64; "),
            std::string::npos);
  EXPECT_NE(told(server_from(server(R"("method": "2022-blake3-aes-256-gcm", "key": ")" + std::string(kKey32) + '"')))
                .find("key: is for SIP004 methods; write the key of 2022-blake3-aes-256-gcm as `password`"),
            std::string::npos);
}

TEST(ReadCredentials, ReadsVariables) {
  const Environment environment = [](const std::string& name) -> std::optional<Secret> {
    return name == "SECRET" ? std::optional(Secret(bytes_of(kStrong))) : std::nullopt;
  };
  const Loaded<ServerConfig> loaded =
      server_from(server(R"("method": "aes-256-gcm", "password": "${SECRET}")"), environment);
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(password_of(loaded.config->credentials), kStrong);
  EXPECT_EQ(told(server_from(server(R"("method": "aes-256-gcm", "password": "${OTHER}")"), environment)),
            "c.json:1:78: password: the environment variable OTHER is not set; set it, or write the key itself\n");
}

TEST(ReadCredentials, NeverShowsASecret) {
  for (const std::string_view credentials :
       {R"("method": "2022-blake3-aes-256-gcm", "password": "hunter2")",
        R"("method": "aes-256-gcm", "password": "hunter2")", R"("method": "aes-256-gcm", "key": "hunter2")",
        R"("method": "hunter2", "password": "x")", R"("method": "aes-256-gcm", "password": ["hunter2"])",
        R"("method": "aes-256-gcm", "password": {"hunter2": 1})",
        R"("method": "2022-blake3-aes-256-gcm", "password": "hunter2:hunter2")",
        R"("method": "2022-blake3-aes-256-gcm", "password": "hunter2" "hunter2")",
        R"("method": "aes-256-gcm", "users": [{"name": "a", "password": "hunter2"}])",
        R"("method": "2022-blake3-aes-256-gcm", "users": [{"name": "a", "password": "hunter2"}])",
        R"("method": "aes-256-gcm", "password": "\hunter2")"}) {
    const std::string text = told(server_from(server(credentials)));
    EXPECT_FALSE(text.empty()) << credentials;
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace ss::config
