#include "pair_answer.hpp"

#include <cerrno>

#include "marked.hpp"
#include "ss/protocol/uot.hpp"

namespace ss::server {
namespace {

/// The answer to a marked request, with every family of methods.
class PairAnswerOf : public Marked, public ::testing::WithParamInterface<const char*> {
 protected:
  PairAnswerOf() : Marked(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(Methods, PairAnswerOf,
                         ::testing::Values("2022-blake3-aes-128-gcm", "2022-blake3-aes-256-gcm",
                                           "2022-blake3-chacha20-poly1305", "aes-128-gcm", "aes-192-gcm",
                                           "chacha20-ietf-poly1305"));

TEST_P(PairAnswerOf, NamesTheBoundAddressAndThenRelays) {
  const auto target = listener(kTarget);
  Client client(*this, target_of(kTarget), counting(300));
  pass(50ms);
  expect_frame(client, Reply::succeeded, false, kBound);
  EXPECT_TRUE(dialer.wished_ttl);
  EXPECT_TRUE(raw(client).empty());
  EXPECT_EQ(target->hear(), counting(300));
  target->say(counting(5'000));
  target->finish();
  pass(1s);
  EXPECT_EQ(raw(client), counting(5'000));
  EXPECT_TRUE(client.opening.may_end());
  EXPECT_TRUE(client.peer.heard_end());
  EXPECT_EQ(env.counters.bytes_down.read(), 5'000U) << "frames are no payload";
  client.peer.finish();
}

TEST_P(PairAnswerOf, TellsWhyThereIsNoConnection) {
  const auto at = [](std::uint16_t port) { return Endpoint{kTarget.address, port}; };
  dialer.fails[at(81)] = ENETUNREACH;
  dialer.fails[at(82)] = EHOSTUNREACH;
  dialer.fails[at(83)] = EACCES;
  dialer.fails[at(84)] = EAFNOSUPPORT;
  dialer.fails[at(85)] = EMFILE;
  dialer.fails[at(86)] = ETIMEDOUT;
  dialer.fails[at(87)] = net::kTtlExpired;
  const std::pair<TargetAddress, Reply> targets[] = {
      {target_of(at(80)), Reply::connection_refused},
      {target_of(at(81)), Reply::network_unreachable},
      {target_of(at(82)), Reply::host_unreachable},
      {target_of(at(83)), Reply::not_allowed},
      {target_of(at(84)), Reply::address_type_not_supported},
      {target_of(at(85)), Reply::general_failure},
      {target_of(at(86)), Reply::host_unreachable},
      {target_of(at(87)), Reply::ttl_expired},
      {*TargetAddress::make("nowhere.test", 80), Reply::host_unreachable},
      {*TargetAddress::make("127.0.0.1", 80), Reply::not_allowed}};
  for (const auto& [to, reply] : targets) {
    Client client(*this, to, counting(300));
    pass(100ms);
    SCOPED_TRACE(to.to_string());
    expect_refused(client, reply);
  }
}

TEST_P(PairAnswerOf, ToldDeniedWhereTheNameIs) {
  deny.push_back(*TargetRule::parse("*.denied.test"));
  Client client(*this, *TargetAddress::make("x.denied.test", 80), counting(300));
  pass(100ms);
  expect_refused(client, Reply::not_allowed);
}

TEST_P(PairAnswerOf, IsNotGivenToAnUnmarkedRequest) {
  const auto target = listener(kTarget);
  Peer client(network);
  serve_to(client);
  Stream stream = request(counting(300));
  client.say(stream.flight);
  pass(50ms);
  EXPECT_FALSE(dialer.wished_ttl) << "whom nothing is told needs no cause";
  EXPECT_TRUE(client.hear().empty());
  target->say(counting(100));
  pass(1s);
  protocol::testing::Opening opening(stream.handshake.take_decoder());
  EXPECT_TRUE(opening.feed(client.hear(), env.clock.unix_now()));
  EXPECT_EQ(opening.payload, counting(100));
}

TEST_P(PairAnswerOf, IsNotGivenWithTheExtensionOff) {
  extension = false;
  const auto target = listener(kTarget);
  Client client(*this, target_of(kTarget), counting(300));
  pass(50ms);
  EXPECT_TRUE(client.peer.hear().empty());
  target->say(counting(100));
  pass(1s);
  EXPECT_EQ(raw(client), counting(100));
  EXPECT_FALSE(client.opening.decoder().is_marked());
  client.peer.finish();
  target->finish();
  pass(1s);

  Client refused(*this, *TargetAddress::make("127.0.0.1", 80), counting(300));
  pass(50ms);
  EXPECT_TRUE(refused.peer.heard_end());
  EXPECT_TRUE(refused.peer.hear().empty());
}

TEST_P(PairAnswerOf, GoesOnWhereTheClientTakesItInPieces) {
  const auto target = listener(kTarget);
  Client client(*this, target_of(kTarget), counting(300));
  client.peer.near().next_write_takes = 5;
  pass(2ms);
  client.peer.near().takes_nothing = true;
  pass(20ms);
  target->say(counting(1'000));
  pass(20ms);
  EXPECT_FALSE(next_frame(client));
  client.peer.near().takes_nothing = false;
  pass(1s);
  expect_frame(client, Reply::succeeded, false, kBound);
  EXPECT_EQ(raw(client), counting(1'000));
}

TEST_P(PairAnswerOf, EndsWholeWhereTheClientTakesARefusalInPieces) {
  Client client(*this, target_of(kTarget), counting(300));
  client.peer.near().next_write_takes = 5;
  pass(1s);
  expect_refused(client, Reply::connection_refused);
}

TEST_P(PairAnswerOf, ComesInFrontOfUdpOverTcp) {
  datagrams_idle = 60s;
  Client client(*this, protocol::uot::magic_target(protocol::uot::Version::v2), {});
  pass(50ms);
  expect_frame(client, Reply::succeeded);
}

TEST_P(PairAnswerOf, RefusesUdpOverTcpThatIsNotServed) {
  Client client(*this, protocol::uot::magic_target(protocol::uot::Version::v2), {});
  pass(50ms);
  expect_refused(client, Reply::not_allowed);
}

}  // namespace
}  // namespace ss::server
