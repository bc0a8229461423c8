#include "ss/protocol/socks4.hpp"

#include <gtest/gtest.h>

namespace ss::protocol::socks4 {
namespace {

ByteVector request(std::uint8_t command, std::uint16_t port, IpAddress::V4 address, std::string_view user) {
  ByteVector bytes{4, command, static_cast<std::uint8_t>(port >> 8), static_cast<std::uint8_t>(port)};
  bytes.insert(bytes.end(), address.begin(), address.end());
  bytes.insert(bytes.end(), user.begin(), user.end());
  bytes.push_back(0);
  return bytes;
}
ByteVector named_request(std::string_view name, std::string_view user = "me", std::uint8_t command = 1) {
  ByteVector bytes = request(command, 80, {0, 0, 0, 1}, user);
  bytes.insert(bytes.end(), name.begin(), name.end());
  bytes.push_back(0);
  return bytes;
}

/// `bytes` are refused with `error` once `decided` of them are there, and not before.
void expect_failed_from(const ByteVector& bytes, std::size_t decided, Errc error) {
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const Parsed<Request> parsed = parse_request(ConstBytes(bytes).first(cut));
    ASSERT_EQ(parsed.failed(), cut >= decided) << "cut at " << cut;
    if (parsed.failed()) {
      EXPECT_EQ(parsed.error(), error);
    }
  }
}

TEST(Socks4ParseRequest, IsReadyOnlyWhole) {
  const std::pair<ByteVector, std::string> requests[] = {
      {request(1, 443, {192, 0, 2, 7}, ""), "192.0.2.7:443"},
      {request(1, 443, {192, 0, 2, 7}, "a user"), "192.0.2.7:443"},
      {request(1, 1, {0, 0, 1, 0}, ""), "0.0.1.0:1"},
      {named_request("example.com"), "example.com:80"},
      {named_request("example.com", ""), "example.com:80"},
      {named_request("::1"), "[::1]:80"},
  };
  for (const auto& [whole, target] : requests) {
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      const Parsed<Request> parsed = parse_request(ConstBytes(whole).first(cut));
      ASSERT_TRUE(parsed.needs_more()) << target << " cut at " << cut;
      EXPECT_GE(parsed.need(), 1U);
      EXPECT_LE(parsed.need(), whole.size() - cut);
    }
    for (const std::size_t behind : {0U, 1U, 300U}) {
      ByteVector bytes = whole;
      bytes.resize(bytes.size() + behind, 7);
      const Parsed<Request> parsed = parse_request(bytes);
      ASSERT_TRUE(parsed.ready());
      EXPECT_EQ(parsed.value().command, Command::connect);
      EXPECT_EQ(parsed.value().target.to_string(), target);
      EXPECT_EQ(parsed.value().length, whole.size());
    }
  }
}

TEST(Socks4ParseRequest, TakesTheLongestUserAndName) {
  const std::string text(255, 'x');
  const Parsed<Request> parsed = parse_request(named_request(text, text));
  ASSERT_TRUE(parsed.ready());
  EXPECT_EQ(parsed.value().target.domain(), text);
}

TEST(Socks4ParseRequest, RefusesWhatIsLonger) {
  const std::string text(256, 'x');
  expect_failed_from(request(1, 80, {192, 0, 2, 7}, text), 8 + 256, Errc::too_long);
  expect_failed_from(named_request(text), 8 + 3 + 256, Errc::too_long);
}

TEST(Socks4ParseRequest, RefusesAsEarlyAsItCan) {
  expect_failed_from({5, 1, 0, 80, 1, 2, 3, 4, 0}, 1, Errc::bad_version);
  expect_failed_from(request(3, 80, {192, 0, 2, 7}, ""), 2, Errc::unknown_command);
  expect_failed_from(request(0, 80, {192, 0, 2, 7}, ""), 2, Errc::unknown_command);
  expect_failed_from(request(1, 0, {192, 0, 2, 7}, ""), 8, Errc::bad_port);
  expect_failed_from(request(1, 80, {0, 0, 0, 0}, ""), 8, Errc::bad_address_type);
  expect_failed_from(named_request("", ""), 10, Errc::bad_domain);
}

TEST(Socks4ParseRequest, LetsBindNameNobody) {
  const Parsed<Request> parsed = parse_request(request(2, 0, {0, 0, 0, 0}, ""));
  ASSERT_TRUE(parsed.ready());
  EXPECT_EQ(parsed.value().command, Command::bind);
}

TEST(Socks4PutReply, WritesEightBytes) {
  ByteVector reply(kReplyLength, 0xFF);
  EXPECT_EQ(put_reply(true, reply), kReplyLength);
  EXPECT_EQ(reply, (ByteVector{0, 0x5A, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(put_reply(false, reply), kReplyLength);
  EXPECT_EQ(reply, (ByteVector{0, 0x5B, 0, 0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace ss::protocol::socks4
