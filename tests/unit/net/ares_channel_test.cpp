// What name servers may say, over the wire.
#include <gtest/gtest.h>

#include "dns_server.hpp"

namespace ss::net::test {
namespace {

using namespace std::chrono_literals;

ResolveAnswer ask(DnsServer& server, Family family = Family::v4, Duration deadline = 2s) {
  ResolverOptions options = options_for(server);
  options.deadline = deadline;
  ResolverRig rig(options);
  return rig.ask("name.test", family);
}

/// A server that answers every question with one function's message.
template <class Reply>
DnsServer::Script once(Reply reply) {
  return [reply](const DnsQuestion& question) { return std::vector<ByteVector>{reply(question)}; };
}

TEST(AresChannelAsk, FindsEveryAddressOfTheFamily) {
  DnsServer server(once([](const DnsQuestion& question) {
    return question.type == kA ? reply_to(question, {record_of("192.0.2.1"), record_of("192.0.2.2")})
                               : reply_to(question, {record_of("2001:db8::1")});
  }));
  EXPECT_EQ(text_of(ask(server, Family::v4)), "found 192.0.2.1 192.0.2.2");
  EXPECT_EQ(text_of(ask(server, Family::v6)), "found 2001:db8::1");
}

TEST(AresChannelAsk, FollowsACname) {
  DnsServer server(once([](const DnsQuestion& question) {
    const ByteVector target{5, 'o', 't', 'h', 'e', 'r', 0};
    ByteVector out = reply_to(question, {{kCname, 60, target}});
    put_u16be(out.data() + 6, 2);
    const ByteVector address{0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 9};
    out.insert(out.end(), target.begin(), target.end());
    out.insert(out.end(), address.begin(), address.end());
    return out;
  }));
  EXPECT_EQ(text_of(ask(server)), "found 192.0.2.9");
}

TEST(AresChannelAsk, FindsNothingInACnameLoop) {
  DnsServer server(once([](const DnsQuestion& question) {
    return reply_to(question, {{kCname, 60, {0xc0, 12}}, {kCname, 60, {0xc0, 12}}});
  }));
  EXPECT_EQ(text_of(ask(server)), "not_found");
}

TEST(AresChannelAsk, FindsNothingWhereTheNameOrTheFamilyIsMissing) {
  DnsServer missing(once([](const DnsQuestion& question) { return reply_to(question, {}, 3); }));
  EXPECT_EQ(text_of(ask(missing)), "not_found");
  DnsServer empty(once([](const DnsQuestion& question) { return reply_to(question, {}); }));
  EXPECT_EQ(text_of(ask(empty)), "not_found");
}

TEST(AresChannelAsk, FailsWhereTheServerCannotAnswer) {
  for (const unsigned code : {1U, 2U, 4U, 5U}) {
    DnsServer server(once([code](const DnsQuestion& question) { return reply_to(question, {}, code); }));
    EXPECT_EQ(text_of(ask(server)), "failed") << "RCODE " << code;
  }
}

TEST(AresChannelAsk, FailsWhereNobodyListens) {
  Endpoint gone;
  {
    DnsServer server(once([](const DnsQuestion& question) { return reply_to(question, {}); }));
    gone = server.endpoint();
  }
  ResolverOptions options;
  options.nameservers = {gone};
  options.hosts = "/nonexistent/hosts";
  ResolverRig rig(options);
  EXPECT_EQ(text_of(rig.ask("name.test")), "failed");
}

TEST(AresChannelAsk, TurnsToTheNextServerWhereOneFails) {
  DnsServer bad(once([](const DnsQuestion& question) { return reply_to(question, {}, 2); }));
  DnsServer good(once([](const DnsQuestion& question) { return reply_to(question, {record_of("192.0.2.1")}); }));
  ResolverOptions options = options_for(bad);
  options.nameservers.push_back(good.endpoint());
  ResolverRig rig(options);
  EXPECT_EQ(text_of(rig.ask("name.test")), "found 192.0.2.1");
  EXPECT_EQ(bad.asked(), 1);
}

TEST(AresChannelAsk, TurnsToTheNextServerWhereOneIsSilent) {
  DnsServer silent([](const DnsQuestion&) { return std::vector<ByteVector>{}; });
  DnsServer good(once([](const DnsQuestion& question) { return reply_to(question, {record_of("192.0.2.1")}); }));
  ResolverOptions options = options_for(silent);
  options.nameservers.push_back(good.endpoint());
  options.deadline = 1200ms;
  ResolverRig rig(options);
  EXPECT_EQ(text_of(rig.ask("name.test")), "found 192.0.2.1");
}

TEST(AresChannelAsk, TriesASilentServerTwice) {
  std::atomic<int> questions{0};
  DnsServer server([&](const DnsQuestion& question) {
    if (++questions == 1) return std::vector<ByteVector>{};
    return std::vector<ByteVector>{reply_to(question, {record_of("192.0.2.1")})};
  });
  EXPECT_EQ(text_of(ask(server, Family::v4, 1200ms)), "found 192.0.2.1");
}

TEST(AresChannelAsk, OverhearsForgeries) {
  DnsServer server([](const DnsQuestion& question) {
    ByteVector other_id = reply_to(question, {record_of("203.0.113.1")});
    other_id[0] ^= 0xff;
    ByteVector other_name = reply_to(question, {record_of("203.0.113.2")});
    other_name[13] = 'x';
    ByteVector other_type = reply_to(question, {record_of("203.0.113.3")});
    other_type[12 + 11 + 1] = kAaaa;
    return std::vector<ByteVector>{other_id, other_name, other_type, reply_to(question, {record_of("192.0.2.1")})};
  });
  EXPECT_EQ(text_of(ask(server)), "found 192.0.2.1");
}

TEST(AresChannelAsk, SurvivesEveryTruncationOfAnAnswer) {
  std::atomic<std::size_t> cut{0};
  DnsServer server([&](const DnsQuestion& question) {
    const ByteVector whole = reply_to(question, {record_of("192.0.2.1"), record_of("192.0.2.2")});
    const std::size_t length = std::min(cut.load(), whole.size());
    return std::vector<ByteVector>{ByteVector(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)),
                                   whole};
  });
  ResolverOptions options = options_for(server);
  options.use_cache = false;
  options.deadline = 2s;
  ResolverRig rig(options);
  for (; cut < 59; ++cut) {
    // Cut before the question's end it is nobody's answer and overheard; cut behind it, it is a broken one.
    const ResolveAnswer answer = rig.ask("name.test");
    if (answer.status == ResolveStatus::found) {
      EXPECT_EQ(text_of(answer), "found 192.0.2.1 192.0.2.2") << cut;
    } else {
      EXPECT_EQ(text_of(answer), "failed") << cut;
    }
  }
}

TEST(AresChannelAsk, SurvivesTheLongestDatagram) {
  DnsServer server(once([](const DnsQuestion& question) {
    ByteVector out = reply_to(question, std::vector<DnsRecord>(4000, record_of("192.0.2.1")));
    out.resize(65507);
    return out;
  }));
  const ResolveAnswer answer = ask(server, Family::v4, 500ms);
  EXPECT_LE(answer.addresses.size(), 64U);
}

TEST(AresChannelAsk, AsksOverTcpWhereTheAnswerDidNotFit) {
  DnsServer server(once([](const DnsQuestion& question) {
    if (question.over_tcp) return reply_to(question, {record_of("192.0.2.1")});
    ByteVector out = reply_to(question, {});
    out[2] |= 0x02;
    return out;
  }));
  EXPECT_EQ(text_of(ask(server)), "found 192.0.2.1");
  EXPECT_EQ(server.asked(), 2);
}

TEST(AresChannelAsk, KeepsABoundedPartOfTheLongestTcpAnswer) {
  DnsServer server(once([](const DnsQuestion& question) {
    if (question.over_tcp) return reply_to(question, std::vector<DnsRecord>(4000, record_of("192.0.2.1")));
    ByteVector out = reply_to(question, {});
    out[2] |= 0x02;
    return out;
  }));
  const ResolveAnswer answer = ask(server);
  EXPECT_EQ(answer.status, ResolveStatus::found);
  EXPECT_EQ(answer.addresses.size(), 64U);
}

}  // namespace
}  // namespace ss::net::test
