#include "ss/config/settings_reader.hpp"

#include <gtest/gtest.h>

#include "unit/config/loading.hpp"

namespace ss::config {
namespace {

using namespace std::chrono_literals;

Settings settings(std::string_view more) {
  Loaded<ServerConfig> loaded = server_from(with(more));
  EXPECT_TRUE(loaded.config) << told(loaded);
  return loaded.config ? static_cast<Settings>(*std::move(loaded.config)) : Settings();
}

std::string server_faults(std::string_view more) {
  const Loaded<ServerConfig> loaded = server_from(with(more));
  EXPECT_FALSE(loaded.config) << more;
  return told(loaded);
}

TEST(ReadSettings, HasTheDefaultsOfTheDocumentation) {
  const Settings read = settings("");
  EXPECT_EQ(read.timeouts.half_closed, 300s);
  EXPECT_EQ(read.timeouts.idle, 24h);
  EXPECT_EQ(read.timeouts.connect, 10s);
  EXPECT_EQ(read.timeouts.handshake, 10s);
  EXPECT_EQ(read.timeouts.first_flight, 20ms);
  EXPECT_EQ(read.timeouts.udp, 300s);
  EXPECT_EQ(read.udp_max_associations, 65'536u);
  EXPECT_EQ(read.mode, Mode::tcp_and_udp);
  EXPECT_FALSE(read.mode_written);
  EXPECT_FALSE(read.sockets.fast_open);
  EXPECT_FALSE(read.sockets.reuse_port);
  EXPECT_TRUE(read.sockets.no_delay);
  EXPECT_EQ(read.sockets.keep_alive, 15s);
  EXPECT_FALSE(read.sockets.fwmark);
  EXPECT_TRUE(read.dns.cache);
  EXPECT_EQ(read.dns.max_questions, 512u);
  EXPECT_EQ(read.max_buffered, 64u * 1024 * 1024);
  EXPECT_EQ(read.sandbox, Sandbox::automatic);
  EXPECT_EQ(read.user, "");
  EXPECT_EQ(read.workers, 0u);
  EXPECT_FALSE(read.nofile);
}

TEST(ReadSettings, TakesTheExtension) {
  EXPECT_EQ(settings("").extension, Extension::automatic);
  EXPECT_EQ(settings(R"(, "extension": "auto")").extension, Extension::automatic);
  EXPECT_EQ(settings(R"(, "extension": "on")").extension, Extension::on);
  EXPECT_EQ(settings(R"(, "extension": "off")").extension, Extension::off);
  EXPECT_EQ(local_from(with(R"(, "extension": "off")")).config->extension, Extension::off);
  EXPECT_NE(server_faults(R"(, "extension": true)").find("extension: is true or false; write one of"),
            std::string::npos);
}

TEST(ReadSettings, TakesEveryKey) {
  const Settings read =
      settings(R"(, "timeout": "60", "idle_timeout": 0, "connect_timeout": 2.5, "handshake_timeout": 3,
    "fast_open": true, "reuse_port": true, "no_delay": false, "mptcp": true, "ipv6_first": true, "keep_alive": 0, "fwmark": 4294967295,
    "bind_interface": "eth0", "bind_address": ["192.0.2.1", "2001:db8::1"], "dscp": "EF", "workers": 3, "nofile": "20000",
    "dns": ["9.9.9.9", "1.1.1.1:5353"], "dns_cache": false, "pid_file": "/run/x.pid", "mode": "udp_only",
    "udp_timeout": 90.5, "udp_max_associations": "512", "dns_max_questions": 7, "max_buffered": 2097152, "user": "proxy",
    "sandbox": "strict")");
  EXPECT_EQ(read.dns.max_questions, 7u);
  EXPECT_EQ(read.max_buffered, 2'097'152u);
  EXPECT_EQ(read.user, "proxy");
  EXPECT_EQ(read.sandbox, Sandbox::strict);
  EXPECT_EQ(read.mode, Mode::udp_only);
  EXPECT_TRUE(read.mode_written);
  EXPECT_EQ(read.timeouts.udp, 90'500ms);
  EXPECT_EQ(read.udp_max_associations, 512u);
  EXPECT_EQ(read.timeouts.half_closed, 60s);
  EXPECT_EQ(read.timeouts.idle, 0s);
  EXPECT_EQ(read.timeouts.connect, 2500ms);
  EXPECT_EQ(read.timeouts.handshake, 3s);
  EXPECT_TRUE(read.sockets.fast_open);
  EXPECT_TRUE(read.sockets.reuse_port);
  EXPECT_FALSE(read.sockets.no_delay);
  EXPECT_TRUE(read.sockets.mptcp);
  EXPECT_TRUE(read.dns.ipv6_first);
  EXPECT_EQ(read.sockets.keep_alive, 0s);
  EXPECT_EQ(read.sockets.fwmark, 4'294'967'295u);
  EXPECT_EQ(read.sockets.bind_interface, "eth0");
  ASSERT_EQ(read.sockets.bind_addresses.size(), 2u);
  EXPECT_EQ(read.sockets.bind_addresses[1].to_string(), "2001:db8::1");
  EXPECT_EQ(read.sockets.dscp, 46);
  EXPECT_EQ(read.workers, 3u);
  EXPECT_EQ(read.nofile, 20'000u);
  ASSERT_EQ(read.dns.nameservers.size(), 2u);
  EXPECT_EQ(read.dns.nameservers[1].to_string(), "1.1.1.1:5353");
  EXPECT_FALSE(read.dns.cache);
  EXPECT_EQ(read.pid_file, "/run/x.pid");
}

TEST(ReadSettings, TakesThePeersNamesForThem) {
  const Settings read = settings(R"(, "outbound_fwmark": 7, "outbound_bind_addr": "192.0.2.9",
    "outbound_bind_interface": "wg0", "nameserver": "9.9.9.9,1.1.1.1", "dns_cache_size": 0)");
  EXPECT_EQ(read.sockets.fwmark, 7u);
  EXPECT_EQ(read.sockets.bind_addresses.at(0).to_string(), "192.0.2.9");
  EXPECT_EQ(read.sockets.bind_interface, "wg0");
  EXPECT_EQ(read.dns.nameservers.size(), 2u);
  EXPECT_FALSE(read.dns.cache);
  EXPECT_EQ(settings(R"(, "local_ipv4_address": "192.0.2.1", "local_ipv6_address": "2001:db8::1")")
                .sockets.bind_addresses.size(),
            2u);
}

TEST(ReadSettings, SetsBuffersTogetherOrApart) {
  const SocketOptions both = settings(R"(, "send_buffer": 1000, "recv_buffer": 2000)").sockets;
  EXPECT_EQ(both.inbound.send, 1000);
  EXPECT_EQ(both.outbound.send, 1000);
  EXPECT_EQ(both.outbound.receive, 2000);
  const SocketOptions apart = settings(R"(, "send_buffer": 1000, "tcp_incoming_sndbuf": 1, "tcp_incoming_rcvbuf": 2,
    "tcp_outgoing_sndbuf": 3, "tcp_outgoing_rcvbuf": 4)")
                                  .sockets;
  EXPECT_EQ(apart.inbound.send, 1);
  EXPECT_EQ(apart.inbound.receive, 2);
  EXPECT_EQ(apart.outbound.send, 3);
  EXPECT_EQ(apart.outbound.receive, 4);
}

TEST(ReadSettings, FindsTheMarkOfItsPort) {
  EXPECT_EQ(settings(R"(, "dscp": {"8388": "CS1", "8389": 5})").sockets.dscp, 8);
  EXPECT_FALSE(settings(R"(, "dscp": {"8389": 5})").sockets.dscp);
  EXPECT_EQ(settings(R"(, "dscp": 5)").sockets.dscp, 5);
  EXPECT_NE(server_faults(R"(, "dscp": {"8389": "best"})").find("dscp.8389: is not a DSCP mark"), std::string::npos);
  EXPECT_NE(server_faults(R"(, "dscp": {"http": 5})").find("dscp.http: is not a port"), std::string::npos);
  EXPECT_NE(server_faults(R"(, "dscp": 1.5)").find("dscp: is not a DSCP mark"), std::string::npos);
  EXPECT_NE(server_faults(R"(, "dscp": true)").find("dscp: is not a DSCP mark"), std::string::npos);
}

TEST(ReadSettings, RefusesWhatItCannotKeep) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"(, "bind_address": "eth0")", "is not an address"},
      {R"(, "bind_address": ["192.0.2.1", "192.0.2.2"])", "is a second IPv4 address"},
      {R"(, "bind_address": "192.0.2.1", "local_ipv4_address": "192.0.2.1")", "is a second IPv4 address"},
      {R"(, "bind_interface": "0123456789abcdef")", "is longer than 15 characters"},
      {R"(, "dns": {"nameserver": "x"})", "a resolver object is not supported yet"},
      {R"(, "dns": 5)", "is a number"},
      {R"(, "dns": ["9.9.9.9", 5])", "entry 1 is a number"},
      {R"(, "dns": "cloudflare_tls")", "is not supported yet"},
      {R"(, "timeout": 0)", "0 is out of range"},
      {R"(, "timeout": "1m")", "is not a number"},
      {R"(, "connect_timeout": -1)", "-1 is out of range"},
      {R"(, "keep_alive": 40000)", "40000 is out of range"},
      {R"(, "fwmark": 4294967296)", "4294967296 is out of range"},
      {R"(, "workers": "some")", "is not a number"},
      {R"(, "nofile": 5)", "5 is out of range"},
      {R"(, "send_buffer": -1)", "-1 is out of range"},
      {R"(, "no_delay": 1)", "is a number"},
      {R"(, "mode": "both")", "is none of the known words"},
      {R"(, "udp_timeout": 0)", "0 is out of range"},
      {R"(, "udp_timeout": "long")", "is not a number"},
      {R"(, "udp_max_associations": 0)", "0 is out of range"},
      {R"(, "udp_max_associations": 4294967296)", "write a whole number from 1 to 4294967295"},
  };
  for (const auto& [more, what] : cases) {
    const std::string faults = server_faults(more);
    EXPECT_NE(faults.find(what), std::string::npos) << more << '\n' << faults;
    EXPECT_TRUE(faults.starts_with("c.json:2:")) << faults;
    EXPECT_EQ(faults.find("command line"), std::string::npos);
  }
}

TEST(ReadSettings, TakesTheModeOfTheServersEntryFirst) {
  const Loaded<ServerConfig> loaded = server_from(
      R"({"mode": "tcp_only", "servers": [{"server": "::", "server_port": 1, "method": "aes-256-gcm",
    "password": "k7Qz2vRm9XwL4tPc", "mode": "udp_only"}]})");
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(told(loaded), "");
  EXPECT_EQ(loaded.config->mode, Mode::udp_only);
}

TEST(SettleFamilies, LeavesIpv4ToItsOwnListener) {
  Listener six{*TargetAddress::make("::", 1)}, four{*TargetAddress::make("0.0.0.0", 1)};
  Listener other{*TargetAddress::make("0.0.0.0", 2)}, one{*TargetAddress::make("::1", 1)};
  settle_families(false, {&six, &other, &one});
  EXPECT_FALSE(six.v6_only);
  settle_families(false, {&six, &four, &one});
  EXPECT_TRUE(six.v6_only);
  settle_families(true, {&six});
  EXPECT_TRUE(six.v6_only);
  EXPECT_FALSE(one.v6_only);
}

}  // namespace
}  // namespace ss::config
