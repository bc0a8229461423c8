#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "sim/node.hpp"
#include "sim/udp_peer.hpp"

namespace ss::sim {
namespace {

using namespace std::chrono_literals;
using net::Datagram;
using net::Family;
using net::Outgoing;
using net::Received;
using net::SendResult;
using net::Side;
using net::WaitOutcome;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const IpAddress kOwn(IpAddress::V4{203, 0, 113, 9});
const IpAddress kOwnV6 = *IpAddress::parse("2001:db8::9");
const Endpoint kPeer{IpAddress(IpAddress::V4{192, 0, 2, 7}), 5300};
const Endpoint kOther{IpAddress(IpAddress::V4{192, 0, 2, 8}), 5300};
const Endpoint kPeerV6{*IpAddress::parse("2001:db8::7"), 5300};

/// What one wait came to.
struct Waiting {
  std::optional<WaitOutcome> outcome;
  MonoTime at{};
};

net::Task<> wait_on(Datagram& socket, Side side, Waiting& waiting, const World& world) {
  waiting.outcome = co_await net::ready(socket, side);
  waiting.at = world.now();
}

class SimDatagramTest : public ::testing::Test {
 protected:
  void pass(Duration time) {
    world.after(time, [] {});
    world.run(time);
  }
  /// Takes in one batch, as texts.
  std::vector<std::string> receive(Datagram& socket) {
    filled = socket.try_receive(area, into);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < filled; ++i) texts.emplace_back(text_of(into[i].bytes));
    return texts;
  }
  static SendResult send(Datagram& socket, const Endpoint& to, std::string_view text) {
    const Outgoing one{bytes_of(text), to, {}};
    return socket.try_send({&one, 1});
  }
  std::unique_ptr<Datagram> open(Family family = Family::v4) { return node.datagrams().open(family, error); }

  World world{1, Split::whole, {}};
  Network network{world};
  DatagramNet& net = network.datagrams;
  Node node{world, network, kOwn, false};
  ByteVector area = ByteVector(Datagram::kReceiveArea);
  std::vector<Received> into = std::vector<Received>(Datagram::kMaxBatch);
  std::size_t filled = 0;
  int error = -1;
};

using SimDatagramOpen = SimDatagramTest;
using SimDatagramSend = SimDatagramTest;
using SimDatagramReceive = SimDatagramTest;
using SimDatagramWait = SimDatagramTest;
using SimDatagramRoam = SimDatagramTest;

TEST_F(SimDatagramOpen, HandsOutPortsInOrder) {
  const auto first = open();
  const auto second = open();
  EXPECT_EQ(error, 0);
  EXPECT_EQ(first->local_endpoint().port, SimDatagramOpener::kFirstPort);
  EXPECT_EQ(second->local_endpoint().port, SimDatagramOpener::kFirstPort + 1);
  EXPECT_EQ(net.tally.open, 2U);
}

TEST_F(SimDatagramOpen, PassesOverPortsInUse) {
  const UdpPeer holder(network, {kOwn, SimDatagramOpener::kFirstPort});
  EXPECT_EQ(open()->local_endpoint().port, SimDatagramOpener::kFirstPort + 1);
}

TEST_F(SimDatagramOpen, FailsAsAsked) {
  node.datagrams().fails_with = EMFILE;
  EXPECT_EQ(open(), nullptr);
  EXPECT_EQ(error, EMFILE);
  EXPECT_EQ(net.tally.opened, 0U);
}

TEST_F(SimDatagramOpen, FailsWhereTheEndpointIsTakenOrForeign) {
  const auto first = node.datagrams().open_bound({kOwn, 8388}, error);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(node.datagrams().open_bound({kOwn, 8388}, error), nullptr);
  EXPECT_EQ(error, EADDRINUSE);
  EXPECT_EQ(node.datagrams().open_listener({kOwn, 8388}, error), nullptr);
  EXPECT_EQ(error, EADDRINUSE);
  EXPECT_EQ(node.datagrams().open_bound(kPeer, error), nullptr);
  EXPECT_EQ(error, EADDRNOTAVAIL);
}

TEST_F(SimDatagramOpen, GivesItsPortBackInTheEnd) {
  node.datagrams().open_bound({kOwn, 8388}, error).reset();
  EXPECT_NE(node.datagrams().open_bound({kOwn, 8388}, error), nullptr);
  EXPECT_EQ(net.tally.open, 0U);
}

TEST_F(SimDatagramOpen, SpreadsAListenerOverItsWorkers) {
  Node second(world, network, kOwn, false);
  const Endpoint at{kOwn, 8388};
  const auto zero = node.datagrams().open_listener(at, error);
  const auto one = second.datagrams().open_listener(at, error);
  ASSERT_NE(one, nullptr);
  for (std::uint16_t port = 1; port <= 4; ++port) {
    const Endpoint from{kPeer.address, port};
    net.post(from, at, bytes_of(DatagramNet::spread(from, 2) == 0 ? "zero" : "one"));
  }
  pass(10ms);
  EXPECT_THAT(receive(*zero), ElementsAre("zero", "zero"));
  EXPECT_THAT(receive(*one), ElementsAre("one", "one"));
}

TEST_F(SimDatagramSend, ReachesAPeerInOrderAndInTime) {
  UdpPeer peer(network, kPeer);
  const auto socket = open();
  const std::vector<Outgoing> batch{{bytes_of("a"), kPeer, {}}, {bytes_of(""), kPeer, {}}, {bytes_of("c"), kPeer, {}}};
  const SendResult result = socket->try_send(batch);
  EXPECT_EQ(result.handled, 3U);
  EXPECT_EQ(result.sent, 3U);
  EXPECT_THAT(peer.texts(), IsEmpty());
  pass(10ms);
  EXPECT_THAT(peer.texts(), ElementsAre("a", "", "c"));
  EXPECT_EQ(peer.heard[0].from, (Endpoint{kOwn, socket->local_endpoint().port}));
  EXPECT_GT(peer.heard[0].time, MonoTime{});
}

TEST_F(SimDatagramSend, LeavesFromTheAddressAskedFor) {
  const IpAddress second(IpAddress::V4{203, 0, 113, 10});
  node.datagrams().add_address(second);
  UdpPeer peer(network, kPeer);
  const auto socket = node.datagrams().open_bound({IpAddress(), 8388}, error);
  const std::vector<Outgoing> batch{{bytes_of("ours"), kPeer, second}, {bytes_of("foreign"), kPeer, kOther.address}};
  const SendResult result = socket->try_send(batch);
  EXPECT_EQ(result.handled, 2U);
  EXPECT_EQ(result.sent, 1U);
  EXPECT_EQ(result.error, EINVAL);
  pass(10ms);
  EXPECT_THAT(peer.texts(), ElementsAre("ours"));
  EXPECT_EQ(peer.heard[0].from, (Endpoint{second, 8388}));
}

TEST_F(SimDatagramSend, GivesUpWhatItsFamilyCannotReach) {
  const auto v4 = open();
  EXPECT_EQ(send(*v4, kPeerV6, "x").error, EAFNOSUPPORT);
  const auto without_address = open(Family::v6);
  EXPECT_EQ(send(*without_address, kPeerV6, "x").error, ENETUNREACH);
  EXPECT_EQ(send(*without_address, kPeer, "x").error, ENETUNREACH);
  EXPECT_EQ(send(*v4, {kPeer.address, 0}, "x").error, EINVAL);
  node.datagrams().add_address(kOwnV6);
  UdpPeer peer(network, kPeerV6);
  const auto v6 = open(Family::v6);
  EXPECT_EQ(send(*v6, kPeerV6, "x").sent, 1U);
  pass(10ms);
  EXPECT_THAT(peer.texts(), ElementsAre("x"));
}

TEST_F(SimDatagramSend, TellsWhatIsTooLong) {
  Path narrow;
  narrow.longest = 100;
  net.set_path({std::nullopt, kPeer}, narrow);
  UdpPeer peer(network, kPeer);
  UdpPeer other(network, kOther);
  const auto socket = open();
  const std::string fits(100, 'a');
  const std::string longer(101, 'b');
  const std::string most(65'507, 'c');
  const std::string beyond(65'508, 'd');
  const std::vector<Outgoing> batch{{bytes_of(longer), kPeer, {}},
                                    {bytes_of(fits), kPeer, {}},
                                    {bytes_of(most), kOther, {}},
                                    {bytes_of(beyond), kOther, {}}};
  const SendResult result = socket->try_send(batch);
  EXPECT_EQ(result.handled, 4U);
  EXPECT_EQ(result.sent, 2U);
  EXPECT_EQ(result.too_long, 2U);
  EXPECT_EQ(result.error, EMSGSIZE);
  pass(10ms);
  EXPECT_THAT(peer.texts(), ElementsAre(fits));
  EXPECT_THAT(other.texts(), ElementsAre(most));
}

TEST_F(SimDatagramSend, BlocksWhereTheSendBufferIsFull) {
  net.sockets.send_room = 2;
  UdpPeer peer(network, kPeer);
  const auto socket = open();
  const std::vector<Outgoing> batch(3, {bytes_of("x"), kPeer, {}});
  EXPECT_EQ(socket->try_send(batch).handled, 2U);
  EXPECT_EQ(socket->try_send(batch).handled, 0U);
  Waiting waiting;
  net::Task<> wait = wait_on(*socket, Side::write, waiting, world);
  wait.start();
  pass(10ms);
  EXPECT_EQ(waiting.outcome, WaitOutcome::ready);
  EXPECT_EQ(socket->try_send({batch.data(), 1}).sent, 1U);
  pass(10ms);
  EXPECT_EQ(peer.heard.size(), 3U);
}

TEST_F(SimDatagramSend, BlocksAtRandomWhereAsked) {
  net.sockets.blocked = kAlways;
  UdpPeer peer(network, kPeer);
  const auto socket = open();
  std::vector<Outgoing> batch(20, {bytes_of("x"), kPeer, {}});
  const SendResult result = socket->try_send(batch);
  EXPECT_LT(result.handled, 20U);
  EXPECT_EQ(result.sent, result.handled);
  Waiting waiting;
  net::Task<> wait = wait_on(*socket, Side::write, waiting, world);
  wait.start();
  pass(10ms);
  EXPECT_EQ(waiting.outcome, WaitOutcome::ready);
}

TEST_F(SimDatagramReceive, TellsWhereFromAndWhereTo) {
  node.datagrams().add_address(kOwnV6);
  const auto everywhere = node.datagrams().open_listener({IpAddress(IpAddress::V6{}), 8388}, error);
  const auto at_one = node.datagrams().open_bound({kOwn, 1080}, error);
  net.post(kPeer, {kOwn, 8388}, bytes_of("v4"));
  net.post(kPeerV6, {kOwnV6, 8388}, bytes_of("v6"));
  net.post(kPeer, {kOwn, 1080}, bytes_of("one"));
  pass(10ms);
  std::vector<std::string> texts = receive(*everywhere);
  ASSERT_EQ(filled, 2U);
  const std::size_t v4 = texts[0] == "v4" ? 0 : 1;
  EXPECT_EQ(into[v4].from, kPeer);
  EXPECT_EQ(into[v4].to, kOwn);
  EXPECT_EQ(into[1 - v4].from, kPeerV6);
  EXPECT_EQ(into[1 - v4].to, kOwnV6);
  EXPECT_THAT(receive(*at_one), ElementsAre("one"));
  EXPECT_EQ(into[0].to, IpAddress());
}

TEST_F(SimDatagramReceive, TakesOnlyFromItsPeerWhereConnected) {
  const auto socket = node.datagrams().open_connected(kPeer, error);
  const Endpoint local = socket->local_endpoint();
  EXPECT_EQ(local.address, kOwn);
  net.post(kOther, local, bytes_of("stranger"));
  net.post({kPeer.address, 1}, local, bytes_of("other port"));
  net.post(kPeer, local, bytes_of("peer"));
  pass(10ms);
  EXPECT_THAT(receive(*socket), ElementsAre("peer"));
  EXPECT_EQ(net.tally.strayed, 2U);
}

TEST_F(SimDatagramReceive, TakesFromAnybodyWhereNotConnected) {
  const auto socket = open();
  const Endpoint local{kOwn, socket->local_endpoint().port};
  net.post(kPeer, local, bytes_of("a"));
  pass(10ms);
  net.post(kOther, local, bytes_of("b"));
  pass(10ms);
  EXPECT_THAT(receive(*socket), ElementsAre("a", "b"));
  EXPECT_THAT(receive(*socket), IsEmpty());
}

TEST_F(SimDatagramReceive, DropsTheNewestWhereTheQueueIsFull) {
  net.sockets.receive_room = 3 * (10 + SocketFaults::kWeight);
  const auto socket = open();
  const Endpoint local{kOwn, socket->local_endpoint().port};
  for (const char letter : {'a', 'b', 'c', 'd', 'e'}) net.post(kPeer, local, bytes_of(std::string(10, letter)));
  pass(10ms);
  EXPECT_EQ(net.tally.overflowed, 2U);
  EXPECT_THAT(receive(*socket), ElementsAre(std::string(10, 'a'), std::string(10, 'b'), std::string(10, 'c')));
  net.post(kPeer, local, bytes_of("again"));
  pass(10ms);
  EXPECT_THAT(receive(*socket), ElementsAre("again"));
}

TEST_F(SimDatagramReceive, PutsEqualSizesOfOneSenderIntoOneBuffer) {
  const auto socket = open();
  const Endpoint local{kOwn, socket->local_endpoint().port};
  for (const char* text : {"aaaa", "bbbb", "cc", "dddd", ""}) net.post(kPeer, local, bytes_of(text));
  pass(10ms);
  EXPECT_THAT(receive(*socket), ElementsAre("aaaa", "bbbb", "cc", "dddd", ""));
  const auto offset = [this](std::size_t i) { return into[i].bytes.data() - area.data(); };
  EXPECT_EQ(offset(1), 4);
  EXPECT_EQ(offset(2), 8);
  EXPECT_EQ(offset(3), static_cast<std::ptrdiff_t>(Datagram::kReceiveSlot));
  EXPECT_EQ(offset(4), static_cast<std::ptrdiff_t>(2 * Datagram::kReceiveSlot));
}

TEST_F(SimDatagramReceive, FillsAtMostItsArea) {
  const auto socket = open();
  const Endpoint local{kOwn, socket->local_endpoint().port};
  net.sockets.coalesces = false;
  for (int i = 0; i < 9; ++i) net.post(kPeer, local, bytes_of("x"));
  pass(10ms);
  EXPECT_EQ(receive(*socket).size(), Datagram::kReceiveArea / Datagram::kReceiveSlot);
  EXPECT_EQ(receive(*socket).size(), 1U);
  for (int i = 0; i < 2; ++i) net.post(kPeer, local, bytes_of("x"));
  pass(10ms);
  EXPECT_EQ(socket->try_receive(Bytes(area).first(Datagram::kReceiveSlot), into), 1U);
}

TEST_F(SimDatagramWait, CompletesOnceADatagramIsThere) {
  const auto socket = open();
  Waiting waiting;
  net::Task<> wait = wait_on(*socket, Side::read, waiting, world);
  wait.start();
  pass(1s);
  EXPECT_FALSE(waiting.outcome.has_value());
  net.post(kPeer, {kOwn, socket->local_endpoint().port}, bytes_of("x"));
  EXPECT_FALSE(waiting.outcome.has_value());
  pass(10ms);
  EXPECT_EQ(waiting.outcome, WaitOutcome::ready);
  EXPECT_LE(waiting.at.time_since_epoch(), 1s + 3ms);
}

TEST_F(SimDatagramWait, IsCancelledOnBothSides) {
  net.sockets.send_room = 1;
  const auto socket = open();
  send(*socket, kPeer, "x");
  Waiting reading;
  Waiting writing;
  net::Task<> read = wait_on(*socket, Side::read, reading, world);
  net::Task<> write = wait_on(*socket, Side::write, writing, world);
  read.start();
  write.start();
  socket->cancel();
  EXPECT_FALSE(reading.outcome.has_value()) << "a wait ended inside of cancel";
  pass(10ms);
  EXPECT_EQ(reading.outcome, WaitOutcome::cancelled);
  EXPECT_TRUE(writing.outcome.has_value());
}

TEST_F(SimDatagramWait, EndsForNothingWhereAsked) {
  net.sockets.spurious = kAlways;
  const auto socket = open();
  Waiting waiting;
  net::Task<> wait = wait_on(*socket, Side::read, waiting, world);
  wait.start();
  pass(10ms);
  EXPECT_EQ(waiting.outcome, WaitOutcome::ready);
  EXPECT_THAT(receive(*socket), IsEmpty());
}

TEST_F(SimDatagramWait, EndsForNothingAfterAnIcmpError) {
  const auto socket = node.datagrams().open_connected(kPeer, error);
  Waiting waiting;
  net::Task<> wait = wait_on(*socket, Side::read, waiting, world);
  wait.start();
  EXPECT_EQ(send(*socket, {}, "to nobody").sent, 1U);
  pass(10ms);
  EXPECT_EQ(waiting.outcome, WaitOutcome::ready);
  EXPECT_THAT(receive(*socket), IsEmpty());
  EXPECT_EQ(send(*socket, {}, "again").sent, 1U);
}

TEST_F(SimDatagramRoam, GoesOnFromAnotherAddress) {
  const IpAddress moved(IpAddress::V4{203, 0, 113, 77});
  UdpPeer peer(network, kPeer);
  const auto socket = node.datagrams().open_connected(kPeer, error);
  const std::uint16_t port = socket->local_endpoint().port;
  EXPECT_TRUE(node.datagrams().roam(kOwn, moved));
  send(*socket, {}, "from there");
  pass(10ms);
  ASSERT_EQ(peer.heard.size(), 1U);
  EXPECT_EQ(peer.heard[0].from, (Endpoint{moved, port}));
  peer.send({kOwn, port}, "old");
  peer.send({moved, port}, "new");
  pass(10ms);
  EXPECT_THAT(receive(*socket), ElementsAre("new"));
}

}  // namespace
}  // namespace ss::sim
