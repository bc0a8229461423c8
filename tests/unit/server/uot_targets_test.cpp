#include "uot_targets.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "served.hpp"
#include "sim/udp_peer.hpp"

namespace ss::server {
namespace {

namespace uot = protocol::uot;
using ::testing::ElementsAre;
using uot::Framing;
using uot::Version;

const Endpoint kEcho{IpAddress(IpAddress::V4{93, 184, 216, 34}), 7};
const Endpoint kStranger{IpAddress(IpAddress::V4{93, 184, 216, 35}), 9};
const Endpoint kEchoV6{*IpAddress::parse("2606:4700::1111"), 7};

TargetAddress to(const Endpoint& endpoint) {
  return {endpoint.address, endpoint.port};
}
TargetAddress to(std::string_view name, std::uint16_t port = 7) {
  return *TargetAddress::make(name, port);
}

ByteVector frame(const TargetAddress& target, std::string_view text) {
  ByteVector out(uot::kMaxFrameHeader);
  out.resize(uot::put_frame_header(target, text.size(), out));
  return joined(out, bytes_of(text));
}
ByteVector frame(std::string_view text) {
  ByteVector out(2);
  uot::put_frame_header(text.size(), out);
  return joined(out, bytes_of(text));
}
ByteVector request_of(Framing framing, const TargetAddress& address = {}) {
  ByteVector out(uot::kMaxRequest);
  out.resize(uot::put_request(framing, address, out));
  return out;
}

/// A client's stream of UDP over TCP to ss-server, and targets.
class UotTargets : public Served, public ::testing::WithParamInterface<const char*> {
 protected:
  explicit UotTargets(const std::string& method = "2022-blake3-aes-256-gcm") : Served(method) {
    node.datagrams().add_address(*IpAddress::parse("2001:db8::9"));
    datagrams_idle = 300s;
    echo.when_heard = [this](const sim::UdpPeer::Heard& heard) { echo.send(heard.from, heard.bytes); };
  }

  /// Opens a stream of that version whose first payload is `first`.
  void open(Version version, ConstBytes first) {
    client.emplace(network);
    serve_to(*client);
    stream.emplace(request(uot::magic_target(version), first));
    client->say(stream->flight);
    pass(1s);
  }
  void say(ConstBytes bytes, std::size_t chunk = 0x3FFF) {
    if (!encoder) encoder.emplace(stream->handshake.take_encoder());
    client->say(*protocol::testing::seal_all(*encoder, bytes, chunk));
    pass(100ms);
  }
  /// What the server has said so far.
  const ByteVector& heard() {
    if (!opening) opening.emplace(stream->handshake.take_decoder());
    const ByteVector& all = client->hear();
    EXPECT_TRUE(opening->feed(ConstBytes(all).subspan(fed_), env.clock.unix_now()));
    fed_ = all.size();
    return opening->payload;
  }
  [[nodiscard]] std::size_t sockets() const { return network.datagrams.tally.open; }
  void TearDown() override {
    if (client) client->go();
    pass(6s);
    EXPECT_EQ(sockets(), 0U);
    EXPECT_EQ(env.counters.associations.read(), 0U);
    Served::TearDown();
  }

  sim::UdpPeer echo{network, kEcho};
  std::optional<Peer> client;
  std::optional<Stream> stream;
  std::optional<protocol::Encoder> encoder;
  std::optional<protocol::testing::Opening> opening;

 private:
  std::size_t fed_ = 0;
};

class UotTargetsOver : public UotTargets {
 protected:
  UotTargetsOver() : UotTargets(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(Methods, UotTargetsOver,
                         ::testing::Values("2022-blake3-aes-256-gcm", "chacha20-ietf-poly1305"));

TEST_P(UotTargetsOver, CarriesDatagramsOfVersion1BothWays) {
  open(Version::v1, joined(frame(to(kEcho), "one"), frame(to(kEcho), "")));
  EXPECT_THAT(echo.texts(), ElementsAre("one", ""));
  EXPECT_EQ(heard(), joined(frame(to(kEcho), "one"), frame(to(kEcho), "")));
  EXPECT_EQ(env.counters.packets_up.read(), 2U);
  EXPECT_EQ(env.counters.packets_down.read(), 2U);
  EXPECT_TRUE(dialer.begun.empty());
}

TEST_P(UotTargetsOver, CarriesDatagramsOfVersion2BothWays) {
  open(Version::v2, joined(request_of(Framing::addressed), frame(to(kEcho), "one")));
  say(frame(to(kEcho), std::string(60'000, 'x')));
  EXPECT_EQ(heard(), joined(frame(to(kEcho), "one"), frame(to(kEcho), std::string(60'000, 'x'))));
}

TEST_F(UotTargets, TakesAStreamInAnySplit) {
  open(Version::v2, {});
  ByteVector bytes = request_of(Framing::addressed, to("hint.test"));
  for (int i = 0; i < 20; ++i) bytes = joined(bytes, frame(to(kEcho), "datagram " + std::to_string(i)));
  say(bytes, 1);
  EXPECT_EQ(echo.heard.size(), 20U);
  EXPECT_EQ(echo.texts().back(), "datagram 19");
}

TEST_F(UotTargets, IsFullConeAndNamesEachSource) {
  sim::UdpPeer stranger(network, kStranger);
  open(Version::v2, joined(request_of(Framing::addressed), frame(to(kEcho), "one")));
  const Endpoint mapping = echo.heard.at(0).from;
  stranger.send(mapping, "from elsewhere");
  pass(1s);
  EXPECT_EQ(heard(), joined(frame(to(kEcho), "one"), frame(to(kStranger), "from elsewhere")));
  say(frame(to(kStranger), "back"));
  EXPECT_EQ(stranger.heard.at(0).from, mapping) << "one mapping for all targets";
}

TEST_F(UotTargets, HearsTheOnePeerAloneWhereItIsConnected) {
  sim::UdpPeer stranger(network, kStranger);
  open(Version::v2, joined(request_of(Framing::connected, to(kEcho)), frame("one")));
  stranger.send(echo.heard.at(0).from, "from elsewhere");
  say(frame("two"));
  EXPECT_THAT(echo.texts(), ElementsAre("one", "two"));
  EXPECT_EQ(heard(), joined(frame("one"), frame("two")));
}

TEST_F(UotTargets, AsksForTheNameOfTheOnePeerOnce) {
  network.names["echo.test"] = {kEcho.address};
  open(Version::v2, joined(request_of(Framing::connected, to("echo.test")), frame("one")));
  EXPECT_EQ(heard(), frame("one"));
  network.names["echo.test"] = {kStranger.address};
  pass(1min);
  say(frame("two"));
  EXPECT_THAT(echo.texts(), ElementsAre("one", "two"));
  EXPECT_EQ(heard(), joined(frame("one"), frame("two")));
}

TEST_F(UotTargets, SkipsWhatCannotBeSentAndGoesOn) {
  network.names["echo.test"] = {kEcho.address};
  ByteVector bytes = joined(request_of(Framing::addressed), frame(to("nowhere.test"), "lost"));
  bytes = joined(bytes, frame(TargetAddress(kEcho.address, 0), "lost"));
  open(Version::v2, joined(bytes, frame(to("echo.test"), "found")));
  const ByteVector longest = frame(to(kEcho), std::string(65'508, 'x'));
  say(ConstBytes(longest).first(40'000));
  say(ConstBytes(longest).subspan(40'000));
  say(frame(to(kEcho), "last"));
  EXPECT_THAT(echo.texts(), ElementsAre("found", "last"));
  EXPECT_EQ(env.counters.packets_dropped.read(), 3U);
}

TEST_F(UotTargets, JudgesEachDatagramByWhereItGoes) {
  deny.push_back(*TargetRule::parse("*.denied.test"));
  network.names["rebound.test"] = {*IpAddress::parse("127.0.0.1")};
  ByteVector bytes = request_of(Framing::addressed);
  for (const char* host : {"127.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", "x.denied.test", "rebound.test"}) {
    bytes = joined(bytes, frame(to(host), "no"));
  }
  open(Version::v2, bytes);
  EXPECT_EQ(env.counters.denied.read(), 5U);
  EXPECT_EQ(network.datagrams.tally.opened, 0U);
  say(frame(to(kEcho), "yes"));
  EXPECT_EQ(heard(), frame(to(kEcho), "yes")) << "the stream goes on";
}

TEST_F(UotTargets, AnswersInTheFormOfAddressThatTheClientUses) {
  sim::UdpPeer v6(network, kEchoV6);
  const TargetAddress mapped(*IpAddress::parse("::ffff:93.184.216.34"), kEcho.port);
  open(Version::v2, joined(request_of(Framing::addressed), frame(mapped, "one")));
  EXPECT_EQ(heard(), frame(mapped, "one"));
  // The form of IPv4 targets says nothing about answers from IPv6.
  say(joined(frame(to(kEchoV6), "six"), frame(mapped, "two")));
  v6.send(v6.heard.at(0).from, "6");
  pass(1s);
  EXPECT_EQ(heard(), joined(joined(frame(mapped, "one"), frame(mapped, "two")), frame(to(kEchoV6), "6")));
}

TEST_F(UotTargets, EndsWithTheClientsFin) {
  open(Version::v2, joined(request_of(Framing::addressed), frame(to(kEcho), "one")));
  EXPECT_EQ(sockets(), 1U);
  EXPECT_EQ(env.counters.associations.read(), 1U);
  client->finish();
  pass(1s);
  EXPECT_TRUE(client->heard_end());
  EXPECT_EQ(sockets(), 0U);
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(UotTargets, EndsAtWhatIsNoFrame) {
  open(Version::v2, joined(request_of(Framing::addressed), ByteVector{7}));
  pass(1s);
  EXPECT_TRUE(client->heard_end() || client->heard_reset());
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(UotTargets, EndsWhenItIsSilentForTooLong) {
  datagrams_idle = 60s;
  open(Version::v2, joined(request_of(Framing::addressed), frame(to(kEcho), "one")));
  pass(58s);
  say(frame(to(kEcho), "two"));
  pass(58s);
  EXPECT_FALSE(client->heard_end());
  pass(20s);
  EXPECT_TRUE(client->heard_end());
  client->finish();
  pass(1s);
  EXPECT_EQ(sockets(), 0U);
}

TEST_F(UotTargets, EndsWhenTheSessionIsStopped) {
  network.names["echo.test"] = {kEcho.address};
  open(Version::v2, joined(request_of(Framing::addressed), frame(to(kEcho), "one")));
  encoder.emplace(stream->handshake.take_encoder());
  client->say(*protocol::testing::seal_all(*encoder, frame(to("echo.test"), "two"), 100));
  pass(1ms);
  sessions.stop_all();
  pass(1s);
  EXPECT_EQ(sessions.size(), 0U);
  EXPECT_EQ(sockets(), 0U);
}

TEST_F(UotTargets, LeavesToTheSocketWhatASlowClientDoesNotTake) {
  open(Version::v2, joined(request_of(Framing::addressed), frame(to(kEcho), "one")));
  client->near().takes_nothing = true;
  const std::string text(1'000, 'x');
  for (int i = 0; i < 1'000; ++i) echo.send(echo.heard.at(0).from, text);
  pass(1s);
  EXPECT_GT(network.datagrams.tally.overflowed, 0U);
  EXPECT_LE(env.held_total.read(), 2 * relay::kMaxHeld);
  client->near().takes_nothing = false;
  client->near().next_write_takes.reset();
}

TEST_F(UotTargets, CountAmongTheAssociationsAndAreRefusedWhereThereAreTooMany) {
  AssociationCounts counts{1};
  associations = &counts;
  association_limits.total = 1;
  open(Version::v1, frame(to(kEcho), "one"));
  EXPECT_EQ(echo.texts(), std::vector<std::string>{"one"});
  EXPECT_EQ(counts.total, 1U);
  Peer other(network);
  serve_to(other);
  other.say(request(uot::magic_target(Version::v1), frame(to(kEcho), "two")).flight);
  pass(100ms);
  EXPECT_TRUE(other.hear().empty());
  EXPECT_TRUE(other.heard_end());
  EXPECT_EQ(echo.texts(), std::vector<std::string>{"one"});
  EXPECT_EQ(env.counters.packets_dropped.read(), 1U);
  other.go();
  client->finish();
  pass(1s);
  EXPECT_EQ(counts.total, 0U);
  open(Version::v1, frame(to(kEcho), "three"));
  EXPECT_EQ(echo.texts().back(), "three");
  client->go();
  pass(6s);
  EXPECT_EQ(counts.total, 0U);
}

TEST_F(UotTargets, AreRefusedWhereNoDatagramsAreServed) {
  datagrams_idle.reset();
  open(Version::v2, joined(request_of(Framing::addressed), frame(to(kEcho), "one")));
  EXPECT_TRUE(client->hear().empty());
  EXPECT_TRUE(client->heard_end());
  EXPECT_TRUE(echo.heard.empty());
  EXPECT_EQ(env.counters.rejected.read(), 0U);
}

}  // namespace
}  // namespace ss::server
