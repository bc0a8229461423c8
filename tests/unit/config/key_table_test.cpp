#include "ss/config/key_table.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ss::config {
namespace {

constexpr Scope kScopes[] = {Scope::top, Scope::server_entry, Scope::local_entry, Scope::server_user,
                             Scope::inbound_user};

TEST(FindKey, KnowsEveryKeyOfTheDocumentation) {
  constexpr std::string_view kOurs[] = {
      "server",
      "server_port",
      "servers",
      "local_address",
      "local_port",
      "locals",
      "password",
      "method",
      "key",
      "users",
      "mode",
      "timeout",
      "idle_timeout",
      "keep_alive",
      "connect_timeout",
      "handshake_timeout",
      "first_flight_ms",
      "fast_open",
      "no_delay",
      "reuse_port",
      "ipv6_first",
      "mptcp",
      "fwmark",
      "bind_address",
      "bind_interface",
      "dscp",
      "send_buffer",
      "recv_buffer",
      "workers",
      "nofile",
      "dns",
      "dns_cache",
      "acl",
      "allow_targets",
      "deny_targets",
      "plugin",
      "plugin_opts",
      "plugin_args",
      "plugin_mode",
      "reject",
      "max_connections",
      "max_unauthenticated",
      "max_connections_per_source",
      "dns_max_questions",
      "max_buffered",
      "replay_store",
      "extension",
      "socks5_reply",
      "reply_wait_ms",
      "policy",
      "bind_ports",
      "speedtest",
      "allow_weak_password",
      "preconnect",
      "udp_over_tcp",
      "sandbox",
      "user",
      "pid_file",
      "daemon",
      "api",
      "udp_timeout",
      "udp_max_associations",
      "udp_associate_address",
  };
  for (const std::string_view name : kOurs) EXPECT_NE(find_key(Scope::top, name), nullptr) << name;
}

TEST(FindKey, KnowsEveryKeyOfThePeers) {
  constexpr std::string_view kTheirs[] = {
      "local_ipv4_address",
      "local_ipv6_address",
      "tcp_incoming_sndbuf",
      "tcp_incoming_rcvbuf",
      "tcp_outgoing_sndbuf",
      "tcp_outgoing_rcvbuf",
      "nameserver",
      "dns_cache_size",
      "tunnel_address",
      "mtu",
      "udp_mtu",
      "ipv6_only",
      "use_syslog",
      "tcp_tproxy",
      "tcp_redir",
      "workdir",
      "manager_address",
      "manager_port",
      "port_password",
      "auth",
      "shadowsocks",
      "protocol",
      "udp_max_associations",
      "outbound_fwmark",
      "outbound_user_cookie",
      "outbound_bind_addr",
      "outbound_bind_interface",
      "outbound_udp_allow_fragmentation",
      "outbound_proxy",
      "security",
      "balancer",
      "online_config",
      "version",
      "log",
      "runtime",
      "forward_address",
      "forward_port",
  };
  for (const std::string_view name : kTheirs) EXPECT_NE(find_key(Scope::top, name), nullptr) << name;
  for (const std::string_view name : {"server",
                                      "address",
                                      "server_port",
                                      "port",
                                      "password",
                                      "method",
                                      "users",
                                      "disabled",
                                      "plugin",
                                      "plugin_opts",
                                      "plugin_args",
                                      "plugin_mode",
                                      "timeout",
                                      "remarks",
                                      "name",
                                      "id",
                                      "mode",
                                      "weight",
                                      "tcp_weight",
                                      "udp_weight",
                                      "acl",
                                      "outbound_fwmark",
                                      "outbound_bind_addr",
                                      "outbound_bind_interface",
                                      "outbound_proxy"}) {
    EXPECT_NE(find_key(Scope::server_entry, name), nullptr) << name;
  }
  for (const std::string_view name : {"local_address",
                                      "local_port",
                                      "local_udp_address",
                                      "local_udp_port",
                                      "udp_associate_address",
                                      "disabled",
                                      "mode",
                                      "protocol",
                                      "acl",
                                      "socks5_auth_config_path",
                                      "http_auth_config_path",
                                      "forward_address",
                                      "forward_port",
                                      "tcp_redir",
                                      "udp_redir",
                                      "local_dns_address",
                                      "remote_dns_port",
                                      "tun_interface_name",
                                      "fake_dns_record_expire_duration",
                                      "users"}) {
    EXPECT_NE(find_key(Scope::local_entry, name), nullptr) << name;
  }
  for (const std::string_view name : {"name", "password", "quota", "reset_day", "rate_up", "rate_down",
                                      "max_connections", "max_ips", "expires", "disabled"}) {
    EXPECT_NE(find_key(Scope::server_user, name), nullptr) << name;
  }
}

TEST(FindKey, TakesUnderscoreAndRemarksForComments) {
  for (const Scope scope : kScopes) {
    ASSERT_NE(find_key(scope, "_note"), nullptr);
    EXPECT_EQ(find_key(scope, "_note")->support, Support::comment);
    EXPECT_NE(find_key(scope, "remarks"), nullptr);
    EXPECT_EQ(find_key(scope, "note_"), nullptr);
    EXPECT_EQ(find_key(scope, ""), nullptr);
  }
}

TEST(KeysOf, AreConsistent) {
  for (const Scope scope : kScopes) {
    std::set<std::string_view> names;
    for (const Key& key : keys_of(scope)) {
      EXPECT_TRUE(names.insert(key.name).second) << key.name << " stands twice";
      if (key.support == Support::no_effect || key.support == Support::not_yet || key.support == Support::refused) {
        EXPECT_FALSE(key.note.empty()) << key.name << " does not say what to do instead";
      } else {
        EXPECT_TRUE(key.note.empty() && key.quiet.empty()) << key.name;
      }
      if (!key.alias_of.empty()) {
        const Key* const meant = find_key(scope, key.alias_of);
        ASSERT_NE(meant, nullptr) << key.name;
        EXPECT_EQ(meant->support, key.support) << key.name;
      }
      if (key.shape.kind == Kind::choice) {
        EXPECT_FALSE(key.shape.words.empty()) << key.name;
      }
    }
  }
}

TEST(NearestKey, FindsMisspeltKey) {
  EXPECT_EQ(nearest_key(Scope::top, "passwrod"), "password");
  EXPECT_EQ(nearest_key(Scope::top, "local_prot"), "local_port");
  EXPECT_EQ(nearest_key(Scope::server_user, "qouta"), "quota");
  EXPECT_EQ(nearest_key(Scope::top, "zzzzzz"), "");
}

TEST(IsListed, ComparesWholeWords) {
  EXPECT_TRUE(is_listed("auto|on|off", "on"));
  EXPECT_TRUE(is_listed("auto", "auto"));
  EXPECT_FALSE(is_listed("auto|on", "au"));
  EXPECT_FALSE(is_listed("auto|on", "auto|on"));
  EXPECT_FALSE(is_listed("", ""));
}

}  // namespace
}  // namespace ss::config
