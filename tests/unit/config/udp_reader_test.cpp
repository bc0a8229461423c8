#include "ss/config/udp_reader.hpp"

#include <gtest/gtest.h>

#include "unit/config/loading.hpp"

namespace ss::config {
namespace {

using namespace std::chrono_literals;

/// A complete configuration with a SIP004 method and `more`, which begins at 2:1.
std::string sip004(std::string_view more) {
  return R"({"server": "127.0.0.1", "server_port": 8388, "method": "aes-256-gcm", "password": "k7Qz2vRm9XwL4tPc")"
         "\n" +
         std::string(more) + "}";
}

std::string spell(Mode mode) {
  if (mode == Mode::tcp_and_udp) return "both";
  return serves_udp(mode) ? "udp" : "tcp";
}

/// The modes of all inbounds, and what they are together.
std::string modes(const Loaded<LocalConfig>& loaded) {
  if (!loaded.config) return "refused: " + told(loaded);
  std::string out;
  for (const Inbound& inbound : loaded.config->inbounds) out += spell(inbound.mode) + ' ';
  return out + "= " + spell(loaded.config->mode);
}

/// An ss-local whose file has `top`, this in its enabled element of `servers`, and `locals`.
Loaded<LocalConfig> local_of(std::string_view top, std::string_view server, std::string_view locals,
                             std::optional<Mode> flag = std::nullopt) {
  const std::string text =
      "{" + std::string(top) + "\"servers\": [{" + std::string(server) +
      R"("address": "192.0.2.1", "port": 1, "method": "aes-256-gcm", "password": "k7Qz2vRm9XwL4tPc"}])" +
      std::string(locals) + "}";
  Sources sources;
  sources.file = File{"c.json", text};
  sources.overrides.mode = flag;
  return load_local(sources);
}

constexpr std::string_view kTcp = R"("mode": "tcp_only", )";
constexpr std::string_view kUdp = R"("mode": "udp_only", )";
constexpr std::string_view kBoth = R"("mode": "tcp_and_udp", )";
constexpr std::string_view kTwoLocals = R"(, "locals": [{"local_port": 1}, {"local_port": 2, "mode": "tcp_and_udp"}])";

TEST(ServesMode, IsTrueForEachRelayOfTheMode) {
  EXPECT_TRUE(serves_tcp(Mode::tcp_only) && serves_tcp(Mode::tcp_and_udp) && !serves_tcp(Mode::udp_only));
  EXPECT_TRUE(serves_udp(Mode::udp_only) && serves_udp(Mode::tcp_and_udp) && !serves_udp(Mode::tcp_only));
}

TEST(ReadInboundMode, IsBothWhereNoneIsWritten) {
  const Loaded<LocalConfig> loaded = local_of("", "", "");
  EXPECT_EQ(modes(loaded), "both = both");
  EXPECT_FALSE(loaded.config->mode_written);
}

TEST(ReadInboundMode, TakesTheInboundsOwnBeforeTheFiles) {
  EXPECT_EQ(modes(local_of(kTcp, "", "")), "tcp = tcp");
  EXPECT_EQ(modes(local_of(kUdp, "", "")), "udp = udp");
  EXPECT_EQ(modes(local_of(kTcp, "", kTwoLocals)), "tcp both = both");
  EXPECT_EQ(modes(local_of(kBoth, "", R"(, "locals": [{"local_port": 1, "mode": "udp_only"}])")), "udp = udp");
  EXPECT_EQ(modes(local_of("", "", R"(, "locals": [{"local_port": 1, "mode": "udp_only"},
    {"local_port": 2, "mode": "tcp_only"}])")),
            "udp tcp = both");
}

TEST(ReadInboundMode, ServesWhatTheServerRelays) {
  EXPECT_EQ(modes(local_of("", kTcp, "")), "tcp = tcp");
  EXPECT_EQ(modes(local_of(kTcp, kBoth, "")), "tcp = tcp");
  EXPECT_EQ(modes(local_of(kBoth, kTcp, kTwoLocals)), "tcp tcp = tcp");
}

TEST(ReadInboundMode, SaysWhereMoreIsAskedForThanTheServerRelays) {
  EXPECT_EQ(
      told(local_of(kBoth, kTcp, "")),
      "warning: c.json:1:10: mode: what the server relays is \"tcp_only\", and nothing else is served; write that "
      "here, or give the server a `mode` or a weight for the rest\n");
  EXPECT_NE(told(local_of("", "\"udp_weight\": 0, ", "", Mode::tcp_and_udp)).find("-u: what the server relays is"),
            std::string::npos);
  EXPECT_EQ(told(local_of("", kTcp, "")), "") << "both were not asked for";
  EXPECT_EQ(told(local_of(kTcp, kTcp, "")), "");
}

TEST(ReadInboundMode, RefusesWhatTheServerRelaysNothingOf) {
  EXPECT_EQ(modes(local_of(kUdp, kTcp, "")),
            "refused: c.json:1:10: mode: nothing would be served, as what the server relays is \"tcp_only\"; "
            "write \"tcp_and_udp\" into one of them\n");
  EXPECT_NE(modes(local_of("", kTcp, R"(, "locals": [{"local_port": 1, "mode": "udp_only"}])"))
                .find(" locals[0].mode: nothing would be served"),
            std::string::npos);
}

TEST(ReadInboundMode, PutsTheFlagInFrontOfWhatTheFileAsks) {
  EXPECT_EQ(modes(local_of(kTcp, "", kTwoLocals, Mode::udp_only)), "udp udp = udp");
  EXPECT_EQ(modes(local_of(kTcp, "", "", Mode::tcp_and_udp)), "both = both");
}

TEST(ReadInboundMode, LetsNoFlagSendToAServerWhatItDoesNotRelay) {
  EXPECT_EQ(modes(local_of("", kTcp, "", Mode::tcp_and_udp)), "tcp = tcp");
  EXPECT_EQ(modes(local_of("", kTcp, "", Mode::udp_only)),
            "refused: -U: nothing would be served, as what the server relays is \"tcp_only\"; write \"tcp_and_udp\" "
            "into one of them\n");
}

TEST(ReadUdpTimeout, FollowsTheTimeoutWhereItHasNoneOfItsOwn) {
  EXPECT_EQ(server_from(sip004("")).config->timeouts.udp, 300s);
  EXPECT_EQ(server_from(sip004(R"(, "timeout": 120)")).config->timeouts.udp, 120s);
  const Timeouts apart = server_from(sip004(R"(, "timeout": 120, "udp_timeout": "30")")).config->timeouts;
  EXPECT_EQ(apart.udp, 30s);
  EXPECT_EQ(apart.half_closed, 120s);
}

TEST(ReadUdpTimeout, StaysAboveTheTimeoutsFloorInSilence) {
  const Loaded<ServerConfig> old = server_from(sip004(R"(, "timeout": 1)"));
  EXPECT_EQ(old.config->timeouts.udp, 10s);
  EXPECT_EQ(old.config->timeouts.half_closed, 1s);
  const Loaded<ServerConfig> with_2022 = server_from(with(R"(, "timeout": 59)"));
  EXPECT_EQ(with_2022.config->timeouts.udp, 60s);
  EXPECT_EQ(told(old) + told(with_2022), "");
}

TEST(ReadUdpTimeout, HasNoEffectOnLocalAndSaysSo) {
  EXPECT_EQ(told(local_from(with(R"(, "udp_timeout": 60)"))),
            "warning: c.json:2:18: udp_timeout: has no effect on ss-local: an association ends with its control "
            "connection, or at \"idle_timeout\"; remove it\n");
}

TEST(ReadUdpTimeout, IsRaisedToWhatA2022MethodNeeds) {
  const Loaded<ServerConfig> loaded = server_from(with(R"(, "udp_timeout": 59.9)"));
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->timeouts.udp, 60s);
  EXPECT_EQ(told(loaded),
            "warning: c.json:2:18: udp_timeout: is raised to 60 s: packets of a session that is forgotten sooner could "
            "be replayed; write 60 or more\n");
  EXPECT_EQ(told(server_from(with(R"(, "udp_timeout": 60)"))), "");
  EXPECT_EQ(told(server_from(sip004(R"(, "udp_timeout": 1)"))), "");
}

TEST(ReadUdpOverTcp, KnowsEachWord) {
  EXPECT_EQ(local_from(with("")).config->udp_over_tcp, UdpOverTcp::automatic);
  const Loaded<LocalConfig> automatic = local_from(with(R"(, "udp_over_tcp": "auto")"));
  EXPECT_EQ(automatic.config->udp_over_tcp, UdpOverTcp::automatic);
  EXPECT_EQ(told(automatic), "");
  EXPECT_EQ(local_from(with(R"(, "udp_over_tcp": "on")")).config->udp_over_tcp, UdpOverTcp::on);
  EXPECT_EQ(local_from(with(R"(, "udp_over_tcp": "off")")).config->udp_over_tcp, UdpOverTcp::off);
  EXPECT_EQ(told(local_from(with(R"(, "udp_over_tcp": true)"))),
            "c.json:2:19: udp_over_tcp: is true or false; write one of \"auto\", \"on\", \"off\"\n");
}

TEST(ReadAssociateAddress, HoldsForInboundsWithoutTheirOwn) {
  const Loaded<LocalConfig> loaded = local_from(with(R"(, "udp_associate_address": "192.0.2.9", "locals": [
    {"local_port": 1}, {"local_port": 2, "udp_associate_address": "2001:db8::9"},
    {"local_port": 3, "udp_associate_address": ""}], "local_port": 4)"));
  ASSERT_TRUE(loaded.config) << told(loaded);
  std::string told_to_clients;
  for (const Inbound& inbound : loaded.config->inbounds) {
    told_to_clients +=
        inbound.udp_associate_address ? inbound.udp_associate_address->to_string() + ' ' : std::string("none ");
  }
  EXPECT_EQ(told_to_clients, "192.0.2.9 192.0.2.9 2001:db8::9 none ");
  EXPECT_FALSE(local_from(with("")).config->inbounds.at(0).udp_associate_address);
}

TEST(ReadAssociateAddress, RefusesWhatClientsCannotSendTo) {
  for (const std::string_view text : {"vps.example.com", "192.0.2.1:53", "[2001:db8::1]", "192.0.2.256"}) {
    EXPECT_EQ(told(local_from(with(", \"udp_associate_address\": \"" + std::string(text) + "\""))),
              "c.json:2:28: udp_associate_address: is not an address; write the address by which clients reach this "
              "machine, such as 192.0.2.1 or 2001:db8::1, without a port\n");
  }
  for (const std::string_view text : {"0.0.0.0", "::", "224.0.0.1", "ff02::1", "::ffff:0.0.0.0"}) {
    EXPECT_EQ(told(local_from(with(", \"udp_associate_address\": \"" + std::string(text) + "\""))),
              "c.json:2:28: udp_associate_address: is not the address of one machine; write the one by which clients "
              "reach this machine\n");
  }
}

TEST(ReadAssociateAddress, ReportsAnInheritedOneOnce) {
  EXPECT_EQ(
      told(local_from(with(R"(, "udp_associate_address": "::", "locals": [{"local_port": 1}, {"local_port": 2}])"))),
      "c.json:2:28: udp_associate_address: is not the address of one machine; write the one by which clients "
      "reach this machine\n");
}

TEST(UdpKeys, SayWhyTheyHaveNoEffect) {
  EXPECT_EQ(told(local_from(with(R"(, "udp_mtu": 1400, "outbound_udp_allow_fragmentation": false, "locals": [
{"local_port": 1, "local_udp_address": "127.0.0.2", "local_udp_port": 5}])"))),
            "warning: c.json:2:3: udp_mtu: has no effect; datagrams of every size are relayed\n"
            "warning: c.json:2:20: outbound_udp_allow_fragmentation: has no effect; the operating system fragments "
            "what is longer than the path takes\n"
            "warning: c.json:3:19: locals[0].local_udp_address: has no effect; each association gets a port of its "
            "own, at the address of this entry\n"
            "warning: c.json:3:53: locals[0].local_udp_port: has no effect; each association gets a port of its own, "
            "at the address of this entry\n");
  EXPECT_EQ(told(local_from(with(R"(, "mtu": 0, "outbound_udp_allow_fragmentation": true)"))), "");
}

}  // namespace
}  // namespace ss::config
