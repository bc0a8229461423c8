#include "http/target.hpp"

#include <gtest/gtest.h>

namespace ss::local {
namespace {

TEST(ParseAbsolute, FindsTargetAndOriginForm) {
  struct Case {
    const char* text;
    const char* target;
    const char* authority;
    const char* origin_form;
  };
  const Case cases[] = {
      {"http://example.com", "example.com:80", "example.com", "/"},
      {"http://example.com/", "example.com:80", "example.com", "/"},
      {"HTTP://Example.com:8080/a/b?c=d#e", "Example.com:8080", "Example.com:8080", "/a/b?c=d"},
      {"http://example.com?query", "example.com:80", "example.com", "/?query"},
      {"http://example.com#part", "example.com:80", "example.com", "/"},
      {"http://192.0.2.7:81/x", "192.0.2.7:81", "192.0.2.7:81", "/x"},
      {"http://[2001:db8::1]/x", "[2001:db8::1]:80", "[2001:db8::1]", "/x"},
      {"http://[::1]:8080?x", "[::1]:8080", "[::1]:8080", "/?x"},
      {"http://example.com/http://other.com/", "example.com:80", "example.com", "/http://other.com/"},
      {"http://example.com/a@b:c", "example.com:80", "example.com", "/a@b:c"},
      {"http://my_host.local/", "my_host.local:80", "my_host.local", "/"},
  };
  for (const Case& each : cases) {
    const HttpTargetResult result = parse_absolute(each.text);
    const auto* const target = std::get_if<HttpTarget>(&result);
    ASSERT_NE(target, nullptr) << each.text;
    EXPECT_EQ(target->address.to_string(), each.target);
    EXPECT_EQ(target->authority, each.authority);
    EXPECT_EQ(target->origin_form(), each.origin_form);
  }
}

TEST(ParseAbsolute, RefusesWhatHasAnotherReading) {
  for (const char* text : {"",
                           "/",
                           "*",
                           "example.com",
                           "example.com:80",
                           "http:/example.com",
                           "http://",
                           "http:///path",
                           "http://:80/",
                           "http://user@example.com/",
                           "http://user:pass@example.com/",
                           "http://a@b@c/",
                           "http://example.com:0/",
                           "http://example.com:65536/",
                           "http://example.com:/",
                           "http://example.com:8x/",
                           "http://example.com:+80/",
                           "http://example.com:80:81/",
                           "http://[::1/",
                           "http://[::1]80/",
                           "http://[::1]x/",
                           "http://[192.0.2.7]/",
                           "http://[::1%25eth0]/",
                           "http://::1/",
                           "http://exa%6dple.com/",
                           "http://good.com\\@evil.com/",
                           "http://good.com\\.evil.com/",
                           "http://ex ample.com/",
                           "http://ex\"ample.com/",
                           "http://\xc3\xa9.com/"}) {
    const HttpTargetResult result = parse_absolute(text);
    ASSERT_TRUE(std::holds_alternative<HttpTargetFault>(result)) << text;
    EXPECT_EQ(std::get<HttpTargetFault>(result), HttpTargetFault::malformed) << text;
  }
}

TEST(ParseAbsolute, TellsAnotherSchemeApart) {
  for (const char* text : {"https://example.com/", "ftp://example.com/", "ws://example.com/", "httpx://example.com/"}) {
    const HttpTargetResult result = parse_absolute(text);
    ASSERT_TRUE(std::holds_alternative<HttpTargetFault>(result)) << text;
    EXPECT_EQ(std::get<HttpTargetFault>(result), HttpTargetFault::scheme) << text;
  }
}

TEST(ParseConnectTarget, AsksForAPort) {
  const std::pair<const char*, const char*> good[] = {
      {"example.com:443", "example.com:443"}, {"192.0.2.7:1", "192.0.2.7:1"}, {"[::1]:65535", "[::1]:65535"}};
  for (const auto& [text, target] : good) {
    const HttpTargetResult result = parse_connect_target(text);
    ASSERT_TRUE(std::holds_alternative<HttpTarget>(result)) << text;
    EXPECT_EQ(std::get<HttpTarget>(result).address.to_string(), target);
  }
  for (const char* text : {"example.com", "example.com:", "example.com:0", ":443", "user@example.com:443",
                           "http://example.com:443", "example.com:443/", "[::1]", "::1:443", "*"}) {
    EXPECT_TRUE(std::holds_alternative<HttpTargetFault>(parse_connect_target(text))) << text;
  }
}

TEST(Names, ComparesHostAndPortInAnySpelling) {
  const TargetAddress name = *TargetAddress::make("example.com", 80);
  EXPECT_TRUE(names("example.com", name));
  EXPECT_TRUE(names("EXAMPLE.com:80", name));
  for (const char* other :
       {"", "example.com:81", "example.com.", "example.org", "user@example.com", "example.com ", "192.0.2.7"}) {
    EXPECT_FALSE(names(other, name)) << other;
  }
  const TargetAddress address = *TargetAddress::make("::1", 8080);
  EXPECT_TRUE(names("[::1]:8080", address));
  EXPECT_TRUE(names("[0:0:0:0:0:0:0:1]:8080", address));
  EXPECT_FALSE(names("[::1]", address));
  EXPECT_FALSE(names("[::2]:8080", address));
}

}  // namespace
}  // namespace ss::local
