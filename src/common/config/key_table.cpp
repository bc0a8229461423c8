#include "ss/config/key_table.hpp"

#include <vector>

#include "ss/config/nearest.hpp"

namespace ss::config {
namespace {

using enum Programs;
using enum Support;

constexpr double kWeek = 7.0 * 24 * 3600;
constexpr double kYear = 366.0 * 24 * 3600;

constexpr Shape kAny{Kind::any};
constexpr Shape kText{Kind::text};
constexpr Shape kSecret{Kind::secret};
constexpr Shape kBoolean{Kind::boolean};
constexpr Shape kPort{Kind::port};
constexpr Shape kPorts{Kind::ports};
constexpr Shape kTexts{Kind::texts};
constexpr Shape kObjects{Kind::objects};
constexpr Shape kObject{Kind::object};
constexpr Shape kBufferBytes{Kind::number, 0, 1 << 30};
constexpr Shape kCount{Kind::number, 1, 4'294'967'295.0};
constexpr Shape kWeight{Kind::fraction, 0, 1};
constexpr Shape kMode{Kind::choice, 0, 0, "tcp_only|tcp_and_udp|udp_only"};
constexpr Shape kProtocol{Kind::choice, 0, 0, "socks|http|mixed|tunnel|redir|tproxy|dns|tun|fake-dns"};
constexpr Shape kAutoOnOff{Kind::choice, 0, 0, "auto|on|off"};

constexpr Shape number(double low, double high, std::string_view words = {}) {
  return {Kind::number, low, high, words};
}
constexpr Shape seconds(double low, double high) {
  return {Kind::duration, low, high};
}
constexpr Shape choice(std::string_view words) {
  return {Kind::choice, 0, 0, words};
}

constexpr std::string_view kWholeDatagrams = "datagrams of every size are relayed";
constexpr std::string_view kSystemFragments = "the operating system fragments what is longer than the path takes";
constexpr std::string_view kOwnPorts = "each association gets a port of its own, at the address of this entry";
constexpr std::string_view kNoPlugin =
    "without the plugin the peer could not be reached; remove it only if the peer runs none";
constexpr std::string_view kNoAcl =
    "ss-server has `allow_targets` and `deny_targets`; ss-local sends all through the server";
constexpr std::string_view kSocksOnly = "a `locals` entry of protocol `socks`, `http` or `mixed` works";
constexpr std::string_view kNoLimits = "without it the user would have no such limit; remove it if that is meant";

// Columns: key · programs · class · shape · values that are fine as they are · what to do instead · the key it is
// another name of
constexpr Key kTop[] = {
    {"server", both, works, kTexts},
    {"server_port", both, works, kPort},
    {"servers", both, works, kObjects},
    {"shadowsocks", both, works, kObjects, {}, {}, "servers"},
    {"local_address", both, works, kText},
    {"local_port", local, works, kPort},
    {"locals", local, works, kObjects},
    {"password", both, works, kSecret},
    {"method", both, works, kText},
    {"key", both, works, kSecret},
    {"users", server, works, kObjects},
    {"mode", both, works, kMode},
    {"timeout", both, works, seconds(1, kYear)},
    {"idle_timeout", both, works, seconds(0, kYear)},
    {"connect_timeout", both, works, seconds(0.1, 3600)},
    {"handshake_timeout", both, works, seconds(0.1, 3600)},
    {"first_flight_ms", local, works, number(0, 10'000)},
    {"udp_timeout", both, works, seconds(1, kWeek)},
    {"udp_max_associations", both, works, kCount},
    {"udp_associate_address", local, works, kText},
    {"udp_over_tcp", local, works, kAutoOnOff},
    {"max_buffered", both, works, number(1 << 20, 1099511627776.0)},
    {"fast_open", both, works, kBoolean},
    {"no_delay", both, works, kBoolean},
    {"mptcp", both, works, kBoolean},
    {"reuse_port", both, works, kBoolean},
    {"ipv6_first", both, works, kBoolean},
    {"ipv6_only", both, works, kBoolean},
    {"keep_alive", both, works, number(0, 32'767)},
    {"fwmark", both, works, number(0, 4'294'967'295.0)},
    {"outbound_fwmark", both, works, number(0, 4'294'967'295.0), {}, {}, "fwmark"},
    {"outbound_user_cookie", both, no_effect, kAny, "0", "it exists on FreeBSD alone"},
    {"bind_address", both, works, kTexts},
    {"outbound_bind_addr", both, works, kTexts, {}, {}, "bind_address"},
    {"local_ipv4_address", server, works, kText},
    {"local_ipv6_address", server, works, kText},
    {"bind_interface", both, works, kText},
    {"outbound_bind_interface", both, works, kText, {}, {}, "bind_interface"},
    {"outbound_udp_allow_fragmentation", both, no_effect, kBoolean, "true", kSystemFragments},
    {"outbound_proxy",
     both,
     not_yet,
     kAny,
     {},
     "without it connections would go out directly; remove it if that is meant"},
    {"dscp", both, works, kAny},
    {"send_buffer", both, works, kBufferBytes},
    {"recv_buffer", both, works, kBufferBytes},
    {"tcp_incoming_sndbuf", both, works, kBufferBytes},
    {"tcp_incoming_rcvbuf", both, works, kBufferBytes},
    {"tcp_outgoing_sndbuf", both, works, kBufferBytes},
    {"tcp_outgoing_rcvbuf", both, works, kBufferBytes},
    {"workers", both, works, number(1, 1024, "auto")},
    {"nofile", both, works, number(64, 1'073'741'816)},
    {"dns", both, works, kAny},
    {"nameserver", both, works, kAny, {}, {}, "dns"},
    {"dns_cache", both, works, kBoolean},
    {"dns_max_questions", both, works, kCount},
    {"dns_cache_size", both, works, number(0, 1e9)},
    {"allow_targets", server, works, kTexts},
    {"deny_targets", server, works, kTexts},
    {"reject", server, works, choice("auto|silent|reset|fin")},
    {"max_connections", server, works, kCount},
    {"max_unauthenticated", server, works, kCount},
    {"max_connections_per_source", server, works, kCount},
    {"replay_store", server, works, kText},
    {"allow_weak_password", server, works, kBoolean},
    {"extension", both, works, kAutoOnOff},
    {"socks5_reply", local, works, choice("auto|confirmed|optimistic")},
    {"reply_wait_ms", local, works, number(0, 60'000)},
    {"policy", local, works, choice("latency|failover|sticky|round_robin")},
    {"preconnect", local, works, number(0, 1024, "auto")},
    {"bind_ports", server, works, kPorts},
    {"speedtest", server, works, kBoolean},
    {"pid_file", both, works, kText},
    {"sandbox", both, works, choice("auto|strict|off")},
    {"user", both, works, kText},

    {"acl", both, not_yet, kText, {}, kNoAcl},
    {"plugin", both, not_yet, kText, {}, kNoPlugin},
    {"plugin_opts", both, no_effect, kText, {}, "there is no plugin"},
    {"plugin_args", both, no_effect, kTexts, {}, "there is no plugin"},
    {"plugin_mode", both, no_effect, kMode, {}, "there is no plugin"},
    {"balancer", local, no_effect, kObject, {}, "servers are measured by what they carry; `policy` chooses among them"},
    {"mtu", both, no_effect, number(0, 65'535), "0", kWholeDatagrams},
    {"udp_mtu", both, no_effect, number(0, 65'535), "0", kWholeDatagrams},
    {"daemon", both, not_yet, kBoolean, "false", "let systemd run it, or write `&` behind the command"},
    {"api", both, not_yet, kAny, "off|false", "remove it"},

    {"protocol", local, works, kProtocol},
    {"tunnel_address", local, not_yet, kText, {}, "port forwarding is not there; ss-local serves SOCKS5"},
    {"forward_address", local, not_yet, kText, {}, "port forwarding is not there; ss-local serves SOCKS5"},
    {"forward_port", local, not_yet, kPort, {}, "port forwarding is not there; ss-local serves SOCKS5"},
    {"tcp_tproxy", local, not_yet, kBoolean, "false", kSocksOnly},
    {"tcp_redir", local, not_yet, kText, {}, kSocksOnly},
    {"udp_redir", local, not_yet, kText, {}, kSocksOnly},
    {"online_config", local, not_yet, kObject, {}, "write the server's address and password here"},
    {"manager_address", both, no_effect, kText, {}, "there is no manager"},
    {"manager_port", both, no_effect, kPort, {}, "there is no manager"},
    {"port_password", server, refused, kObject, {}, "write one `server_port`, and `users` for several people on it"},
    {"auth", both, refused, kAny, "false", "one-time authentication is broken and gone; remove the key"},
    {"workdir", both, no_effect, kText, {}, "there is no manager"},
    {"use_syslog", both, no_effect, kBoolean, "false", "messages go to standard error, where systemd collects them"},
    {"log", both, no_effect, kObject, {}, "use --log-level and --log-format"},
    {"runtime", both, no_effect, kObject, {}, "`workers` sets the number of threads"},
    {"security", both, no_effect, kObject, {}, "replays are always refused"},
    {"version", both, comment, kAny},
    {"remarks", both, comment, kAny},
};

constexpr Key kServerEntry[] = {
    {"server", both, works, kText},
    {"address", both, works, kText, {}, {}, "server"},
    {"server_port", both, works, kPort},
    {"port", both, works, kPort, {}, {}, "server_port"},
    {"password", both, works, kSecret},
    {"key", both, works, kSecret},
    {"method", both, works, kText},
    {"users", server, works, kObjects},
    {"mode", both, works, kMode},
    {"timeout", both, works, seconds(1, kYear)},
    {"disabled", both, works, kBoolean},
    {"name", both, works, kAny},
    {"remarks", both, works, kAny},
    {"id", both, comment, kAny},
    {"fwmark", both, works, number(0, 4'294'967'295.0)},
    {"outbound_fwmark", both, works, number(0, 4'294'967'295.0), {}, {}, "fwmark"},
    {"outbound_user_cookie", both, no_effect, kAny, "0", "it exists on FreeBSD alone"},
    {"bind_address", both, works, kTexts},
    {"outbound_bind_addr", both, works, kTexts, {}, {}, "bind_address"},
    {"bind_interface", both, works, kText},
    {"outbound_bind_interface", both, works, kText, {}, {}, "bind_interface"},
    {"outbound_udp_allow_fragmentation", both, no_effect, kBoolean, "true", kSystemFragments},
    {"outbound_proxy",
     both,
     not_yet,
     kAny,
     {},
     "without it connections would go out directly; remove it if that is meant"},
    {"weight", local, works, kWeight},
    {"tcp_weight", local, works, kWeight},
    {"udp_weight", local, works, kWeight},
    {"acl", both, not_yet, kText, {}, kNoAcl},
    {"plugin", both, not_yet, kText, {}, kNoPlugin},
    {"plugin_opts", both, no_effect, kText, {}, "there is no plugin"},
    {"plugin_args", both, no_effect, kTexts, {}, "there is no plugin"},
    {"plugin_mode", both, no_effect, kMode, {}, "there is no plugin"},
};

constexpr std::string_view kOtherProtocol = "it belongs to a protocol that is not there";

constexpr Key kLocalEntry[] = {
    {"protocol", local, works, kProtocol},
    {"local_address", local, works, kText},
    {"local_port", local, works, kPort},
    {"users", local, works, kObjects},
    {"mode", local, works, kMode},
    {"disabled", local, works, kBoolean},
    {"acl", local, not_yet, kText, {}, kNoAcl},
    {"socks5_auth_config_path", local, not_yet, kText, {}, "write the names and passwords as `users` of this entry"},
    {"http_auth_config_path", local, not_yet, kText, {}, "write the names and passwords as `users` of this entry"},
    {"local_udp_address", local, no_effect, kText, {}, kOwnPorts},
    {"local_udp_port", local, no_effect, kPort, {}, kOwnPorts},
    {"udp_associate_address", local, works, kText},
    {"forward_address", local, no_effect, kText, {}, kOtherProtocol},
    {"forward_port", local, no_effect, kPort, {}, kOtherProtocol},
    {"tcp_redir", local, no_effect, kText, {}, kOtherProtocol},
    {"udp_redir", local, no_effect, kText, {}, kOtherProtocol},
    {"local_dns_*", local, no_effect, kAny, {}, kOtherProtocol},
    {"remote_dns_*", local, no_effect, kAny, {}, kOtherProtocol},
    {"tun_*", local, no_effect, kAny, {}, kOtherProtocol},
    {"fake_dns_*", local, no_effect, kAny, {}, kOtherProtocol},
};

constexpr Key kServerUser[] = {
    {"name", server, works, kText},
    {"password", server, works, kSecret},
    {"disabled", server, works, kBoolean},
    {"bind_ports", server, works, kPorts},
    {"quota", server, not_yet, kAny, {}, kNoLimits},
    {"reset_day", server, not_yet, kAny, {}, kNoLimits},
    {"rate_up", server, not_yet, kAny, {}, kNoLimits},
    {"rate_down", server, not_yet, kAny, {}, kNoLimits},
    {"max_connections", server, not_yet, kAny, {}, kNoLimits},
    {"max_ips", server, not_yet, kAny, {}, kNoLimits},
    {"expires", server, not_yet, kAny, {}, kNoLimits},
};

constexpr Key kInboundUser[] = {
    {"name", local, works, kText},
    {"password", local, works, kSecret},
};

constexpr Key kComment{"_*", both, comment, kAny};

}  // namespace

std::span<const Key> keys_of(Scope scope) {
  switch (scope) {
    case Scope::top:
      return kTop;
    case Scope::server_entry:
      return kServerEntry;
    case Scope::local_entry:
      return kLocalEntry;
    case Scope::server_user:
      return kServerUser;
    case Scope::inbound_user:
      break;
  }
  return kInboundUser;
}

const Key* find_key(Scope scope, std::string_view name) {
  for (const Key& key : keys_of(scope)) {
    const bool fits =
        key.name.ends_with('*') ? name.starts_with(key.name.substr(0, key.name.size() - 1)) : name == key.name;
    if (fits) return &key;
  }
  return name.starts_with('_') || name == "remarks" ? &kComment : nullptr;
}

std::string_view nearest_key(Scope scope, std::string_view name) {
  std::vector<std::string_view> names;
  for (const Key& key : keys_of(scope)) {
    if (!key.name.ends_with('*')) names.push_back(key.name);
  }
  return nearest(name, names);
}

bool is_listed(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t bar = list.find('|');
    if (list.substr(0, bar) == word) return true;
    list = bar == std::string_view::npos ? std::string_view() : list.substr(bar + 1);
  }
  return false;
}

}  // namespace ss::config
