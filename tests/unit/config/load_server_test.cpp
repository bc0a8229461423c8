#include <gtest/gtest.h>

#include "ss/config/load.hpp"
#include "unit/config/loading.hpp"

namespace ss::config {
namespace {

std::string listeners(const Loaded<ServerConfig>& loaded) {
  if (!loaded.config) return "refused: " + told(loaded);
  std::string out;
  for (const Listener& listener : loaded.config->listeners) {
    if (!out.empty()) out += ' ';
    out += listener.address.to_string() + (listener.v6_only ? "/v6" : "");
  }
  return out;
}

/// A server's configuration with these addresses.
std::string at(std::string_view addresses) {
  return R"({"method": "2022-blake3-aes-256-gcm", "password": ")" + std::string(kKey32) + "\"" +
         std::string(addresses) + "}";
}

/// One with these users, and `password` where it is not empty.
std::string users(std::string_view method, std::string_view password, std::string_view list) {
  std::string text = R"({"server_port": 1, "method": ")" + std::string(method) + "\"";
  if (!password.empty()) text += R"(, "password": ")" + std::string(password) + "\"";
  return text + ", \"users\": " + std::string(list) + "}";
}

TEST(LoadServer, ListensWhereItIsTold) {
  EXPECT_EQ(listeners(server_from(at(R"(, "server_port": 8388)"))), "[::]:8388");
  EXPECT_EQ(listeners(server_from(at(R"(, "server": "0.0.0.0", "server_port": "8388")"))), "0.0.0.0:8388");
  EXPECT_EQ(listeners(server_from(at(R"(, "server": "::", "server_port": 1)"))), "[::]:1");
  EXPECT_EQ(listeners(server_from(at(R"(, "server": "::", "server_port": 1, "ipv6_only": true)"))), "[::]:1/v6");
  EXPECT_EQ(listeners(server_from(at(R"(, "server": ["::0", "0.0.0.0"], "server_port": 1)"))), "[::]:1/v6 0.0.0.0:1");
  EXPECT_EQ(
      listeners(server_from(at(R"(, "server": ["192.0.2.1:5", "[::1]:6", "vps.example.com"], "server_port": 1)"))),
      "192.0.2.1:5 [::1]:6 vps.example.com:1");
  EXPECT_EQ(listeners(server_from(at(R"(, "server": "192.0.2.1:5")"))), "192.0.2.1:5");
}

TEST(LoadServer, RefusesAddressesItCannotUse) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"(, "server": "0.0.0.0")", "server_port: is missing"},
      {"", "server_port: is missing"},
      {R"(, "server": ["192.0.2.1:5", "192.0.2.2"])", "server_port: is missing"},
      {R"(, "server": ["::", "::"], "server_port": 1)", "server: the same address stands twice"},
      {R"(, "server": [], "server_port": 1)", "server: is empty"},
      {R"(, "server": "", "server_port": 1)", "server: is not an address or host name"},
      {R"(, "server": "1.2.3.4.5", "server_port": 1)", "server: is not an address or host name"},
      {R"(, "server": {}, "server_port": 1)", "server: is an object"},
  };
  for (const auto& [addresses, what] : cases) {
    const std::string text = listeners(server_from(at(addresses)));
    EXPECT_TRUE(text.starts_with("refused: ")) << addresses;
    EXPECT_NE(text.find(what), std::string::npos) << addresses << '\n' << text;
  }
}

TEST(LoadServer, ReadsRejectPolicy) {
  const std::pair<std::string_view, RejectPolicy> cases[] = {{"auto", RejectPolicy::automatic},
                                                             {"silent", RejectPolicy::silent},
                                                             {"reset", RejectPolicy::reset},
                                                             {"fin", RejectPolicy::fin}};
  for (const auto& [word, policy] : cases) {
    const Loaded<ServerConfig> loaded = server_from(with(", \"reject\": \"" + std::string(word) + "\""));
    ASSERT_TRUE(loaded.config) << told(loaded);
    EXPECT_EQ(loaded.config->reject, policy);
  }
  EXPECT_EQ(told(server_from(with(R"(, "reject": "drop")"))),
            "c.json:2:13: reject: is none of the known words; write one of \"auto\", \"silent\", \"reset\", \"fin\"\n");
}

TEST(LoadServer, ReadsTargetRules) {
  const Loaded<ServerConfig> loaded =
      server_from(with(R"(, "allow_targets": ["127.0.0.0/8", "*.lan"], "deny_targets": "example.com")"));
  ASSERT_TRUE(loaded.config) << told(loaded);
  ASSERT_EQ(loaded.config->allow_targets.size(), 2u);
  EXPECT_TRUE(loaded.config->allow_targets[0].matches(*IpAddress::parse("127.1.2.3")));
  EXPECT_TRUE(loaded.config->allow_targets[1].matches("nas.lan"));
  EXPECT_TRUE(loaded.config->deny_targets.at(0).matches("Example.com."));
  EXPECT_EQ(told(server_from(with(R"(, "allow_targets": ["10.0.0.0/8",
 "10.0.0.0/33"])"))),
            "c.json:3:2: allow_targets: is neither addresses nor a host pattern; "
            "write such as 10.0.0.0/8, fc00::/7, example.com or *.example.com\n");
}

TEST(LoadServer, WarnsOfLocalAddress) {
  EXPECT_EQ(told(server_from(with(R"(, "local_address": "127.0.0.1")"))), "");
  EXPECT_EQ(told(server_from(with(R"(, "local_address": "192.0.2.1")"))),
            "warning: c.json:2:20: local_address: has no effect on ss-server; write `bind_address` for the source of "
            "outgoing connections\n");
}

TEST(LoadServer, WarnsOfHandshakeTimeout) {
  EXPECT_EQ(
      told(server_from(with(R"(, "handshake_timeout": 5)"))),
      "warning: c.json:2:24: handshake_timeout: has no effect on ss-server; a stranger's connection ends after 60 s, "
      "as on every other server\n");
}

TEST(LoadServer, TakesUsersOf2022Methods) {
  const Loaded<ServerConfig> loaded = server_from(
      users("2022-blake3-aes-256-gcm", kKey32, R"([{"name": "a", "password": ")" + std::string(kOtherKey32) + "\"}]"));
  ASSERT_TRUE(loaded.config) << told(loaded);
  ASSERT_EQ(loaded.config->users.size(), 1u);
  EXPECT_EQ(password_of(loaded.config->credentials), kKey32);
}

TEST(LoadServer, TakesUsersOfSip004MethodsWithoutAPassword) {
  const std::string list =
      R"([{"name": "a", "password": "k7Qz2vRm9XwL4tPc"}, {"name": "b", "password": "Wm4zT9qLx2RvN7Kd"}])";
  const Loaded<ServerConfig> loaded = server_from(users("aes-256-gcm", "", list));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->users.size(), 2u);
  EXPECT_TRUE(loaded.config->credentials.password.empty());
  EXPECT_NE(told(server_from(users("aes-256-gcm", "x", list))).find("password: has no effect; the `users` are served"),
            std::string::npos);
}

TEST(LoadServer, RefusesUsersItCannotTellApart) {
  const std::string one = R"([{"name": "a", "password": ")" + std::string(kOtherKey32) + "\"}]";
  const std::string server_key = R"([{"name": "a", "password": ")" + std::string(kKey32) + "\"}]";
  const std::string disabled = R"([{"name": "a", "disabled": true, "password": ")" + std::string(kOtherKey32) + "\"}]";
  const std::string short_key = R"([{"name": "a", "password": ")" + std::string(kKey16) + "\"}]";
  const std::string same =
      R"([{"name": "a", "password": "k7Qz2vRm9XwL4tPc"}, {"name": "b", "password": "k7Qz2vRm9XwL4tPc"}])";
  const std::pair<std::string, std::string_view> cases[] = {
      {users("2022-blake3-chacha20-poly1305", kKey32, one),
       "users: 2022-blake3-chacha20-poly1305 cannot tell users apart"},
      {users("2022-blake3-aes-256-gcm", "", one), "password: is missing"},
      {users("2022-blake3-aes-256-gcm", kKey32, short_key), "users[0].password: the key has 16 bytes"},
      {users("2022-blake3-aes-256-gcm", kKey32, server_key), "users[0].password: is the server's own key too"},
      {users("2022-blake3-aes-256-gcm", kKey32, disabled), "users: all users are disabled"},
      {users("aes-256-gcm", "", same), "users[1].password: is the password of an earlier user too"},
      {users("aes-256-gcm", "", R"([{"name": "a", "password": "barfoo!"}])"),
       "users[0].password: the password is weak"},
      {users("aes-256-gcm", "", R"([{"name": "a", "password": ""}])"), "users[0].password: is empty"},
  };
  for (const auto& [text, what] : cases) {
    const Loaded<ServerConfig> loaded = server_from(text);
    EXPECT_FALSE(loaded.config) << text;
    EXPECT_NE(told(loaded).find(what), std::string::npos) << text << '\n' << told(loaded);
  }
}

TEST(LoadServer, SettlesThePortsOfBindForEachUser) {
  const auto user = [](std::string_view name, std::string_view password, std::string_view more) {
    return "{\"name\": \"" + std::string(name) + "\", \"password\": \"" + std::string(password) + "\"" +
           std::string(more) + "}";
  };
  const std::string list =
      "[" + user("a", "k7Qz2vRm9XwL4tPc", "") + "," + user("b", "Wm4zT9qLx2RvN7Kd", R"(, "bind_ports": "50000")") +
      "," + user("c", "Wm4zT9qLx2RvN7Ke", R"(, "bind_ports": "off")") + "], \"bind_ports\": \"40000-40100\"";
  const Loaded<ServerConfig> loaded = server_from(users("aes-256-gcm", "", list));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->bind_ports, (PortRange{40'000, 40'100}));
  EXPECT_EQ(loaded.config->users.at(0).bind_ports, (PortRange{40'000, 40'100}));
  EXPECT_EQ(loaded.config->users.at(1).bind_ports, (PortRange{50'000, 50'000}));
  EXPECT_EQ(loaded.config->users.at(2).bind_ports, std::nullopt);
}

TEST(LoadServer, TakesThePortsOfBind) {
  for (const std::string_view off : {"", R"(, "bind_ports": "off")", R"(, "bind_ports": false)"}) {
    EXPECT_EQ(server_from(with(off)).config->bind_ports, std::nullopt) << off;
  }
  EXPECT_EQ(server_from(with(R"(, "bind_ports": 40000)")).config->bind_ports, (PortRange{40'000, 40'000}));
  for (const std::string_view wrong :
       {"\"40100-40000\"", "\"0-5\"", "\"40000-65536\"", "\"40000-\"", "\"on\"", "70000"}) {
    EXPECT_EQ(told(server_from(with(", \"bind_ports\": " + std::string(wrong)))),
              "c.json:2:17: bind_ports: is not a range of ports; write a range such as \"40000-40100\", or \"off\"\n");
  }
  EXPECT_EQ(told(server_from(with(R"(, "bind_ports": true)"))),
            "c.json:2:17: bind_ports: is true or false; write a range such as \"40000-40100\", or \"off\"\n");
}

TEST(LoadServer, TakesTheLimitsOfConnections) {
  const ServerConfig unwritten = *server_from(with("")).config;
  EXPECT_EQ(unwritten.max_connections, std::nullopt);
  EXPECT_EQ(unwritten.max_unauthenticated, std::nullopt);
  EXPECT_EQ(unwritten.max_connections_per_source, std::nullopt);
  const ServerConfig written =
      *server_from(with(R"(, "max_connections": 300, "max_unauthenticated": 20, "max_connections_per_source": "40")"))
           .config;
  EXPECT_EQ(written.max_connections, 300U);
  EXPECT_EQ(written.max_unauthenticated, 20U);
  EXPECT_EQ(written.max_connections_per_source, 40U);
  EXPECT_EQ(told(server_from(with(R"(, "max_unauthenticated": 0)"))),
            "c.json:2:26: max_unauthenticated: 0 is out of range; write a whole number from 1 to 4294967295\n");
}

TEST(LoadServer, TakesWhetherTheSpeedTestIsServed) {
  EXPECT_FALSE(server_from(with("")).config->speedtest);
  EXPECT_TRUE(server_from(with(R"(, "speedtest": true)")).config->speedtest);
}

TEST(LoadServer, TakesAnEmptyListForNoUsers) {
  const Loaded<ServerConfig> loaded = server_from(users("2022-blake3-aes-256-gcm", kKey32, "[]"));
  EXPECT_TRUE(loaded.config) << told(loaded);
}

TEST(LoadServer, LimitsUsersThatAreFoundByTrial) {
  std::string list = "[";
  for (int i = 0; i < 1001; ++i) {
    list += (i ? "," : "") + std::string(R"({"name": "u)") + std::to_string(i) + R"(", "password": "k7Qz2vRm9XwL)" +
            std::to_string(10000 + i) + "\"}";
  }
  EXPECT_NE(told(server_from(users("aes-256-gcm", "", list + "]"))).find("users: there are more than 1000 users"),
            std::string::npos);
}

}  // namespace
}  // namespace ss::config
