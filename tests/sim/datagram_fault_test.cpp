#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "sim/node.hpp"
#include "sim/udp_peer.hpp"

namespace ss::sim {
namespace {

using namespace std::chrono_literals;
using net::Datagram;
using net::Outgoing;
using net::Received;
using net::SendResult;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const IpAddress kOwn(IpAddress::V4{203, 0, 113, 9});
const Endpoint kPeer{IpAddress(IpAddress::V4{192, 0, 2, 7}), 5300};

/// One socket, one peer, and a fault at one of the socket's steps: its opening is step 0.
struct Struck {
  Struck(std::uint64_t step, Fault fault, Split split = Split::whole) : world(1, split, {step, fault}) {}

  SendResult send_two() {
    const std::vector<Outgoing> batch{{bytes_of("a"), kPeer, {}}, {bytes_of("b"), kPeer, {}}};
    const SendResult result = socket->try_send(batch);
    world.run(1s);
    return result;
  }
  void answer_twice() {
    for (const char* text : {"a", "b"}) peer.send({kOwn, socket->local_endpoint().port}, text);
    world.run(1s);
  }
  std::vector<std::string> receive() {
    ByteVector area(Datagram::kReceiveArea);
    std::vector<Received> into(Datagram::kMaxBatch);
    into.resize(socket->try_receive(area, into));
    std::vector<std::string> texts;
    texts.reserve(into.size());
    for (const Received& one : into) texts.emplace_back(text_of(one.bytes));
    return texts;
  }

  World world;
  Network network{world};
  Node node{world, network, kOwn, false};
  UdpPeer peer{network, kPeer};
  int error = 0;
  std::unique_ptr<Datagram> socket = node.datagrams().open(net::Family::v4, error);
};

TEST(DatagramFaultOpen, RunsOutOfDescriptors) {
  const Struck struck(0, Fault::no_descriptors);
  EXPECT_EQ(struck.socket, nullptr);
  EXPECT_EQ(struck.error, EMFILE);
}

TEST(DatagramFaultSend, GivesUpOneDatagram) {
  for (const Fault fault : {Fault::unreachable, Fault::network_down, Fault::no_buffers}) {
    Struck struck(1, fault);
    const SendResult result = struck.send_two();
    EXPECT_EQ(result.handled, 2U) << name_of(fault);
    EXPECT_EQ(result.sent, 1U) << name_of(fault);
    EXPECT_EQ(result.error, errno_of(fault)) << name_of(fault);
    EXPECT_THAT(struck.peer.texts(), ElementsAre("b")) << name_of(fault);
  }
}

TEST(DatagramFaultSend, PassesOverAnIcmpError) {
  for (const Fault fault : {Fault::ended, Fault::reset, Fault::broken_pipe, Fault::timed_out, Fault::flipped}) {
    Struck struck(1, fault);
    EXPECT_EQ(struck.send_two().sent, 2U) << name_of(fault);
    EXPECT_THAT(struck.peer.texts(), ElementsAre("a", "b")) << name_of(fault);
  }
}

TEST(DatagramFaultSend, Blocks) {
  Struck none(1, Fault::nothing_there);
  EXPECT_EQ(none.send_two().handled, 0U);
  Struck one(1, Fault::short_step);
  EXPECT_EQ(one.send_two().handled, 1U);
  EXPECT_THAT(one.peer.texts(), ElementsAre("a"));
}

TEST(DatagramFaultReceive, FindsNothingOrOne) {
  Struck none(1, Fault::nothing_there);
  none.answer_twice();
  EXPECT_THAT(none.receive(), IsEmpty());
  EXPECT_THAT(none.receive(), ElementsAre("a", "b"));
  Struck one(1, Fault::short_step);
  one.answer_twice();
  EXPECT_THAT(one.receive(), ElementsAre("a"));
  EXPECT_THAT(one.receive(), ElementsAre("b"));
}

TEST(DatagramFaultReceive, FlipsABitWhereShadowsocksIsSpokenAlone) {
  Struck plain(1, Fault::flipped);
  plain.answer_twice();
  EXPECT_THAT(plain.receive(), ElementsAre("a", "b"));
  Struck sealed(1, Fault::flipped);
  sealed.network.datagrams.sealed.insert(kPeer);
  sealed.answer_twice();
  EXPECT_THAT(sealed.receive(), ElementsAre("!", "b"));
}

TEST(DatagramFaultReceive, SplitsABatchAsAsked) {
  Struck struck(~std::uint64_t{0}, Fault::none, Split::one_byte);
  struck.answer_twice();
  EXPECT_THAT(struck.receive(), ElementsAre("a"));
  EXPECT_THAT(struck.receive(), ElementsAre("b"));
}

}  // namespace
}  // namespace ss::sim
