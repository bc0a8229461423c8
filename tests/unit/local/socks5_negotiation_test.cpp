#include "client_request.hpp"
#include "unit/protocol/stream_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::local {
namespace {

using namespace std::chrono_literals;
using protocol::testing::joined;
using relay::LiveSession;
using relay::test::counting;
using relay::test::Deed;
using relay::test::expect_at;
using relay::test::Fixture;
using relay::test::kLate;
using relay::test::Peer;

ByteVector hex(const std::string& text) {
  return protocol::testing::of_hex(text);
}

const ByteVector kGreeting = hex("050100");
const ByteVector kPasswordGreeting = hex("05020002");
const ByteVector kRequestV4 = hex("05010001c000020701bb");
const ByteVector kRequestName = hex("050100030b6578616d706c652e636f6d0050");
const ByteVector kRequestV6 = hex("0501000420010db80000000000000000000000010050");

ByteVector password(std::string_view name, std::string_view word) {
  ByteVector bytes{1, static_cast<std::uint8_t>(name.size())};
  bytes.insert(bytes.end(), name.begin(), name.end());
  bytes.push_back(static_cast<std::uint8_t>(word.size()));
  bytes.insert(bytes.end(), word.begin(), word.end());
  return bytes;
}
std::vector<SocksUser> two_users() {
  std::vector<SocksUser> users;
  users.push_back({"alice", Secret(bytes_of("wonderland"))});
  users.push_back({"bob", Secret(bytes_of("builder"))});
  return users;
}
ByteVector error_reply(std::uint8_t reply) {
  return {5, reply, 0, 1, 0, 0, 0, 0, 0, 0};
}

/// One client of the negotiation.
struct Client {
  Client(Fixture& fixture, std::vector<SocksUser> with_users)
      : peer(fixture.network), rules{std::move(with_users), {true, false}}, began(fixture.now()), fixture_(fixture) {
    fixture.node.spawner().spawn(run(peer.take_near()));
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    if (session != nullptr) session->stop();
    fixture_.pass(1s);
  }
  net::Task<> run(std::unique_ptr<net::Stream> stream) {
    LiveSession live(fixture_.sessions);
    live.client = stream.get();
    session = &live;
    ClientRequest asked = co_await negotiate(fixture_.env, live, *stream, rules, 10s);
    session = nullptr;
    took = fixture_.now() - began;
    request = std::move(asked);
  }
  /// What became of a negotiation that ended without a request.
  void expect_refused_with(const ByteVector& answer) {
    EXPECT_EQ(peer.hear(), answer);
    EXPECT_TRUE(peer.heard_end()) << "a FIN follows the answer";
  }

  Peer peer;
  NegotiationRules rules;
  Duration began;
  LiveSession* session = nullptr;
  std::optional<ClientRequest> request;
  std::optional<Duration> took;

 private:
  Fixture& fixture_;
};

class NegotiateSocks5 : public Fixture {
 protected:
  void TearDown() override {
    Fixture::TearDown();
    expect_no_session();
    EXPECT_EQ(network.alive, 0U);
  }
  void expect_target(const Client& client, const std::string& target, const std::string& where) {
    ASSERT_TRUE(client.request.has_value()) << where;
    ASSERT_TRUE(client.request->target.has_value()) << where;
    EXPECT_EQ(client.request->target->to_string(), target) << where;
  }
};

TEST_F(NegotiateSocks5, UnderstandsEverySplitAndPipelining) {
  const std::pair<ByteVector, std::string> requests[] = {
      {kRequestV4, "192.0.2.7:443"}, {kRequestName, "example.com:80"}, {kRequestV6, "[2001:db8::1]:80"}};
  for (const auto& [request, target] : requests) {
    const ByteVector all = joined(kGreeting, request);
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
      Client client(*this, {});
      if (cut > 0) client.peer.say(ConstBytes(all).first(cut));
      pass(20ms);
      if (cut < all.size()) client.peer.say(ConstBytes(all).subspan(cut));
      pass(20ms);
      expect_target(client, target, std::to_string(cut));
      EXPECT_EQ(client.peer.hear(), hex("0500")) << "the reply to the request comes after the dial";
      EXPECT_TRUE(client.request->early.empty());
    }
  }
}

TEST_F(NegotiateSocks5, UnderstandsEverySplitOfAPassword) {
  const ByteVector all = joined(kPasswordGreeting, joined(password("bob", "builder"), kRequestName));
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    Client client(*this, two_users());
    if (cut > 0) client.peer.say(ConstBytes(all).first(cut));
    pass(20ms);
    if (cut < all.size()) client.peer.say(ConstBytes(all).subspan(cut));
    pass(20ms);
    expect_target(client, "example.com:80", std::to_string(cut));
    EXPECT_EQ(client.peer.hear(), hex("05020100"));
  }
}

TEST_F(NegotiateSocks5, UnderstandsOneByteAtATime) {
  Client client(*this, two_users());
  for (const std::uint8_t byte : joined(kPasswordGreeting, joined(password("alice", "wonderland"), kRequestV6))) {
    client.peer.say(ConstBytes(&byte, 1));
    pass(5ms);
  }
  expect_target(client, "[2001:db8::1]:80", "");
}

TEST_F(NegotiateSocks5, KeepsWhatTheClientSentBehindItsRequest) {
  for (const std::size_t size : {1U, 100U, 4000U}) {
    Client client(*this, {});
    client.peer.say(joined(joined(kGreeting, kRequestV4), counting(size)));
    pass(20ms);
    expect_target(client, "192.0.2.7:443", "");
    EXPECT_EQ(client.request->early, counting(size));
  }
}

TEST_F(NegotiateSocks5, RefusesAWrongPasswordAndAnUnknownUserAlike) {
  for (const ByteVector& wrong : {password("bob", "wonderland"), password("bob", "builde"), password("bob", ""),
                                  password("carol", "builder"), password("", ""), password("Bob", "builder")}) {
    Client client(*this, two_users());
    client.peer.say(joined(kPasswordGreeting, wrong));
    pass(100ms);
    client.expect_refused_with(hex("05020101"));
    EXPECT_FALSE(client.request.has_value()) << "it is being drained";
    client.peer.finish();
    pass(kLate);
    ASSERT_TRUE(client.request.has_value());
    EXPECT_FALSE(client.request->target.has_value());
  }
}

TEST_F(NegotiateSocks5, RefusesAPasswordOfAnotherVersion) {
  Client client(*this, two_users());
  client.peer.say(joined(kPasswordGreeting, hex("0503626f62076275696c646572")));
  pass(100ms);
  client.expect_refused_with(hex("05020101"));
}

TEST_F(NegotiateSocks5, RefusesAClientThatOffersNoAcceptableMethod) {
  const std::pair<const char*, bool> greetings[] = {
      {"050102", false}, {"0500", false}, {"05020103", false}, {"050100", true}, {"0500", true}};
  for (const auto& [greeting, users] : greetings) {
    Client client(*this, users ? two_users() : std::vector<SocksUser>{});
    client.peer.say(hex(greeting));
    pass(100ms);
    client.expect_refused_with(hex("05ff"));
  }
}

TEST_F(NegotiateSocks5, AnswersWhatItDoesNotServeWithTheReplyOfTheRfc) {
  const std::pair<const char*, std::uint8_t> requests[] = {
      {"05020001c000020701bb", 7},  // BIND
      {"05030001000000000000", 7},  // UDP ASSOCIATE
      {"05090001c000020701bb", 7},  // no command
      {"0501000500", 8},            // no address type
      {"05010001c00002070000", 1},  // port 0
      {"05010003000050", 1},        // domain of length 0
      {"05010003036100620050", 1},  // domain with a NUL
      {"04010001c000020701bb", 1},  // another version
  };
  for (const auto& [request, reply] : requests) {
    Client client(*this, {});
    client.peer.say(joined(kGreeting, hex(request)));
    pass(100ms);
    client.expect_refused_with(joined(hex("0500"), error_reply(reply)));
    EXPECT_FALSE(client.request.has_value()) << request;
    client.peer.finish();
    pass(kLate);
    ASSERT_TRUE(client.request.has_value()) << request;
    EXPECT_FALSE(client.request->target.has_value()) << request;
  }
}

TEST_F(NegotiateSocks5, DrainsARefusedClientForTenSecondsAtMost) {
  Client client(*this, {});
  pass(5s);
  client.peer.say(joined(kGreeting, hex("05020001c000020701bb")));
  for (int i = 0; i < 9; ++i) {
    pass(1s);
    client.peer.say(counting(1'000));
    EXPECT_FALSE(client.request.has_value());
  }
  pass(2s);
  expect_at(client.took, 15s);
  EXPECT_EQ(client.peer.near().bytes(Deed::Kind::read), 13U + 9'000) << "so no reset destroys the reply";
  EXPECT_EQ(client.peer.hear(), joined(hex("0500"), error_reply(7)));
}

TEST_F(NegotiateSocks5, AnswersAForeignProtocolWithNothing) {
  for (const char* hello : {"160301", "00", "0a", "7f", "ff"}) {
    Client client(*this, {});
    client.peer.say(hex(hello));
    pass(100ms);
    ASSERT_TRUE(client.request.has_value()) << hello;
    EXPECT_FALSE(client.request->target.has_value());
    EXPECT_TRUE(client.peer.hear().empty());
  }
}

TEST_F(NegotiateSocks5, GivesUpAfterTenSecondsInAllWhatComesInBetween) {
  for (const bool drips : {false, true}) {
    Client client(*this, {});
    const ByteVector all = joined(kGreeting, kRequestName);
    for (std::size_t i = 0; i < 9; ++i) {
      pass(1s);
      if (drips) client.peer.say(ConstBytes(all).subspan(i, 1));
      EXPECT_FALSE(client.request.has_value());
    }
    pass(2s);
    expect_at(client.took, 10s);
    EXPECT_FALSE(client.request->target.has_value());
    EXPECT_EQ(client.peer.hear(), drips ? hex("0500") : ByteVector()) << "no reply is due";
  }
}

TEST_F(NegotiateSocks5, EndsWithAClientThatIsGone) {
  const ByteVector all = joined(kPasswordGreeting, joined(password("bob", "builder"), kRequestName));
  for (std::size_t said = 0; said < all.size(); ++said) {
    for (const bool by_reset : {false, true}) {
      Client client(*this, two_users());
      if (said > 0) client.peer.say(ConstBytes(all).first(said));
      pass(20ms);
      if (by_reset) {
        client.peer.reset();
      } else {
        client.peer.finish();
      }
      pass(20ms);
      ASSERT_TRUE(client.request.has_value()) << said;
      EXPECT_FALSE(client.request->target.has_value()) << said;
      ByteVector answers;
      if (said >= kPasswordGreeting.size()) answers = hex("0502");
      if (said >= all.size() - kRequestName.size()) answers = hex("05020100");
      if (by_reset) continue;
      EXPECT_EQ(client.peer.hear(), answers) << said << ": an unfinished message gets no answer";
    }
  }
}

TEST_F(NegotiateSocks5, EndsWhenTheSessionIsStopped) {
  Client client(*this, {});
  pass(1s);
  client.session->stop();
  pass(kLate);
  ASSERT_TRUE(client.request.has_value());
  EXPECT_FALSE(client.request->target.has_value());
}

}  // namespace
}  // namespace ss::local
