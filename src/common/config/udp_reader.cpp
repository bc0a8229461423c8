#include "ss/config/udp_reader.hpp"

#include <algorithm>

#include "ss/base/address_class.hpp"

namespace ss::config {
namespace {

using namespace std::chrono_literals;

// The timeout of shadowsocks-libev is no shorter for UDP.
constexpr std::chrono::milliseconds kShortest = 10s;
// SIP022 3.2.1: a packet passes by its timestamp for 60 s, so its session has to be remembered for as long.
constexpr std::chrono::milliseconds kShortest2022 = 60s;

}  // namespace

Mode mode_of(const JsonValue& value) {
  if (value.text == "tcp_only") return Mode::tcp_only;
  return value.text == "udp_only" ? Mode::udp_only : Mode::tcp_and_udp;
}

std::string_view word_of(Mode mode) {
  switch (mode) {
    case Mode::tcp_only:
      return "tcp_only";
    case Mode::tcp_and_udp:
      return "tcp_and_udp";
    case Mode::udp_only:
      break;
  }
  return "udp_only";
}

Mode read_inbound_mode(const LocalModes& modes, const Section& inbound, ProblemList& problems) {
  const Section& written = inbound.find("mode") ? inbound : *modes.top;
  const Section& asking = modes.flags->find("mode") ? *modes.flags : written;
  const JsonValue* const asked = asking.find("mode");
  const Mode wanted = asked ? mode_of(*asked) : Mode::tcp_and_udp;
  const unsigned both = static_cast<unsigned>(wanted) & static_cast<unsigned>(modes.servers);
  if (both == 0) {
    // It is written, or they would have something in common.
    problems.error(
        asked->position, asking.path_of("mode"),
        {"nothing would be served, as what the server relays is \"" + std::string(word_of(modes.servers)) + '"',
         "write \"tcp_and_udp\" into one of them"});
    return wanted;
  }
  if (asked && both != static_cast<unsigned>(wanted)) {
    problems.warn(
        asked->position, asking.path_of("mode"),
        {"what the server relays is \"" + std::string(word_of(modes.servers)) + "\", and nothing else is served",
         "write that here, or give the server a `mode` or a weight for the rest"});
  }
  return static_cast<Mode>(both);
}

std::chrono::milliseconds read_udp_timeout(const Lookup& lookup, const cipher::Method* method) {
  const bool is_2022 = method && method->is_2022();
  std::chrono::milliseconds timeout = Timeouts().udp;
  const Found found = lookup.find("udp_timeout");
  if (!found) {
    lookup.take("timeout", timeout);
    return std::max(timeout, is_2022 ? kShortest2022 : kShortest);
  }
  lookup.take("udp_timeout", timeout);
  if (!is_2022 || timeout >= kShortest2022) return timeout;
  lookup.warn(found, {"is raised to 60 s: packets of a session that is forgotten sooner could be replayed",
                      "write 60 or more"});
  return kShortest2022;
}

UdpOverTcp read_udp_over_tcp(const Lookup& lookup) {
  const Found found = lookup.find("udp_over_tcp");
  if (!found || found.value->text == "auto") return UdpOverTcp::automatic;
  return found.value->text == "on" ? UdpOverTcp::on : UdpOverTcp::off;
}

std::optional<IpAddress> read_associate_address(const Lookup& lookup) {
  const Found found = lookup.find("udp_associate_address");
  // As elsewhere, no text means no address.
  if (!found || found.value->text.empty()) return std::nullopt;
  const std::optional<IpAddress> address = IpAddress::parse(found.value->text);
  if (!address) {
    lookup.error(found, {"is not an address",
                         "write the address by which clients reach this machine, such as "
                         "192.0.2.1 or 2001:db8::1, without a port"});
    return std::nullopt;
  }
  const AddressClass kind = classify(*address);
  if (kind == AddressClass::unspecified || kind == AddressClass::multicast) {
    lookup.error(found, {"is not the address of one machine", "write the one by which clients reach this machine"});
    return std::nullopt;
  }
  return address;
}

}  // namespace ss::config
