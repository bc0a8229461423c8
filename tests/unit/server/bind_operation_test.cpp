#include "bind_operation.hpp"

#include <list>
#include <set>

#include "marked.hpp"
#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/pair/operation.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::server {
namespace {

namespace pair = protocol::pair;

const Endpoint kPeer{IpAddress(IpAddress::V4{93, 184, 216, 50}), 20};
const Endpoint kStranger{IpAddress(IpAddress::V4{93, 184, 216, 51}), 20};

class BindOperation : public Marked {
 protected:
  explicit BindOperation(const std::string& method = "2022-blake3-aes-256-gcm", bool users = false)
      : Marked(method, users) {
    bind_ports = {config::PortRange{40'000, 40'000}};
  }

  static ByteVector payload_for(const TargetAddress& expected, ConstBytes behind = {}) {
    ByteVector payload(protocol::address_length(expected));
    protocol::put_address(expected, payload);
    payload.insert(payload.end(), behind.begin(), behind.end());
    return payload;
  }
  static TargetAddress bind() { return pair::target_of(pair::Operation::bind); }
  static Endpoint at(std::uint16_t port) { return {kOwn.address, port}; }

  /// Where `client` is told to send its peer; 0: nowhere.
  std::uint16_t port_of(Client& client) {
    const std::optional<pair::Frame> frame = next_frame(client);
    if (!frame || frame->reply != Reply::succeeded) return 0;
    EXPECT_EQ(frame->bound.address, kOwn.address);
    return frame->bound.port;
  }
  /// What the log says of a request for which no port is free.
  std::string log_of_refusal() {
    bind_ports.assign(server_credentials.users().size(), config::PortRange{40'000, 40'000});
    const auto elsewhere = listener(at(40'000));
    testing::internal::CaptureStderr();
    telemetry::open_log(telemetry::Level::info, telemetry::LogFormat::text);
    Client client(*this, bind(), payload_for(target_of(kPeer)));
    pass(50ms);
    telemetry::open_log(telemetry::Level::warn, telemetry::LogFormat::text);
    expect_refused(client, Reply::general_failure);
    return testing::internal::GetCapturedStderr();
  }
  /// Has `from` connect to where the server listens.
  void connect(Peer& peer, const Endpoint& to) {
    const auto listener = network.listeners.find(to);
    ASSERT_TRUE(listener != network.listeners.end());
    listener->second(peer.take_near());
  }
};

TEST_F(BindOperation, SaysWhereAndThenWhoAndRelays) {
  Client client(*this, bind(), payload_for(target_of(kPeer), counting(30)));
  pass(50ms);
  expect_frame(client, Reply::succeeded, false, at(40'000));
  EXPECT_FALSE(next_frame(client));
  Peer peer(network, at(40'000), kPeer);
  connect(peer, at(40'000));
  pass(50ms);
  expect_frame(client, Reply::succeeded, false, kPeer);
  EXPECT_EQ(peer.hear(), counting(30));
  EXPECT_EQ(network.listeners.count(at(40'000)), 0U) << "one connection, then nobody listens any more";
  peer.say(counting(1'000));
  client.peer.say(sealed(client, counting(70, 30)));
  pass(100ms);
  EXPECT_EQ(raw(client), counting(1'000));
  EXPECT_EQ(peer.hear(), counting(100));
  peer.finish();
  client.peer.finish();
  pass(100ms);
  EXPECT_TRUE(client.peer.heard_end());
  EXPECT_TRUE(peer.heard_end());
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(BindOperation, TurnsStrangersAwayAndGoesOnWaiting) {
  Client client(*this, bind(), payload_for({kPeer.address, 0}));
  pass(50ms);
  expect_frame(client, Reply::succeeded, false, at(40'000));
  for (int i = 0; i < 40; ++i) {
    Peer stranger(network, at(40'000), kStranger);
    connect(stranger, at(40'000));
    if (i % 2 == 0) pass(10ms);
    if (i % 2 == 0) {
      EXPECT_TRUE(stranger.heard_reset());
    }
  }
  pass(50ms);
  EXPECT_FALSE(next_frame(client));
  Peer peer(network, at(40'000), kPeer);
  connect(peer, at(40'000));
  pass(50ms);
  expect_frame(client, Reply::succeeded, false, kPeer);
}

TEST_F(BindOperation, TakesAnybodyWhomPolicyLets) {
  for (const char* anybody : {"0.0.0.0", "::"}) {
    Client client(*this, bind(), payload_for({*IpAddress::parse(anybody), 0}));
    pass(50ms);
    expect_frame(client, Reply::succeeded, false, at(40'000));
    Peer denied(network, at(40'000), {*IpAddress::parse("10.0.0.1"), 20});
    connect(denied, at(40'000));
    pass(50ms);
    EXPECT_TRUE(denied.heard_reset());
    EXPECT_FALSE(next_frame(client));
    Peer peer(network, at(40'000), kStranger);
    connect(peer, at(40'000));
    pass(50ms);
    expect_frame(client, Reply::succeeded, false, kStranger);
    client.peer.reset();
    pass(6s);
  }
}

TEST_F(BindOperation, PassesOverPortsThatAreTaken) {
  bind_ports = {config::PortRange{40'000, 40'002}};
  for (std::uint16_t taken = 40'000; taken <= 40'002; ++taken) {
    const auto elsewhere = listener(at(taken));
    Client first(*this, bind(), payload_for(target_of(kPeer)));
    Client second(*this, bind(), payload_for(target_of(kPeer)));
    pass(50ms);
    EXPECT_EQ((std::set<std::uint16_t>{port_of(first), port_of(second), taken}),
              (std::set<std::uint16_t>{40'000, 40'001, 40'002}));
    Client third(*this, bind(), payload_for(target_of(kPeer)));
    pass(50ms);
    expect_frame(third, Reply::general_failure);
    EXPECT_TRUE(third.peer.heard_end());
    for (Client* client : {&first, &second, &third}) client->peer.reset();
    pass(1s);
    network.listeners.erase(at(taken));
  }
}

TEST_F(BindOperation, BeginsAnywhereInItsRange) {
  bind_ports = {config::PortRange{1, 65'535}};
  std::set<std::uint16_t> ports;
  for (int i = 0; i < 20; ++i) {
    Client client(*this, bind(), payload_for(target_of(kPeer)));
    pass(200ms);
    ports.insert(port_of(client));
    client.peer.reset();
    pass(50ms);
  }
  EXPECT_EQ(ports.size(), 20U);
  EXPECT_LT(*ports.begin(), 20'000U);
  EXPECT_GT(*ports.rbegin(), 45'000U);
}

TEST_F(BindOperation, TriesSomePortsOfARangeThatIsTaken) {
  bind_ports = {config::PortRange{40'000, 41'000}};
  for (std::uint16_t port = 40'000; port <= 41'000; ++port) {
    network.listeners[at(port)] = [](std::unique_ptr<net::Stream>) {};
  }
  const std::uint64_t before = world.steps();
  Client client(*this, bind(), payload_for(target_of(kPeer)));
  pass(50ms);
  EXPECT_EQ(world.steps() - before, 64U) << "each opening is a step";
  expect_refused(client, Reply::general_failure);
}

TEST_F(BindOperation, WaitsForSoManyPeersOfAUserAndNoMore) {
  bind_ports = {config::PortRange{40'000, 40'050}};
  std::list<Client> waiting;
  for (std::uint32_t i = 0; i < BindCounts::kMost; ++i) {
    waiting.emplace_back(*this, bind(), payload_for(target_of(kPeer)));
  }
  pass(50ms);
  std::vector<std::uint16_t> ports;
  for (Client& client : waiting) ports.push_back(port_of(client));
  EXPECT_EQ(std::count(ports.begin(), ports.end(), 0), 0);
  const std::size_t open = network.listeners.size();
  {
    Client client(*this, bind(), payload_for(target_of(kPeer)));
    pass(50ms);
    expect_frame(client, Reply::general_failure);
    EXPECT_TRUE(client.peer.heard_end());
    EXPECT_EQ(network.listeners.size(), open);
  }
  // One finds its peer, which relays from now on, and one goes.
  Peer peer(network, at(ports.back()), kPeer);
  connect(peer, at(ports.back()));
  waiting.front().peer.reset();
  pass(50ms);
  std::size_t more = 0;
  for (int i = 0; i < 3; ++i) {
    waiting.emplace_back(*this, bind(), payload_for(target_of(kPeer)));
    pass(50ms);
    if (port_of(waiting.back()) != 0) ++more;
  }
  EXPECT_EQ(more, 2U);
}

TEST_F(BindOperation, GivesUpAfterAMinute) {
  Client client(*this, bind(), payload_for(target_of(kPeer)));
  pass(20s);
  expect_frame(client, Reply::succeeded, false, at(40'000));
  pass(39s);
  EXPECT_FALSE(next_frame(client)) << "a wait for a peer is no dial";
  EXPECT_EQ(network.listeners.count(at(40'000)), 1U);
  pass(2s);
  expect_refused(client, Reply::host_unreachable);
  EXPECT_EQ(network.listeners.count(at(40'000)), 0U);
}

TEST_F(BindOperation, EndsWhereTheClientGoes) {
  for (const bool by_reset : {true, false}) {
    for (const bool says_something : {true, false}) {
      Client client(*this, bind(), payload_for(target_of(kPeer)));
      pass(1s);
      EXPECT_EQ(network.listeners.count(at(40'000)), 1U);
      if (says_something) client.peer.say(sealed(client, counting(70)));
      if (by_reset) {
        client.peer.reset();
      } else {
        client.peer.finish();
      }
      pass(50ms);
      EXPECT_EQ(network.listeners.count(at(40'000)), 0U);
      EXPECT_EQ(sessions.size(), 0U);
    }
  }
}

TEST_F(BindOperation, EndsWhereTheSessionIsStopped) {
  Client client(*this, bind(), payload_for(target_of(kPeer)));
  pass(1s);
  sessions.stop_all();
  pass(50ms);
  EXPECT_EQ(network.listeners.count(at(40'000)), 0U);
  EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(BindOperation, PassesOnWhatTheClientSaysMeanwhile) {
  Client client(*this, bind(), payload_for(target_of(kPeer), counting(30)));
  pass(200ms);
  EXPECT_GE(env.held_total.read(), 30U);
  client.peer.say(sealed(client, counting(70, 30)));
  pass(1s);
  Peer peer(network, at(40'000), kPeer);
  connect(peer, at(40'000));
  pass(50ms);
  client.peer.say(sealed(client, counting(20, 100)));
  client.peer.finish();
  pass(50ms);
  EXPECT_EQ(peer.hear(), counting(120));
  EXPECT_TRUE(peer.heard_end());
  peer.say(counting(500));
  peer.finish();
  pass(50ms);
  expect_frame(client, Reply::succeeded, false, at(40'000));
  expect_frame(client, Reply::succeeded, false, kPeer);
  EXPECT_EQ(raw(client), counting(500));
}

TEST_F(BindOperation, RefusesWhatItCannotExpect) {
  deny.push_back(*TargetRule::parse("93.184.216.51"));
  const std::pair<ByteVector, Reply> requests[] = {
      {{}, Reply::general_failure},
      {{1, 93, 184}, Reply::general_failure},
      {{2, 93, 184}, Reply::address_type_not_supported},
      {payload_for(*TargetAddress::make("ftp.example", 20)), Reply::address_type_not_supported},
      {payload_for(*TargetAddress::make("2606:4700::1", 20)), Reply::address_type_not_supported},
      {payload_for(target_of(kStranger)), Reply::not_allowed},
      {payload_for(*TargetAddress::make("127.0.0.1", 20)), Reply::not_allowed},
      {payload_for(*TargetAddress::make("10.0.0.1", 20)), Reply::not_allowed}};
  for (const auto& [payload, reply] : requests) {
    Client client(*this, bind(), payload);
    pass(50ms);
    SCOPED_TRACE(::testing::PrintToString(payload));
    expect_refused(client, reply);
    EXPECT_EQ(network.listeners.count(at(40'000)), 0U);
  }
}

TEST_F(BindOperation, ExpectsAPrivatePeerWhereItIsAllowed) {
  allow.push_back(*TargetRule::parse("10.0.0.0/8"));
  const Endpoint inside{*IpAddress::parse("10.0.0.1"), 20};
  Client client(*this, bind(), payload_for(target_of(inside)));
  pass(50ms);
  expect_frame(client, Reply::succeeded, false, at(40'000));
  Peer peer(network, at(40'000), inside);
  connect(peer, at(40'000));
  pass(50ms);
  expect_frame(client, Reply::succeeded, false, inside);
}

TEST_F(BindOperation, IsForUsersWithARangeAlone) {
  bind_ports = {std::nullopt, config::PortRange{40'000, 40'000}};
  Client client(*this, bind(), payload_for(target_of(kPeer)));
  pass(50ms);
  expect_refused(client, Reply::command_not_supported);
}

TEST_F(BindOperation, LogsThatAClientWasRefused) {
  const std::string line = "BIND of a client at 203.0.113.9 refused: no free port of the range was found";
  EXPECT_NE(log_of_refusal().find(line), std::string::npos);
}

class BindOperationWithUsers : public BindOperation {
 protected:
  BindOperationWithUsers() : BindOperation("2022-blake3-aes-128-gcm", true) {}
};

TEST_F(BindOperationWithUsers, LogsWhoWasRefused) {
  const std::string& name = server_credentials.users()[config.user].name;
  ASSERT_FALSE(name.empty());
  const std::string log = log_of_refusal();
  EXPECT_NE(log.find("BIND of user \"" + name + "\" at 203.0.113.9 refused"), std::string::npos) << log;
}

}  // namespace
}  // namespace ss::server
