#include "ss/config/servers_reader.hpp"

#include <gtest/gtest.h>

#include "unit/config/loading.hpp"

namespace ss::config {
namespace {

/// An element of `servers` at 192.0.2.`number`, with `more` in front.
std::string entry(int number, std::string_view more = {}) {
  return "{" + std::string(more) + R"("address": "192.0.2.)" + std::to_string(number) +
         R"(", "port": 1, "method": "aes-256-gcm", "password": "k7Qz2vRm9XwL4tPc"})";
}

/// A file with these elements of `servers`, which begin at 1:14, and `more` behind them.
std::string file(std::initializer_list<std::string> entries, std::string_view more = {}) {
  std::string out = "{\"servers\": [";
  for (const std::string& each : entries) out += (out.back() == '[' ? "" : ",") + each;
  return out + "]" + std::string(more) + "}";
}

/// Every server as `name@address`, or what is wrong.
std::string servers(const Loaded<LocalConfig>& loaded) {
  if (!loaded.config) return "refused: " + told(loaded);
  std::string out;
  for (const Server& server : loaded.config->servers) out += server.name + '@' + server.address.to_string() + ' ';
  return out + told(loaded);
}

TEST(ReadServers, KeepsTheOrderOfTheFileAndLeavesOutTheDisabled) {
  EXPECT_EQ(servers(local_from(file({entry(2, R"("name": "a", )"), entry(1, R"("disabled": true, )"),
                                     entry(3, R"("remarks": "c\n", )"), entry(4)}))),
            "a@192.0.2.2:1 c\\x0a@192.0.2.3:1 192.0.2.4:1@192.0.2.4:1 ");
}

TEST(ReadServers, PutsTheNameBeforeTheRemarks) {
  EXPECT_EQ(servers(local_from(file({entry(1, R"("remarks": "r", "name": "n", )")}))), "n@192.0.2.1:1 ");
  EXPECT_EQ(servers(local_from(file({entry(1, R"("remarks": 5, "name": "", )")}))), "192.0.2.1:1@192.0.2.1:1 ");
}

TEST(ReadServers, UsesTheFilesOwnBesides) {
  EXPECT_EQ(servers(local_from(with(", \"servers\": [" + entry(1) + "]"))),
            "127.0.0.1:8388@127.0.0.1:8388 192.0.2.1:1@192.0.2.1:1 ");
}

TEST(ReadServers, MakesOneOfEachAddressWithTheSameKey) {
  const Loaded<LocalConfig> loaded = local_from(
      R"({"server": ["192.0.2.1", "example.com:9"], "server_port": 8, "method": "aes-256-gcm",
    "password": "k7Qz2vRm9XwL4tPc"})");
  EXPECT_EQ(servers(loaded), "192.0.2.1:8@192.0.2.1:8 example.com:9@example.com:9 ");
  for (const Server& server : loaded.config->servers) {
    EXPECT_EQ(password_of(server.credentials), "k7Qz2vRm9XwL4tPc");
  }
}

TEST(ReadServers, TakesFromTheFileWhatAnElementLacks) {
  const Loaded<LocalConfig> loaded = local_from(R"({"method": "aes-256-gcm", "password": "k7Qz2vRm9XwL4tPc",
    "server_port": 7, "servers": [{"server": "192.0.2.1"}, {"server": "192.0.2.2", "password": "Wm4zT9qLx2RvN7Kd"}]})");
  ASSERT_EQ(servers(loaded), "192.0.2.1:7@192.0.2.1:7 192.0.2.2:7@192.0.2.2:7 ");
  EXPECT_EQ(password_of(loaded.config->servers[0].credentials), "k7Qz2vRm9XwL4tPc");
  EXPECT_EQ(password_of(loaded.config->servers[1].credentials), "Wm4zT9qLx2RvN7Kd");
}

TEST(ReadServers, ReportsASharedMistakeOnce) {
  EXPECT_EQ(servers(local_from(R"({"method": "rc4-md5", "password": "x",
"servers": [{"server": "192.0.2.1", "port": 1}, {"server": "192.0.2.2", "port": 1}]})")),
            "refused: c.json:1:12: method: rc4-md5 is a broken stream cipher: what it carries can be altered and read "
            "on the way; use 2022-blake3-aes-256-gcm, or chacha20-ietf-poly1305 with old peers, on both ends\n");
}

TEST(ReadServers, NamesWhatAnElementLacksByItsPlace) {
  EXPECT_EQ(servers(local_from(file({entry(1), "{\"method\": \"aes-256-gcm\"}"}))),
            "refused: c.json:1:107: servers[1].server: is missing; write the address of the server, or give a link\n"
            "c.json:1:107: servers[1].server_port: is missing; write the server's port, such as 8388\n"
            "c.json:1:107: servers[1].password: is missing; write the server's password or key, or give it by "
            "--key-file or $SS_PASSWORD\n");
  // The file's own address is a server by itself, not a default.
  EXPECT_NE(servers(local_from(with(", \"servers\": [{}]"))).find(" servers[0].server: is missing"), std::string::npos);
}

TEST(ReadServers, JudgesTheMethodNoneByEachServersAddress) {
  EXPECT_EQ(servers(local_from(file({R"({"server": "127.0.0.1", "port": 1, "method": "none"})",
                                     R"({"server": "192.0.2.1", "port": 1, "method": "none"})"}))),
            "refused: c.json:1:112: servers[1].method: the method `none` hides nothing and is for loopback addresses "
            "alone; use 2022-blake3-aes-256-gcm, or chacha20-ietf-poly1305 with old peers\n");
}

TEST(ReadServers, TakesTheWeights) {
  const Loaded<LocalConfig> loaded =
      local_from(file({entry(1), entry(2, R"("weight": 0.5, )"), entry(3, R"("weight": "0.5", "udp_weight": 0.25, )"),
                       entry(4, R"("tcp_weight": 0, )"), entry(5, R"("udp_weight": 0, )")}));
  ASSERT_TRUE(loaded.config) << told(loaded);
  const std::vector<Server>& read = loaded.config->servers;
  EXPECT_EQ(read[0].tcp_weight, 1);
  EXPECT_EQ(read[1].tcp_weight, 0.5);
  EXPECT_EQ(read[1].udp_weight, 0.5);
  EXPECT_EQ(read[2].tcp_weight, 0.5);
  EXPECT_EQ(read[2].udp_weight, 0.25);
  EXPECT_EQ(read[2].mode, Mode::tcp_and_udp);
  EXPECT_EQ(read[3].mode, Mode::udp_only);
  EXPECT_EQ(read[4].mode, Mode::tcp_only);
}

TEST(ReadServers, RefusesAServerThatWouldCarryNothing) {
  EXPECT_EQ(servers(local_from(file({entry(1, R"("weight": 0, )")}))),
            "refused: c.json:1:14: servers[0].weight: the server would carry nothing; write \"disabled\": true if that "
            "is meant\n");
  EXPECT_NE(servers(local_from(file({entry(1, R"("mode": "tcp_only", "tcp_weight": 0, )")}))).find("carry nothing"),
            std::string::npos);
  EXPECT_NE(servers(local_from(file({entry(1, R"("weight": 1.5, )")})))
                .find("1.5 is out of range; write a number from 0 to 1"),
            std::string::npos);
}

TEST(ReadServers, LetsTheInboundsServeWhatTheyRelayTogether) {
  const std::string tcp = entry(1, R"("mode": "tcp_only", )");
  const std::string udp = entry(2, R"("mode": "udp_only", )");
  EXPECT_EQ(local_from(file({tcp, udp})).config->mode, Mode::tcp_and_udp);
  EXPECT_EQ(local_from(file({tcp, tcp})).config->mode, Mode::tcp_only);
  EXPECT_EQ(local_from(file({tcp, udp})).config->servers[1].mode, Mode::udp_only);
}

TEST(ReadServers, RefusesWhatHoldsForOneOfSeveralAlone) {
  EXPECT_EQ(
      servers(local_from(file({entry(1, R"("timeout": 5, )"), entry(2)}))),
      "192.0.2.1:1@192.0.2.1:1 192.0.2.2:1@192.0.2.2:1 warning: c.json:1:26: servers[0].timeout: has no effect on "
      "one of several servers; write it outside of `servers`\n");
  EXPECT_EQ(servers(local_from(file({entry(1, R"("outbound_fwmark": 5, )"), entry(2)}))),
            "refused: c.json:1:34: servers[0].outbound_fwmark: is not supported yet for one of several servers; write "
            "it outside of `servers`\n");
}

TEST(ReadServers, OfAllDisabledFindsNone) {
  EXPECT_NE(servers(local_from(file({entry(1, R"("disabled": true, )")}))).find("server: is missing"),
            std::string::npos);
}

}  // namespace
}  // namespace ss::config
