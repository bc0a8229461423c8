#include "ss/config/values.hpp"

#include <gtest/gtest.h>

namespace ss::config {
namespace {

std::string host_port(std::string_view text) {
  const std::optional<HostPort> parsed = parse_host_port(text);
  if (!parsed) return "-";
  return parsed->host + " " + (parsed->port ? std::to_string(*parsed->port) : "-");
}

TEST(ParseHostPort, TakesEverySpelling) {
  EXPECT_EQ(host_port("example.com"), "example.com -");
  EXPECT_EQ(host_port("example.com:443"), "example.com 443");
  EXPECT_EQ(host_port("192.0.2.1"), "192.0.2.1 -");
  EXPECT_EQ(host_port("192.0.2.1:1"), "192.0.2.1 1");
  EXPECT_EQ(host_port("2001:db8::1"), "2001:db8::1 -");
  EXPECT_EQ(host_port("[2001:db8::1]"), "2001:db8::1 -");
  EXPECT_EQ(host_port("[::1]:65535"), "::1 65535");
  EXPECT_EQ(host_port("::0"), "::0 -");
}

TEST(ParseHostPort, RefusesTheRest) {
  for (const std::string_view text :
       {"",        ":80",     "a b",       "a:0", "a:65536", "a:",       "a:x", "a:80 ",          "[::1",
        "[::1]80", "[::1]:",  "[1.2.3.4]", "[]",  "1:2:3",   "http://a", "a/b", "ex\xC3\xA4mple", "1.2.3.400",
        "1.2.3",   "[::1]:+5"}) {
    EXPECT_EQ(host_port(text), "-") << text;
  }
}

TEST(ParsePort, TakesWholePortsAlone) {
  EXPECT_EQ(parse_port("1"), 1);
  EXPECT_EQ(parse_port("65535"), 65535);
  for (const std::string_view text : {"", "0", "65536", "-1", "+1", " 1", "1 ", "0x1", "99999999999999999999"}) {
    EXPECT_EQ(parse_port(text), std::nullopt) << text;
  }
}

TEST(ParsePortRange, TakesARangeOrOnePort) {
  EXPECT_EQ(parse_port_range("40000-40100"), (PortRange{40'000, 40'100}));
  EXPECT_EQ(parse_port_range("1-65535"), (PortRange{1, 65'535}));
  EXPECT_EQ(parse_port_range("7"), (PortRange{7, 7}));
  for (const std::string_view text : {"", "-", "1-", "-1", "2-1", "0-1", "1-65536", "1 - 2", "1-2-3", "a-b"}) {
    EXPECT_EQ(parse_port_range(text), std::nullopt) << text;
  }
}

TEST(ParseDscp, TakesNumbersAndNames) {
  EXPECT_EQ(parse_dscp("0"), 0);
  EXPECT_EQ(parse_dscp("63"), 63);
  EXPECT_EQ(parse_dscp("EF"), 46);
  EXPECT_EQ(parse_dscp("cs1"), 8);
  EXPECT_EQ(parse_dscp("CS7"), 56);
  EXPECT_EQ(parse_dscp("AF11"), 10);
  EXPECT_EQ(parse_dscp("AF43"), 38);
  for (const std::string_view text : {"", "64", "-1", "CS8", "AF10", "AF44", "AF51", "EFF", "best"}) {
    EXPECT_EQ(parse_dscp(text), std::nullopt) << text;
  }
}

std::string nameservers(std::string_view text) {
  const auto parsed = parse_nameservers(text);
  if (const Complaint* const complaint = std::get_if<Complaint>(&parsed)) return complaint->what;
  std::string out;
  for (const Endpoint& server : std::get<std::vector<Endpoint>>(parsed)) out += server.to_string() + " ";
  return out;
}

TEST(ParseNameservers, TakesListsAndWords) {
  EXPECT_EQ(nameservers("system"), "");
  EXPECT_EQ(nameservers("9.9.9.9"), "9.9.9.9:53 ");
  EXPECT_EQ(nameservers("9.9.9.9:5353, 2620:fe::fe,[::1]:54"), "9.9.9.9:5353 [2620:fe::fe]:53 [::1]:54 ");
  EXPECT_EQ(nameservers("quad9"), "9.9.9.9:53 149.112.112.112:53 [2620:fe::fe]:53 [2620:fe::9]:53 ");
  EXPECT_TRUE(nameservers("google").starts_with("8.8.8.8:53 "));
  EXPECT_TRUE(nameservers("cloudflare").starts_with("1.1.1.1:53 "));
}

TEST(ParseNameservers, RefusesNamesAndEncryptedOnes) {
  EXPECT_EQ(nameservers("dns.example.com"), "is not a list of name servers");
  EXPECT_EQ(nameservers("9.9.9.9,"), "is not a list of name servers");
  EXPECT_EQ(nameservers("google_tls"), "DNS over TLS or HTTPS is not supported yet");
  EXPECT_EQ(nameservers("quad9_https"), "DNS over TLS or HTTPS is not supported yet");
}

TEST(IsLoopback, KnowsAddressesAndLocalhost) {
  for (const std::string_view host : {"127.0.0.1", "127.9.9.9", "::1", "localhost", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(*TargetAddress::make(host, 1))) << host;
  }
  for (const std::string_view host : {"0.0.0.0", "::", "10.0.0.1", "localhost.example.com", "example.com"}) {
    EXPECT_FALSE(is_loopback(*TargetAddress::make(host, 1))) << host;
  }
}

TEST(IsUnspecified, KnowsBothFamilies) {
  EXPECT_TRUE(is_unspecified(*TargetAddress::make("0.0.0.0", 1)));
  EXPECT_TRUE(is_unspecified(*TargetAddress::make("::", 1)));
  EXPECT_FALSE(is_unspecified(*TargetAddress::make("0.0.0.1", 1)));
  EXPECT_FALSE(is_unspecified(*TargetAddress::make("::1", 1)));
  EXPECT_FALSE(is_unspecified(*TargetAddress::make("example.com", 1)));
}

}  // namespace
}  // namespace ss::config
