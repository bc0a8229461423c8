#include "ss/protocol/socks5.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ss::protocol::socks5 {
namespace {

ByteVector operator+(ByteVector head, ConstBytes tail) {
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

template <class T>
using Parser = Parsed<T> (*)(ConstBytes);

/// Every proper beginning asks for more, for no more than is missing; the whole is ready, also with more behind it.
template <class T>
void expect_ready_only_whole(Parser<T> parse, const ByteVector& whole) {
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const auto parsed = parse(ConstBytes(whole).first(cut));
    ASSERT_TRUE(parsed.needs_more()) << cut << " of " << whole.size();
    EXPECT_GE(parsed.need(), 1U);
    EXPECT_LE(parsed.need(), whole.size() - cut);
  }
  for (const std::size_t behind : {0U, 1U, 300U}) {
    const auto parsed = parse(whole + ByteVector(behind, 5));
    ASSERT_TRUE(parsed.ready());
    EXPECT_EQ(parsed.value().length, whole.size());
  }
}

/// `bytes` are refused with `error` once `decided` of them are there, and not before.
template <class T>
void expect_failed_from(Parser<T> parse, const ByteVector& bytes, std::size_t decided, Errc error) {
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const auto parsed = parse(ConstBytes(bytes).first(cut));
    ASSERT_EQ(parsed.failed(), cut >= decided) << "cut at " << cut;
    if (parsed.failed()) {
      EXPECT_EQ(parsed.error(), error);
    }
  }
}

TEST(Socks5ParseGreeting, FindsBothMethodsAmongAll) {
  const auto none = parse_greeting(ByteVector{5, 1, 0});
  ASSERT_TRUE(none.ready());
  EXPECT_TRUE(none.value().offers_none);
  EXPECT_FALSE(none.value().offers_password);

  const auto both = parse_greeting(ByteVector{5, 4, 1, 2, 3, 0});
  ASSERT_TRUE(both.ready());
  EXPECT_TRUE(both.value().offers_none);
  EXPECT_TRUE(both.value().offers_password);
  EXPECT_EQ(both.value().length, 6U);
}

TEST(Socks5ParseGreeting, KnowsEachListOfOneMethod) {
  for (unsigned method = 0; method < 256; ++method) {
    const ByteVector bytes{5, 1, static_cast<std::uint8_t>(method)};
    const auto parsed = parse_greeting(bytes);
    ASSERT_TRUE(parsed.ready()) << method;
    EXPECT_EQ(parsed.value().offers_none, method == 0);
    EXPECT_EQ(parsed.value().offers_password, method == 2);
  }
}

TEST(Socks5ParseGreeting, TakesListsOfEveryLengthAtEverySplit) {
  for (std::size_t count = 0; count < 256; ++count) {
    const ByteVector bytes = ByteVector{5, static_cast<std::uint8_t>(count)} + ByteVector(count, 0x80);
    expect_ready_only_whole(parse_greeting, bytes);
    EXPECT_FALSE(parse_greeting(bytes).value().offers_none) << "the count or the version was taken for a method";
  }
}

TEST(Socks5ParseGreeting, LooksAtNoMethodBehindItsList) {
  const auto parsed = parse_greeting(ByteVector{5, 1, 1, 0, 2});
  ASSERT_TRUE(parsed.ready());
  EXPECT_FALSE(parsed.value().offers_none);
  EXPECT_FALSE(parsed.value().offers_password);
}

TEST(Socks5ParseGreeting, RefusesEveryOtherVersionAtItsFirstByte) {
  for (unsigned version = 0; version < 256; ++version) {
    if (version != 5)
      expect_failed_from(parse_greeting, {static_cast<std::uint8_t>(version), 1, 0}, 1, Errc::bad_version);
  }
}

TEST(Socks5ParsePassword, TakesEveryPairOfLengths) {
  for (std::size_t user = 0; user < 256; ++user) {
    for (std::size_t password : {0U, 1U, 2U, 127U, 128U, 254U, 255U}) {
      const ByteVector bytes = ByteVector{1, static_cast<std::uint8_t>(user)} + ByteVector(user, 'u') +
                               ByteVector{static_cast<std::uint8_t>(password)} + ByteVector(password, 'p');
      const auto parsed = parse_password_request(bytes);
      ASSERT_TRUE(parsed.ready()) << user << ", " << password;
      EXPECT_EQ(parsed.value().length, bytes.size());
      EXPECT_EQ(text_of(parsed.value().username), std::string(user, 'u'));
      EXPECT_EQ(text_of(parsed.value().password), std::string(password, 'p'));
    }
  }
}

TEST(Socks5ParsePassword, AsksForMoreAtEverySplit) {
  expect_ready_only_whole(parse_password_request, ByteVector{1, 4, 'u', 's', 'e', 'r', 4, 'p', 'a', 's', 's'});
  expect_ready_only_whole(parse_password_request, ByteVector{1, 1, 'u', 0});
  expect_ready_only_whole(parse_password_request, ByteVector{1, 0, 0});
  expect_ready_only_whole(parse_password_request,
                          ByteVector{1, 255} + ByteVector(255, 'u') + ByteVector{255} + ByteVector(255, 'p'));
}

TEST(Socks5ParsePassword, KeepsEveryByte) {
  ByteVector all(255);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  const ByteVector bytes = ByteVector{1, 255} + all + ByteVector{255} + all;
  const auto parsed = parse_password_request(bytes);
  ASSERT_TRUE(parsed.ready());
  EXPECT_EQ(text_of(parsed.value().username), text_of(all));
  EXPECT_EQ(text_of(parsed.value().password), text_of(all));
}

TEST(Socks5ParsePassword, RefusesEveryOtherVersionAtItsFirstByte) {
  for (unsigned version = 0; version < 256; ++version) {
    if (version == 1) continue;
    expect_failed_from(parse_password_request, {static_cast<std::uint8_t>(version), 1, 'u', 1, 'p'}, 1,
                       Errc::bad_version);
  }
}

TEST(Socks5ParseRequest, TakesEachCommandWithEachAddressTypeAtEverySplit) {
  for (const Command command : {Command::connect, Command::bind, Command::udp_associate}) {
    const ByteVector head{5, static_cast<std::uint8_t>(command), 0};
    expect_ready_only_whole(parse_request, head + ByteVector{1, 1, 2, 3, 4, 0, 80});
    expect_ready_only_whole(parse_request, head + ByteVector{3, 1, 'a', 0, 80});
    expect_ready_only_whole(parse_request, head + (ByteVector{3, 255} + ByteVector(255, 'x') + ByteVector{0xff, 0xff}));
    expect_ready_only_whole(parse_request, head + (ByteVector{4} + ByteVector(16, 0x20) + ByteVector{1, 0xbb}));
  }
}

TEST(Socks5ParseRequest, NamesCommandAndTarget) {
  const auto parsed = parse_request(ByteVector{5, 1, 0, 3, 11} + bytes_of("example.com") + ByteVector{1, 0xbb});
  ASSERT_TRUE(parsed.ready());
  EXPECT_EQ(parsed.value().command, 1);
  EXPECT_EQ(parsed.value().target, TargetAddress::make("example.com", 443));
}

TEST(Socks5ParseRequest, TurnsNamesThatSpellAnAddressIntoIt) {
  const auto parsed = parse_request(ByteVector{5, 1, 0, 3, 5} + bytes_of("[::1]") + ByteVector{0, 80});
  ASSERT_TRUE(parsed.ready());
  EXPECT_FALSE(parsed.value().target.is_domain());
  EXPECT_EQ(parsed.value().target.to_string(), "[::1]:80");
}

TEST(Socks5ParseRequest, TakesNamesOfEveryLengthButZero) {
  for (std::size_t length = 1; length < 256; ++length) {
    const ByteVector bytes =
        ByteVector{5, 1, 0, 3, static_cast<std::uint8_t>(length)} + ByteVector(length, 'x') + ByteVector{0, 80};
    expect_ready_only_whole(parse_request, bytes);
  }
  expect_failed_from(parse_request, {5, 1, 0, 3, 0, 0, 80}, 5, Errc::bad_domain);
}

TEST(Socks5ParseRequest, LooksAtNoReservedByte) {
  for (unsigned reserved = 0; reserved < 256; ++reserved) {
    const ByteVector bytes{5, 1, static_cast<std::uint8_t>(reserved), 1, 1, 2, 3, 4, 0, 80};
    EXPECT_TRUE(parse_request(bytes).ready()) << reserved;
  }
}

TEST(Socks5ParseRequest, RefusesEveryOtherVersionAtItsFirstByte) {
  for (unsigned version = 0; version < 256; ++version) {
    if (version == 5) continue;
    const ByteVector bytes{static_cast<std::uint8_t>(version), 1, 0, 1, 1, 2, 3, 4, 0, 80};
    expect_failed_from(parse_request, bytes, 1, Errc::bad_version);
  }
}

TEST(Socks5ParseRequest, RefusesEveryOtherCommandAtItsByte) {
  for (unsigned command = 0; command < 256; ++command) {
    const ByteVector bytes{5, static_cast<std::uint8_t>(command), 0, 1, 1, 2, 3, 4, 0, 80};
    if (command >= 1 && command <= 3) {
      ASSERT_TRUE(parse_request(bytes).ready());
      EXPECT_EQ(parse_request(bytes).value().command, command);
    } else {
      expect_failed_from(parse_request, bytes, 2, Errc::unknown_command);
    }
  }
}

TEST(Socks5ParseRequest, RefusesEveryOtherAddressTypeAtItsByte) {
  for (unsigned type = 0; type < 256; ++type) {
    if (type == 1 || type == 3 || type == 4) continue;
    const ByteVector bytes{5, 1, 0, static_cast<std::uint8_t>(type), 1, 2, 3, 4, 0, 80};
    expect_failed_from(parse_request, bytes, 4, Errc::bad_address_type);
  }
}

TEST(Socks5ParseRequest, RefusesNulInAName) {
  expect_failed_from(parse_request, {5, 1, 0, 3, 3, 'a', 0, 'b', 0, 80}, 7, Errc::bad_domain);
}

TEST(Socks5ParseRequest, RefusesPortZeroOfConnectAlone) {
  expect_failed_from(parse_request, {5, 1, 0, 1, 1, 2, 3, 4, 0, 0}, 10, Errc::bad_port);
  expect_ready_only_whole(parse_request, ByteVector{5, 3, 0, 1, 0, 0, 0, 0, 0, 0});
}

TEST(Socks5ParseRequest, TakesWhateverAClientOfUdpKnowsOfItself) {
  const auto expect_taken = [](const ByteVector& address, const TargetAddress& named) {
    const ByteVector bytes = ByteVector{5, 3, 0} + address;
    expect_ready_only_whole(parse_request, bytes);
    EXPECT_EQ(parse_request(bytes).value().command, 3);
    EXPECT_EQ(parse_request(bytes).value().target, named);
  };
  expect_taken({1, 0, 0, 0, 0, 0, 0}, TargetAddress(IpAddress(IpAddress::V4{}), 0));
  expect_taken({1, 0, 0, 0, 0, 0x12, 0x34}, TargetAddress(IpAddress(IpAddress::V4{}), 0x1234));
  expect_taken({1, 10, 0, 0, 1, 0, 0}, *TargetAddress::make("10.0.0.1", 0));
  expect_taken(ByteVector{4} + ByteVector(18, 0), TargetAddress(IpAddress(IpAddress::V6{}), 0));
  expect_taken({3, 1, 'a', 0, 0}, *TargetAddress::make("a", 0));
  expect_taken(ByteVector{3, 7} + bytes_of("0.0.0.0") + ByteVector{0, 0}, TargetAddress(IpAddress(IpAddress::V4{}), 0));
  expect_failed_from(parse_request, {5, 3, 0, 3, 0, 0, 0}, 5, Errc::bad_domain);
  expect_failed_from(parse_request, {5, 3, 0, 2, 0, 0, 0}, 4, Errc::bad_address_type);
}

TEST(Socks5ReplyFor, FollowsTheTable) {
  EXPECT_EQ(reply_for(Errc::bad_version), Reply::general_failure);
  EXPECT_EQ(reply_for(Errc::unknown_command), Reply::command_not_supported);
  EXPECT_EQ(reply_for(Errc::bad_address_type), Reply::address_type_not_supported);
  EXPECT_EQ(reply_for(Errc::bad_domain), Reply::general_failure);
  EXPECT_EQ(reply_for(Errc::bad_port), Reply::general_failure);
}

TEST(Socks5PutMethod, WritesTwoBytes) {
  for (const AuthMethod method : {AuthMethod::none, AuthMethod::password, AuthMethod::unacceptable}) {
    ByteVector out(kMaxReply);
    ASSERT_EQ(put_method(method, out), 2U);
    EXPECT_EQ(out[0], 5);
    EXPECT_EQ(out[1], static_cast<std::uint8_t>(method));
  }
}

TEST(Socks5PutPasswordStatus, WritesTheVersionOfTheSubNegotiation) {
  ByteVector out(2);
  ASSERT_EQ(put_password_status(true, out), 2U);
  EXPECT_EQ(out, (ByteVector{1, 0}));
  ASSERT_EQ(put_password_status(false, out), 2U);
  EXPECT_EQ(out, (ByteVector{1, 1}));
}

ByteVector put(Reply reply, const char* address, std::uint16_t port) {
  ByteVector out(kMaxReply, 0xEE);
  out.resize(put_reply(reply, {*IpAddress::parse(address), port}, out));
  return out;
}

TEST(Socks5PutReply, NamesTheBoundEndpoint) {
  EXPECT_EQ(put(Reply::succeeded, "1.2.3.4", 0x1234), (ByteVector{5, 0, 0, 1, 1, 2, 3, 4, 0x12, 0x34}));
  EXPECT_EQ(put(Reply::succeeded, "::1", 80), (ByteVector{5, 0, 0, 4} + ByteVector(15, 0) + ByteVector{1, 0, 80}));
}

TEST(Socks5PutReply, IsWholeAndUnspecifiedWithEveryError) {
  for (std::uint8_t code = 1; code <= 8; ++code) {
    for (const char* bound : {"1.2.3.4", "::1"}) {
      EXPECT_EQ(put(static_cast<Reply>(code), bound, 80), (ByteVector{5, code, 0, 1, 0, 0, 0, 0, 0, 0})) << int{code};
    }
  }
}

TEST(Socks5DescribeReply, NamesEachReplyOnce) {
  std::set<std::string_view> names;
  for (std::uint8_t code = 0; code <= 8; ++code) names.insert(describe(static_cast<Reply>(code)));
  EXPECT_EQ(names.size(), 9U);
  EXPECT_EQ(names.count("unknown reply"), 0U);
  EXPECT_EQ(describe(static_cast<Reply>(9)), "unknown reply");
}

}  // namespace
}  // namespace ss::protocol::socks5
