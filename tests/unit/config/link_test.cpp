#include "ss/config/link.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "unit/config/loading.hpp"

namespace ss::config {
namespace {

std::string host_of(const Link& link) {
  return link.server.is_domain() ? link.server.domain() : link.server.ip().to_string();
}

/// `part: what` of the problem, or an empty text.
std::string fault(std::string_view text) {
  const auto parsed = parse_link(text);
  const LinkProblem* const problem = std::get_if<LinkProblem>(&parsed);
  return problem ? std::string(problem->part) + ": " + problem->what : std::string();
}

std::string password_in(const Link& link) {
  return std::string(text_of(link.password.reveal()));
}

void expect_same(const Link& a, const Link& b) {
  EXPECT_EQ(a.method, b.method);
  EXPECT_EQ(password_in(a), password_in(b));
  EXPECT_EQ(a.server, b.server);
  EXPECT_EQ(a.plugin, b.plugin);
  EXPECT_EQ(a.plugin_opts, b.plugin_opts);
  EXPECT_EQ(a.tag, b.tag);
}

TEST(ParseLink, AgreesWithEveryVector) {
  std::ifstream file(SS_VECTORS "/uri.json");
  const nlohmann::json vectors = nlohmann::json::parse(file);
  ASSERT_GE(vectors["cases"].size(), 17u);
  for (const nlohmann::json& entry : vectors["cases"]) {
    const std::string uri = entry["uri"];
    const auto parsed = parse_link(uri);
    ASSERT_EQ(std::holds_alternative<Link>(parsed), entry["ok"].get<bool>()) << uri;
    if (!entry["ok"]) continue;
    const Link& link = std::get<Link>(parsed);
    EXPECT_EQ(link.method->name, entry["method"].get<std::string>()) << uri;
    EXPECT_EQ(password_in(link), entry["password"].get<std::string>()) << uri;
    EXPECT_EQ(host_of(link), entry["host"].get<std::string>()) << uri;
    EXPECT_EQ(link.server.port(), entry["port"].get<int>()) << uri;
    EXPECT_EQ(link.plugin, entry.value("plugin", "")) << uri;
    EXPECT_EQ(link.plugin_opts, entry.value("plugin_opts", "")) << uri;
    EXPECT_EQ(link.tag, entry.value("tag", "")) << uri;
    expect_same(std::get<Link>(parse_link(format_link(link))), link);
  }
}

TEST(ParseLink, NamesThePartThatIsWrong) {
  EXPECT_EQ(fault("http://x"), "scheme: a link begins with ss://");
  EXPECT_EQ(fault("ss:"), "scheme: a link begins with ss://");
  EXPECT_EQ(fault("ss://"), "user part: the link is empty");
  EXPECT_EQ(fault("ss://#tag"), "user part: the link is empty");
  EXPECT_EQ(fault("ss://@1.2.3.4:1"), "user part: it is neither base64 nor METHOD:PASSWORD");
  EXPECT_EQ(fault("ss://:pw@1.2.3.4:1"), "user part: it is neither base64 nor METHOD:PASSWORD");
  EXPECT_EQ(fault("ss://aes-256-gcm:%4@1.2.3.4:1"), "user part: it is neither base64 nor METHOD:PASSWORD");
  EXPECT_EQ(fault("ss://????"), "user part: there is none, and the whole is not base64 of one either");
  EXPECT_EQ(fault("ss://aes-256-gcn:pw@1.2.3.4:1"), "method: aes-256-gcn is not a known method");
  EXPECT_TRUE(fault("ss://rc4-md5:pw@1.2.3.4:1").starts_with("method: rc4-md5 is a broken stream cipher"));
  EXPECT_EQ(fault("ss://aes-256-gcm:@1.2.3.4:1"), "password: is empty");
  EXPECT_TRUE(fault("ss://2022-blake3-aes-256-gcm:AAAA@1.2.3.4:1").starts_with("password: the key has 3 bytes"));
  EXPECT_EQ(fault("ss://aes-256-gcm:pw@:1"), "host: it is missing");
  EXPECT_EQ(fault("ss://aes-256-gcm:pw@"), "host: it is missing");
  EXPECT_TRUE(fault("ss://aes-256-gcm:pw@a b:1").starts_with("host: it is neither"));
  EXPECT_TRUE(fault("ss://aes-256-gcm:pw@2001:db8::1:443").starts_with("host: it is neither"));
  EXPECT_EQ(fault("ss://aes-256-gcm:pw@a:0"), "port: it is not a port");
  EXPECT_EQ(fault("ss://aes-256-gcm:pw@a:"), "port: it is not a port");
  EXPECT_EQ(fault("ss://aes-256-gcm:pw@a:80x"), "port: it is not a port");
  EXPECT_EQ(fault("ss://aes-256-gcm:pw@a:1/?plugin=%zz"), "plugin: its %XX encoding is broken");
  EXPECT_EQ(fault("ss://" + std::string(20'000, 'A')), "length: the link is far too long");
}

TEST(ParseLink, NeverShowsThePassword) {
  for (const std::string_view text : {"ss://aes-256-gcm:hunter2@a:0", "ss://2022-blake3-aes-256-gcm:hunter2@a:1",
                                      "ss://hunter2@a:1", "ss://hunter2hunter2:x@a:1", "ss://hunter2"}) {
    const auto parsed = parse_link(text);
    const LinkProblem& problem = std::get<LinkProblem>(parsed);
    EXPECT_EQ((problem.what + problem.instead).find("hunter2"), std::string::npos) << text;
  }
}

TEST(ParseLink, IsLenientWhereOthersAre) {
  EXPECT_EQ(std::get<Link>(parse_link("SS://aes-256-gcm:pw@a")).server.port(), 8388);
  EXPECT_EQ(std::get<Link>(parse_link("ss://aes-256-gcm:pw@[::1]")).server.port(), 8388);
  EXPECT_EQ(std::get<Link>(parse_link("ss://AES-256-GCM:pw@a:1#x y")).tag, "x y");
  EXPECT_EQ(std::get<Link>(parse_link("ss://aes-256-gcm:pw@a:1#%ff")).tag, "%ff");
  EXPECT_EQ(std::get<Link>(parse_link("ss://aes-256-gcm:pw@a:1#a%2")).tag, "a%2");
  EXPECT_EQ(std::get<Link>(parse_link("ss://aes-256-gcm:pw@a:1#a\x93 b")).tag, "a%93 b");
  EXPECT_EQ(password_in(std::get<Link>(parse_link("ss://aes-256-gcm:a+b%2B%20c@a:1"))), "a+b+ c");
  EXPECT_EQ(std::get<Link>(parse_link("ss://aes-256-gcm:pw@a:1?plugin=x%3By+z&plugin_x=1")).plugin_opts, "y z");
  EXPECT_EQ(std::get<Link>(parse_link("ss://aes-256-gcm:pw@a:1/")).plugin, "");
  EXPECT_EQ(std::get<Link>(parse_link("ss://aes-256-gcm:pw@a:1/?plugin=x%3Bb@c")).plugin_opts, "b@c");
  EXPECT_EQ(password_in(std::get<Link>(parse_link("ss://aes-256-gcm:p@w@a:1"))), "p@w");
  EXPECT_EQ(std::get<Link>(parse_link("ss://aes-256-gcm:pw@a:1/?plugin=%3Bx")).plugin_opts, "");
}

TEST(FormatLink, WritesTheFormOfTheMethodsFamily) {
  Link link;
  link.method = cipher::find_method("aes-128-gcm");
  link.password = Secret(bytes_of("test"));
  link.server = *TargetAddress::make("192.168.100.1", 8888);
  link.tag = "My server/1";
  EXPECT_EQ(format_link(link), "ss://YWVzLTEyOC1nY206dGVzdA@192.168.100.1:8888#My%20server%2F1");
  link.method = cipher::find_method("2022-blake3-aes-128-gcm");
  link.password = Secret(bytes_of("UFFSU1RVVldYWVpbXF1eXw=="));
  link.server = *TargetAddress::make("::1", 1);
  link.tag.clear();
  link.plugin = "obfs-local";
  link.plugin_opts = "obfs=http;x=a\\;b";
  EXPECT_EQ(format_link(link),
            "ss://2022-blake3-aes-128-gcm:UFFSU1RVVldYWVpbXF1eXw%3D%3D@[::1]:1/"
            "?plugin=obfs-local%3Bobfs%3Dhttp%3Bx%3Da%5C%3Bb");
  expect_same(std::get<Link>(parse_link(format_link(link))), link);
}

TEST(FormatLink, RoundTripsAnyPasswordAndTag) {
  std::string bytes;
  for (int i = 1; i < 256; ++i) bytes += static_cast<char>(i);
  for (const std::string_view method : {"aes-192-gcm", "xchacha20-ietf-poly1305", "chacha20-ietf-poly1305"}) {
    Link link;
    link.method = cipher::find_method(method);
    link.password = Secret(bytes_of(bytes));
    link.server = *TargetAddress::make("example.com", 443);
    link.tag = "100% \xC3\xA4 #?&/";
    expect_same(std::get<Link>(parse_link(format_link(link))), link);
  }
}

TEST(MakeLink, JoinsServerAndUserKeys) {
  const Loaded<ServerConfig> loaded =
      server_from(with(R"(, "users": [{"name": "al ice", "password": ")" + std::string(kOtherKey32) + R"("}])"));
  ASSERT_TRUE(loaded.config) << told(loaded);
  const Link link = make_link(*loaded.config, &loaded.config->users[0], "vps.example.com");
  EXPECT_EQ(password_in(link), std::string(kKey32) + ":" + std::string(kOtherKey32));
  EXPECT_EQ(link.tag, "al ice");
  EXPECT_EQ(link.server.to_string(), "vps.example.com:8388");
  expect_same(std::get<Link>(parse_link(format_link(link))), link);
}

TEST(MakeLink, TakesTheServersKeyWithoutUsers) {
  const Loaded<ServerConfig> loaded = server_from(with(""));
  ASSERT_TRUE(loaded.config) << told(loaded);
  EXPECT_EQ(password_in(make_link(*loaded.config, nullptr, "2001:db8::1")), kKey32);
}

}  // namespace
}  // namespace ss::config
