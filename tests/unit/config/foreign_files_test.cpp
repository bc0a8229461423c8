// Files as other programs' users have them: each runs unchanged, in both programs where it names both ends.
#include <gtest/gtest.h>

#include "unit/config/loading.hpp"

namespace ss::config {
namespace {

constexpr std::string_view kLibevBoth = R"({
    "server":["::0", "0.0.0.0"],
    "mode":"tcp_and_udp",
    "server_port":8388,
    "local_port":1080,
    "password":"ZTNhZmVhMTQyYjc2MWQx",
    "timeout":86400,
    "method":"chacha20-ietf-poly1305",
    "fast_open":true,
    "reuse_port":true,
    "no_delay":true,
    "nameserver":"9.9.9.9",
    "user":null,
    "plugin":"",
    "use_syslog":false
})";

constexpr std::string_view kLibevLocal = R"({
    "server":"198.51.100.7",
    "server_port":"8388",
    "local_address":"127.0.0.1",
    "local_port":"1080",
    "password":"mypassword",
    "timeout":"300",
    "method":"aes-256-gcm",
    "fast_open":false,
    "mtu":1492,
    "ipv6_first":true
})";

constexpr std::string_view kRustLocal = R"({
    // what the README of the other program shows
    "server": "203.0.113.7",
    "server_port": 8388,
    "password": "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=",
    "method": "2022-blake3-aes-256-gcm",
    "local_address": "127.0.0.1",
    "local_port": 1080,
    "mode": "tcp_and_udp",
    "keep_alive": 15,
    "ipv6_only": false,
    "udp_timeout": 300,
    "udp_max_associations": 512,
    "log": {"level": 1, "format": {"without_time": false}},
    "runtime": {"mode": "multi_thread", "worker_count": 10},
    "security": {"replay_attack": {"policy": "default"}},
})";

constexpr std::string_view kRustServer = R"({
    "servers": [
        {
            "server": "::",
            "server_port": 8388,
            "password": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "method": "2022-blake3-aes-256-gcm",
            "users": [
                {"name": "username", "password": "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="},
            ],
            "timeout": 7200,
        },
        {
            "disabled": true,
            "address": "0.0.0.0",
            "port": 8389,
            "method": "aes-256-gcm",
            "password": "read from elsewhere, quite long",
        }
    ]
})";

TEST(ForeignFiles, OfLibevServeTheServer) {
  const Loaded<ServerConfig> loaded = server_from(kLibevBoth);
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->listeners.size(), 2u);
  EXPECT_TRUE(loaded.config->sockets.fast_open);
  EXPECT_EQ(loaded.config->timeouts.udp, std::chrono::seconds(86'400));
}

TEST(ForeignFiles, OfLibevServeTheClient) {
  const Loaded<LocalConfig> loaded = local_from(kLibevLocal);
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->servers.front().address.to_string(), "198.51.100.7:8388");
  EXPECT_EQ(loaded.config->timeouts.half_closed, std::chrono::seconds(300));
  EXPECT_TRUE(loaded.config->dns.ipv6_first);
}

TEST(ForeignFiles, OfRustServeTheClient) {
  const Loaded<LocalConfig> loaded = local_from(kRustLocal);
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->servers.front().credentials.method->name, "2022-blake3-aes-256-gcm");
  EXPECT_EQ(loaded.config->mode, Mode::tcp_and_udp);
  EXPECT_EQ(loaded.config->udp_max_associations, 512u);
}

TEST(ForeignFiles, OfRustServeTheServer) {
  const Loaded<ServerConfig> loaded = server_from(kRustServer);
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->users.at(0).name, "username");
  EXPECT_EQ(loaded.config->listeners.at(0).address.to_string(), "[::]:8388");
  EXPECT_EQ(loaded.config->timeouts.half_closed, std::chrono::seconds(7200));
}

TEST(ForeignFiles, OfOneMachineServeBothPrograms) {
  const std::string text =
      R"({"server": "203.0.113.7", "server_port": 8388, "local_address": "127.0.0.1", "local_port": 1080,
    "method": "chacha20-ietf-poly1305", "password": "ZTNhZmVhMTQyYjc2MWQx", "timeout": 60, "reject": "silent",
    "socks5_reply": "auto", "allow_targets": [], "users": []})";
  const Loaded<ServerConfig> served = server_from(text);
  const Loaded<LocalConfig> asked = local_from(text);
  EXPECT_TRUE(served.config) << told(served);
  EXPECT_TRUE(asked.config) << told(asked);
  EXPECT_EQ(told(served) + told(asked), "");
}

}  // namespace
}  // namespace ss::config
