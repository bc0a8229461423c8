#include "ss/ops/links.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ss/config/link.hpp"

namespace ss::ops {
namespace {

using testing::HasSubstr;

Secret secret(std::string_view text) {
  return Secret(bytes_of(text));
}

config::ServerConfig listening_on(std::string_view host) {
  config::ServerConfig config;
  config.listeners.push_back({*TargetAddress::make(host, 8388)});
  config.credentials.method = cipher::find_method("aes-256-gcm");
  config.credentials.password = secret("a password that is long");
  return config;
}

config::ServerConfig with_users() {
  config::ServerConfig config = listening_on("server.example");
  config.users.push_back({"alice", secret("the password of alice")});
  config.users.push_back({"bob", secret("the password of bob")});
  return config;
}

std::vector<config::Link> links(const config::ServerConfig& config, std::string_view user = "",
                                std::string_view host = "") {
  std::vector<config::Link> parsed;
  auto made = links_of(config, user, host);
  const auto* texts = std::get_if<std::vector<std::string>>(&made);
  if (texts == nullptr) return parsed;
  for (const std::string& text : *texts) parsed.push_back(std::get<config::Link>(config::parse_link(text)));
  return parsed;
}

std::string refusal(const config::ServerConfig& config, std::string_view user = "", std::string_view host = "") {
  const auto made = links_of(config, user, host);
  const auto* error = std::get_if<UsageError>(&made);
  return error == nullptr ? "made" : error->message + "; " + error->hint;
}

TEST(LinksOf, AConfigurationNameItsOwnAddress) {
  for (const char* host : {"server.example", "203.0.113.5", "2001:db8::5"}) {
    const auto made = links(listening_on(host));
    ASSERT_EQ(made.size(), 1U) << host;
    EXPECT_EQ(made[0].server, *TargetAddress::make(host, 8388));
    EXPECT_EQ(text_of(made[0].password.reveal()), "a password that is long");
  }
}

TEST(LinksOf, AConfigurationNameTheHostAskedFor) {
  const auto made = links(listening_on("0.0.0.0"), "", "public.example");
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].server.to_string(), "public.example:8388");
}

TEST(LinksOf, UsersAreOneForEach) {
  EXPECT_EQ(links(with_users()).size(), 2U);
}

TEST(LinksOf, OneUserHoldHisPassword) {
  const auto made = links(with_users(), "bob");
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(text_of(made[0].password.reveal()), "the password of bob");
}

TEST(LinksOf, AnUnknownUserAreRefused) {
  EXPECT_THAT(refusal(with_users(), "alcie"), HasSubstr("did you mean alice?"));
  EXPECT_THAT(refusal(with_users(), "somebody"), HasSubstr("`users`"));
}

TEST(LinksOf, ARawKeyAreRefused) {
  config::ServerConfig config = listening_on("server.example");
  config.credentials.password = Secret();
  config.credentials.key = secret("0123456789abcdef0123456789abcdef");
  EXPECT_THAT(refusal(config), HasSubstr("raw key"));
}

}  // namespace
}  // namespace ss::ops
