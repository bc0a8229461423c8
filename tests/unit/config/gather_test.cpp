#include "ss/config/gather.hpp"

#include <gtest/gtest.h>

#include "unit/config/loading.hpp"

namespace ss::config {
namespace {

Loaded<LocalConfig> local_with(std::string_view text, Overrides overrides) {
  Sources sources;
  if (!text.empty()) sources.file = File{"c.json", text};
  sources.overrides = std::move(overrides);
  return load_local(sources);
}

Loaded<ServerConfig> server_with(std::string_view text, Overrides overrides) {
  Sources sources;
  if (!text.empty()) sources.file = File{"c.json", text};
  sources.overrides = std::move(overrides);
  return load_server(sources);
}

NamedSecret named(std::string_view origin, std::string_view secret) {
  return {origin, Secret(bytes_of(secret))};
}

TEST(Overrides, StandInFrontOfTheFile) {
  Overrides overrides;
  overrides.server = {"192.0.2.9"};
  overrides.server_port = "99";
  overrides.local_address = "127.0.0.2";
  overrides.local_port = "1081";
  overrides.method = "aes-128-gcm";
  overrides.password = named("-k", "k7Qz2vRm9XwL4tPc");
  overrides.timeout = "7";
  overrides.fast_open = true;
  const Loaded<LocalConfig> loaded = local_with(with(R"(, "timeout": 5, "local_port": 1080)"), std::move(overrides));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->servers.front().address.to_string(), "192.0.2.9:99");
  EXPECT_EQ(loaded.config->servers.front().credentials.method->name, "aes-128-gcm");
  EXPECT_EQ(password_of(loaded.config->servers.front().credentials), "k7Qz2vRm9XwL4tPc");
  ASSERT_EQ(loaded.config->inbounds.size(), 1u);
  EXPECT_EQ(loaded.config->inbounds[0].listener.address.to_string(), "127.0.0.2:1081");
  EXPECT_EQ(loaded.config->timeouts.half_closed, std::chrono::seconds(7));
  EXPECT_TRUE(loaded.config->sockets.fast_open);
}

TEST(Overrides, SufficeWithoutAFile) {
  Overrides overrides;
  overrides.server = {"example.com:443"};
  overrides.method = "aes-256-gcm";
  overrides.password = named("--key-file", "k7Qz2vRm9XwL4tPc");
  const Loaded<LocalConfig> loaded = local_with("", std::move(overrides));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->servers.front().address.to_string(), "example.com:443");
  EXPECT_EQ(loaded.config->inbounds.at(0).listener.address.to_string(), "127.0.0.1:1080");
}

TEST(Overrides, AreNamedByTheirFlag) {
  Overrides overrides;
  overrides.server_port = "0";
  overrides.timeout = "soon";
  overrides.acl = "x.acl";
  overrides.plugin = "obfs-local";
  overrides.password = named("--key-file", kKey16);
  EXPECT_EQ(
      told(local_with(with(""), std::move(overrides))),
      "-p: 0 is out of range; write a port from 1 to 65535\n"
      "-t: is not a number; write seconds from 1 to 31622400\n"
      "--acl: is not supported yet; ss-server has `allow_targets` and `deny_targets`; ss-local sends all through the "
      "server\n"
      "--plugin: is not supported yet; without the plugin the peer could not be reached; remove it only if the peer "
      "runs none\n"
      "--key-file: the key has 16 bytes, but 2022-blake3-aes-256-gcm needs 32; "
      "`ss-server genkey 2022-blake3-aes-256-gcm` makes one\n");
}

TEST(Overrides, SayWhatIsMissingWithoutAFile) {
  EXPECT_EQ(told(local_with("", {})),
            "command line: server: is missing; write the address of the server, or give a link\n"
            "command line: server_port: is missing; write the server's port, such as 8388\n"
            "warning: command line: method: is not written, so chacha20-ietf-poly1305 is used as in shadowsocks-libev; "
            "write it\n"
            "command line: password: is missing; write the server's password or key, or give it by --key-file or "
            "$SS_PASSWORD\n");
}

TEST(Overrides, MoveAnAddressesOwnPort) {
  Overrides overrides;
  overrides.server_port = "99";
  const std::string text = R"({"server": "192.0.2.1:88", "method": "aes-256-gcm", "password": "k7Qz2vRm9XwL4tPc"})";
  const Loaded<LocalConfig> loaded = local_with(text, std::move(overrides));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->servers.front().address.port(), 99);
}

TEST(Overrides, GiveAPasswordInFrontOfTheFilesRawKey) {
  Overrides overrides;
  overrides.password = named("-k", "k7Qz2vRm9XwL4tPc");
  const std::string text =
      R"({"server": "192.0.2.1:88", "method": "aes-256-gcm", "key": ")" + std::string(kKey32) + "\"}";
  const Loaded<LocalConfig> loaded = local_with(text, std::move(overrides));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(password_of(loaded.config->servers.front().credentials), "k7Qz2vRm9XwL4tPc");
  EXPECT_TRUE(loaded.config->servers.front().credentials.key.empty());
}

TEST(Overrides, UseTheDefaultPasswordLast) {
  const std::string text = R"({"server": "192.0.2.1:88", "method": "aes-256-gcm"})";
  Overrides overrides;
  overrides.default_password = named("$SS_PASSWORD", "k7Qz2vRm9XwL4tPc");
  const Loaded<LocalConfig> used = local_with(text, std::move(overrides));
  ASSERT_TRUE(used.config) << told(used);
  EXPECT_EQ(password_of(used.config->servers.front().credentials), "k7Qz2vRm9XwL4tPc");

  Overrides again;
  again.default_password = named("$SS_PASSWORD", "other");
  const Loaded<LocalConfig> unused = local_with(with(""), std::move(again));
  ASSERT_TRUE(unused.config) << told(unused);
  EXPECT_EQ(password_of(unused.config->servers.front().credentials), kKey32);
}

TEST(Overrides, TellTheProgramsApartInTheirAddress) {
  Overrides overrides;
  overrides.local_address = "192.0.2.7";
  const Loaded<ServerConfig> loaded = server_with(with(""), std::move(overrides));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->sockets.bind_addresses.at(0).to_string(), "192.0.2.7");
}

TEST(Overrides, ListSeveralListeners) {
  Overrides overrides;
  overrides.server = {"127.0.0.1", "[::1]:9"};
  overrides.mode = Mode::tcp_and_udp;
  const Loaded<ServerConfig> loaded = server_with(with(""), std::move(overrides));
  ASSERT_TRUE(loaded.config) << told(loaded);
  ASSERT_EQ(loaded.config->listeners.size(), 2u);
  EXPECT_EQ(loaded.config->listeners[1].address.to_string(), "[::1]:9");
  EXPECT_EQ(told(loaded), "");
}

TEST(Overrides, ChooseTheModeInFrontOfTheFile) {
  for (const Mode mode : {Mode::tcp_and_udp, Mode::udp_only}) {
    Overrides overrides;
    overrides.mode = mode;
    const Loaded<ServerConfig> loaded = server_with(with(R"(, "mode": "tcp_only")"), std::move(overrides));
    ASSERT_TRUE(loaded.config) << told(loaded);
    EXPECT_EQ(loaded.config->mode, mode);
    EXPECT_TRUE(loaded.config->mode_written);
  }
}

TEST(LinkAsConfig, SufficesAlone) {
  Overrides overrides;
  overrides.link = "ss://2022-blake3-aes-256-gcm:" + std::string(kKey32.substr(0, 43)) + "%3D@[2001:db8::1]:443#x";
  const Loaded<LocalConfig> loaded = local_with("", std::move(overrides));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->servers.front().address.to_string(), "[2001:db8::1]:443");
  EXPECT_EQ(password_of(loaded.config->servers.front().credentials), kKey32);
}

TEST(LinkAsConfig, StandsBetweenFlagsAndFile) {
  Overrides overrides;
  overrides.link = "ss://aes-256-gcm:k7Qz2vRm9XwL4tPc@192.0.2.1:443";
  overrides.server_port = "444";
  const Loaded<LocalConfig> loaded = local_with(with(""), std::move(overrides));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(loaded.config->servers.front().address.to_string(), "192.0.2.1:444");
  EXPECT_EQ(loaded.config->servers.front().credentials.method->name, "aes-256-gcm");
}

TEST(LinkAsConfig, SaysWhatIsWrong) {
  Overrides broken;
  broken.link = "ss://aes-256-gcm:pw@192.0.2.1:0";
  const std::string text = told(local_with("", std::move(broken)));
  EXPECT_EQ(text, "link: port: it is not a port; write a number from 1 to 65535\n");
  Overrides plugin;
  plugin.link = "ss://aes-256-gcm:k7Qz2vRm9XwL4tPc@192.0.2.1:1/?plugin=obfs-local";
  EXPECT_TRUE(told(local_with("", std::move(plugin))).starts_with("link: plugin: is not supported yet; "));
}

TEST(ServersList, WithOneEnabledEntryIsThatServer) {
  const Loaded<LocalConfig> loaded = local_from(R"({"timeout": 9, "servers": [
    {"address": "192.0.2.1", "port": 1, "method": "aes-256-gcm", "password": "x", "disabled": true},
    {"server": "192.0.2.2", "server_port": "2", "method": "aes-256-gcm", "password": "k7Qz2vRm9XwL4tPc", "timeout": 3,
     "remarks": "home", "id": "1", "tcp_weight": 0.5, "plugin": "", "outbound_fwmark": 5}]})");
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(told(loaded), "");
  EXPECT_EQ(loaded.config->servers.front().address.to_string(), "192.0.2.2:2");
  EXPECT_EQ(loaded.config->timeouts.half_closed, std::chrono::seconds(3));
  EXPECT_EQ(loaded.config->sockets.fwmark, 5u);
  EXPECT_EQ(loaded.config->servers.size(), 1u);
}

TEST(ServersList, StandsBehindTheCommandLine) {
  const std::string entry =
      R"({"server": "192.0.2.1", "server_port": 1, "method": "aes-256-gcm", "password": "k7Qz2vRm9XwL4tPc"})";
  Overrides overrides;
  overrides.server = {"192.0.2.9:9"};
  const Loaded<LocalConfig> loaded =
      local_with(with(", \"servers\": [" + entry + "," + entry + "]"), std::move(overrides));
  ASSERT_TRUE(loaded.config) << told(loaded);
  ASSERT_EQ(loaded.config->servers.size(), 1u);
  EXPECT_EQ(loaded.config->servers.front().address.to_string(), "192.0.2.9:9");
  EXPECT_EQ(told(loaded),
            "warning: c.json:2:14: servers: has no effect; the server of the command line alone is used\n");
}

TEST(ServersList, OfSeveralIsRefusedByTheServer) {
  const std::string entry =
      R"({"server": "192.0.2.1", "server_port": 1, "method": "aes-256-gcm", "password": "k7Qz2vRm9XwL4tPc"})";
  EXPECT_EQ(
      told(server_from("{\"servers\": [" + entry + "," + entry + "]}")),
      "c.json:1:13: servers: several servers are not supported yet; keep one and write \"disabled\": true into the "
      "others\n");
  EXPECT_NE(told(server_from(with(", \"servers\": [" + entry + "]"))).find("several servers"), std::string::npos);
}

TEST(ServersList, NamesProblemsByEntry) {
  EXPECT_NE(told(local_from(R"({"shadowsocks": [{"server": "192.0.2.1", "prot": 1}]})"))
                .find("c.json:1:42: shadowsocks[0].prot: is not a known key; did you mean `port`?"),
            std::string::npos);
}

TEST(GatherFile, RefusesWhatIsNoObject) {
  EXPECT_EQ(told(local_from("[]")),
            "c.json:1:1: the configuration is not an object; begin it with { and end it with }\n");
  EXPECT_EQ(told(local_from("{")),
            "c.json:1:2: the text ends too early; check that each bracket, quote and comment is closed\n");
}

}  // namespace
}  // namespace ss::config
