#include <gtest/gtest.h>

#include "ss/config/load.hpp"
#include "unit/config/loading.hpp"

namespace ss::config {
namespace {

std::string inbounds(const Loaded<LocalConfig>& loaded) {
  if (!loaded.config) return "refused: " + told(loaded);
  std::string out;
  for (const Inbound& inbound : loaded.config->inbounds) {
    if (!out.empty()) out += ' ';
    out += inbound.listener.address.to_string() + '/' + std::to_string(inbound.users.size());
  }
  return out;
}

TEST(LoadLocal, ListensOnLoopbackByDefault) {
  EXPECT_EQ(inbounds(local_from(with(""))), "127.0.0.1:1080/0");
  EXPECT_EQ(inbounds(local_from(with(R"(, "local_port": "1081")"))), "127.0.0.1:1081/0");
  EXPECT_EQ(inbounds(local_from(with(R"(, "local_address": "::1")"))), "[::1]:1080/0");
  EXPECT_EQ(inbounds(local_from(with(R"(, "local_address": "localhost:99")"))), "localhost:99/0");
  EXPECT_EQ(inbounds(local_from(with(R"(, "local_address": "")"))), "127.0.0.1:1080/0");
}

TEST(LoadLocal, TakesTheFirstFlightsWait) {
  const Loaded<LocalConfig> loaded = local_from(with(R"(, "first_flight_ms": 0)"));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->timeouts.first_flight.count(), 0);
}

TEST(LoadLocal, WarnsOfAnOpenProxy) {
  const Loaded<LocalConfig> open = local_from(with(R"(, "local_address": "0.0.0.0")"));
  EXPECT_TRUE(open.config);
  EXPECT_EQ(told(open),
            "warning: c.json:2:20: local_address: whoever reaches 0.0.0.0:1080 can use this proxy; "
            "write 127.0.0.1, or `users` into a `locals` entry\n");
  const Loaded<LocalConfig> guarded = local_from(with(
      R"(, "locals": [{"local_address": "0.0.0.0", "local_port": 1, "users": [{"name": "a", "password": "b"}]}])"));
  EXPECT_EQ(told(guarded), "");
  EXPECT_EQ(inbounds(guarded), "0.0.0.0:1/1");
}

TEST(LoadLocal, ListensOnEveryEnabledEntry) {
  EXPECT_EQ(inbounds(local_from(with(R"(, "locals": [
              {"protocol": "socks", "local_port": 1}, {"local_address": "[::1]:2"},
              {"local_address": "127.0.0.1", "local_port": 3, "disabled": true}])"))),
            "127.0.0.1:1/0 [::1]:2/0");
  EXPECT_EQ(inbounds(local_from(with(R"(, "local_port": 1080, "locals": [{"local_port": 1}])"))),
            "127.0.0.1:1080/0 127.0.0.1:1/0");
  EXPECT_EQ(inbounds(local_from(with(R"(, "locals": [])"))), "127.0.0.1:1080/0");
}

TEST(LoadLocal, TakesTheProtocolOfEachListener) {
  const Loaded<LocalConfig> loaded = local_from(with(R"(, "protocol": "socks", "local_port": 1, "locals": [
      {"local_port": 2}, {"local_port": 3, "protocol": "http"}, {"local_port": 4, "protocol": "mixed"}])"));
  ASSERT_TRUE(loaded.config) << told(loaded);
  const InboundProtocol wanted[] = {InboundProtocol::socks, InboundProtocol::mixed, InboundProtocol::http,
                                    InboundProtocol::mixed};
  for (std::size_t i = 0; i < std::size(wanted); ++i) EXPECT_EQ(loaded.config->inbounds[i].protocol, wanted[i]) << i;
  EXPECT_EQ(loaded.config->inbounds[2].mode, Mode::tcp_only) << "HTTP has no UDP";
  EXPECT_EQ(loaded.config->inbounds[3].mode, Mode::tcp_and_udp);
  EXPECT_EQ(local_from(with("")).config->inbounds[0].protocol, InboundProtocol::mixed);
}

TEST(LoadLocal, SaysThatAnAddressIsNotUsed) {
  EXPECT_NE(told(local_from(with(R"(, "local_address": "127.0.0.1", "locals": [{"local_port": 1}])")))
                .find("local_address: has no effect"),
            std::string::npos);
}

TEST(LoadLocal, RefusesEntriesItCannotServe) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"protocol": "http", "mode": "udp_only", "local_port": 1})", "locals[0].protocol: HTTP carries no UDP"},
      {R"({"protocol": "tunnel", "local_port": 1})", "locals[0].protocol: is not supported yet"},
      {R"({"protocol": "redir", "local_port": 1})", "locals[0].protocol: is not supported yet"},
      {R"({"protocol": "tproxy", "local_port": 1})", "locals[0].protocol: is not supported yet"},
      {R"({"protocol": "sock", "local_port": 1})", "locals[0].protocol: is none of the known words"},
      {R"({"protocol": "socks"})", "locals[0].local_port: is missing"},
      {R"({"local_port": 1, "local_address": "a b"})", "locals[0].local_address: is not an address or host name"},
      {R"({"local_port": 1, "users": []})", "locals[0].users: is empty"},
      {R"({"local_port": 1, "users": [{"name": "a", "password": ""}]})",
       "locals[0].users[0].password: is empty or longer than 255 bytes"},
      {R"({"local_port": 1, "users": [{"name": "a", "password": "x", "quota": 1}]})",
       "locals[0].users[0].quota: is not a known key"},
      {R"({"local_port": 1, "socks5_auth_config_path": "x"})",
       "locals[0].socks5_auth_config_path: is not supported yet"},
      {R"({"local_port": 1, "mode": "both"})", "locals[0].mode: is none of the known words"},
      {R"({"local_port": 1, "udp_associate_address": "vps.example.com"})",
       "locals[0].udp_associate_address: is not an address"},
      {R"({"local_port": 1, "acl": "x"})", "locals[0].acl: is not supported yet"},
      {R"({"local_port": 1}, {"local_port": 1})", "127.0.0.1:1 is listened on twice"},
      {R"({"local_port": 1, "disabled": true})", "locals: all entries are disabled"},
  };
  for (const auto& [entry, what] : cases) {
    const std::string text = inbounds(local_from(with(", \"locals\": [" + std::string(entry) + "]")));
    EXPECT_TRUE(text.starts_with("refused: ")) << entry;
    EXPECT_NE(text.find(what), std::string::npos) << entry << '\n' << text;
  }
}

TEST(LoadLocal, RefusesServersItCannotAsk) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"("server": "a b", "server_port": 1)", "server: is not an address or host name"},
      {R"("server": "", "server_port": 1)", "server: is not an address or host name"},
      {R"("server": [], "server_port": 1)", "server: is empty"},
      {R"("server": ["127.0.0.1", "192.0.2.2"], "server_port": 1)", "method: the method `none` hides nothing"},
      {R"("server": ["127.0.0.1", "a b"], "server_port": 1)", "server: is not an address or host name"},
      {R"("server": ["127.0.0.1:1", "127.0.0.2"])", "server_port: is missing"},
      {R"("server": "192.0.2.1")", "server_port: is missing"},
      {R"("server_port": 1)", "server: is missing"},
      {R"("server": "192.0.2.1", "server_port": 0)", "server_port: 0 is out of range"},
      {R"("server": "192.0.2.1:0")", "server: is not an address or host name"},
      {R"("server": 5, "server_port": 1)", "server: is a number"},
  };
  for (const auto& [servers, what] : cases) {
    const Loaded<LocalConfig> loaded =
        local_from("{\"method\": \"none\", \"password\": \"x\", " + std::string(servers) + "}");
    EXPECT_FALSE(loaded.config) << servers;
    EXPECT_NE(told(loaded).find(what), std::string::npos) << servers << '\n' << told(loaded);
  }
}

TEST(LoadLocal, TakesWhenToAnswer) {
  const Loaded<LocalConfig> plain = local_from(with(""));
  EXPECT_EQ(plain.config->socks5_reply, Socks5Reply::automatic);
  EXPECT_EQ(plain.config->reply_wait.count(), 0);
  const Loaded<LocalConfig> loaded = local_from(with(R"(, "socks5_reply": "confirmed", "reply_wait_ms": 250)"));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->socks5_reply, Socks5Reply::confirmed);
  EXPECT_EQ(loaded.config->reply_wait, std::chrono::milliseconds(250));
  EXPECT_EQ(local_from(with(R"(, "socks5_reply": "optimistic")")).config->socks5_reply, Socks5Reply::optimistic);
  EXPECT_EQ(told(local_from(with(R"(, "socks5_reply": "yes")"))),
            "c.json:2:19: socks5_reply: is none of the known words; write one of \"auto\", \"confirmed\", "
            "\"optimistic\"\n");
  EXPECT_EQ(told(local_from(with(R"(, "reply_wait_ms": 60001)"))),
            "c.json:2:20: reply_wait_ms: 60001 is out of range; write a whole number from 0 to 60000\n");
}

TEST(LoadLocal, TakesThePolicy) {
  const std::pair<std::string_view, Policy> policies[] = {{"latency", Policy::latency},
                                                          {"failover", Policy::failover},
                                                          {"sticky", Policy::sticky},
                                                          {"round_robin", Policy::round_robin}};
  for (const auto& [word, policy] : policies) {
    EXPECT_EQ(local_from(with(", \"policy\": \"" + std::string(word) + "\"")).config->policy, policy) << word;
  }
  EXPECT_EQ(local_from(with("")).config->policy, Policy::latency);
  EXPECT_EQ(told(local_from(with(R"(, "policy": "fastest")"))),
            "c.json:2:13: policy: is none of the known words; write one of \"latency\", \"failover\", \"sticky\", "
            "\"round_robin\"\n");
}

TEST(LoadLocal, TakesTheNumberOfWarmConnections) {
  EXPECT_EQ(local_from(with("")).config->preconnect, std::nullopt);
  EXPECT_EQ(local_from(with(R"(, "preconnect": "auto")")).config->preconnect, std::nullopt);
  EXPECT_EQ(local_from(with(R"(, "preconnect": 0)")).config->preconnect, 0u);
  EXPECT_EQ(local_from(with(R"(, "preconnect": 3)")).config->preconnect, 3u);
  EXPECT_EQ(told(local_from(with(R"(, "preconnect": 1025)"))),
            "c.json:2:17: preconnect: 1025 is out of range; write a whole number from 0 to 1024, or \"auto\"\n");
}

TEST(LoadLocal, SaysWhereFastOpenDoesNotGoTogether) {
  EXPECT_EQ(told(local_from(with(R"(, "fast_open": true, "preconnect": "auto")"))), "");
  EXPECT_EQ(told(local_from(with(R"(, "fast_open": true, "preconnect": 2)"))),
            "warning: c.json:2:36: preconnect: has no effect with `fast_open`, by which connections begin with their "
            "first bytes; keep one of them\n");
  const std::string two = R"({"server": ["192.0.2.1", "192.0.2.2"], "server_port": 1, "method": "aes-256-gcm",
"password": "k7Qz2vRm9XwL4tPc", "fast_open": true})";
  EXPECT_EQ(told(local_from(two)),
            "warning: c.json:2:46: fast_open: has no effect towards several servers: which of them works is found out "
            "by connecting; it is used towards clients\n");
}

TEST(LoadLocal, WarnsOfAServersListenAddress) {
  const Loaded<LocalConfig> loaded =
      local_from(R"({"server": "0.0.0.0", "server_port": 1, "method": "aes-256-gcm", "password": "k7Qz2vRm9XwL4tPc"})");
  EXPECT_TRUE(loaded.config);
  EXPECT_TRUE(told(loaded).starts_with("warning: c.json:1:12: server: is an address to listen on")) << told(loaded);
}

TEST(LoadLocal, ReportsAllProblemsInOrder) {
  const std::string text = R"({
  "server": "example.com",
  "server_prot": 8388,
  "local_port": 70000,
  "method": "rc4-md5",
  "timeout": "soon",
  "plugin": "obfs-local",
  "mtu": 1492,
  "fast_open": "yes",
  "timeout": 5,
  "locals": [{"protocol": "redir", "local_port": 8080, "colour": "red"}]
})";
  EXPECT_EQ(
      told(local_from(text)),
      "c.json:1:1: server_port: is missing; write the server's port, such as 8388\n"
      "c.json:3:3: server_prot: is not a known key; did you mean `server_port`?\n"
      "c.json:4:17: local_port: 70000 is out of range; write a port from 1 to 65535\n"
      "c.json:5:13: method: rc4-md5 is a broken stream cipher: what it carries can be altered and read on the way; "
      "use 2022-blake3-aes-256-gcm, or chacha20-ietf-poly1305 with old peers, on both ends\n"
      "c.json:6:14: timeout: is not a number; write seconds from 1 to 31622400\n"
      "c.json:7:13: plugin: is not supported yet; without the plugin the peer could not be reached; remove it only "
      "if the peer runs none\n"
      "warning: c.json:8:3: mtu: has no effect; datagrams of every size are relayed\n"
      "c.json:9:16: fast_open: is a text; write true or false\n"
      "c.json:10:3: timeout: is written twice, first at 6:3; remove one of them\n"
      "c.json:11:27: locals[0].protocol: is not supported yet; `socks`, `http` and `mixed` work\n"
      "c.json:11:56: locals[0].colour: is not a known key; remove it, or begin its name with _ to keep it as a "
      "comment\n");
}

}  // namespace
}  // namespace ss::config
