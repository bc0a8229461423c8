#include "sim/datagram_net.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/node.hpp"
#include "sim/udp_peer.hpp"

namespace ss::sim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

const Endpoint kA{IpAddress(IpAddress::V4{192, 0, 2, 7}), 1111};
const Endpoint kB{IpAddress(IpAddress::V4{192, 0, 2, 8}), 2222};
const Endpoint kC{IpAddress(IpAddress::V4{192, 0, 2, 9}), 3333};

/// What became of 1000 numbered datagrams from kA to kB.
struct Crossing {
  std::vector<ByteVector> heard;
  Tally tally;
  std::uint64_t trace = 0;
};

Crossing cross(std::uint64_t seed, const Path& path) {
  World world(seed, Split::whole, {});
  Network network(world);
  network.datagrams.everywhere = path;
  UdpPeer a(network, kA);
  UdpPeer b(network, kB);
  for (std::uint16_t i = 0; i < 1000; ++i) {
    world.after(i * 1ms, [&a, i] {
      ByteVector bytes(20);
      put_u16be(bytes.data(), i);
      a.send(kB, bytes);
    });
  }
  world.run(10s);
  Crossing done;
  for (UdpPeer::Heard& one : b.heard) done.heard.push_back(std::move(one.bytes));
  done.tally = network.datagrams.tally;
  done.trace = world.trace();
  return done;
}

std::vector<std::uint16_t> numbers(const Crossing& done) {
  std::vector<std::uint16_t> all;
  for (const ByteVector& bytes : done.heard) all.push_back(get_u16be(bytes.data()));
  return all;
}

TEST(DatagramNetPost, DeliversAllInOrderWithoutFaults) {
  const Crossing done = cross(1, {});
  const std::vector<std::uint16_t> heard = numbers(done);
  EXPECT_EQ(heard.size(), 1000U);
  EXPECT_TRUE(std::is_sorted(heard.begin(), heard.end()));
}

TEST(DatagramNetPost, SameSeedGivesSameTrace) {
  Path path;
  path.lost = path.doubled = path.reordered = path.cut = path.flipped = 100;
  const Crossing first = cross(7, path);
  const Crossing second = cross(7, path);
  EXPECT_EQ(first.trace, second.trace);
  EXPECT_EQ(first.heard, second.heard);
  EXPECT_NE(first.trace, cross(8, path).trace);
}

TEST(DatagramNetPost, LosesAShare) {
  Path path;
  path.lost = 100;
  const Crossing done = cross(1, path);
  EXPECT_EQ(done.heard.size() + done.tally.lost, 1000U);
  EXPECT_GT(done.tally.lost, 60U);
  EXPECT_LT(done.tally.lost, 140U);
  path.lost = kAlways;
  EXPECT_TRUE(cross(1, path).heard.empty());
}

TEST(DatagramNetPost, DoublesAShare) {
  Path path;
  path.doubled = 100;
  const Crossing done = cross(1, path);
  std::vector<std::uint16_t> heard = numbers(done);
  EXPECT_GT(done.tally.doubled, 60U);
  EXPECT_EQ(heard.size(), 1000U + done.tally.doubled);
  std::sort(heard.begin(), heard.end());
  heard.erase(std::unique(heard.begin(), heard.end()), heard.end());
  EXPECT_EQ(heard.size(), 1000U);
}

TEST(DatagramNetPost, ReordersAShareAndLosesNone) {
  Path path;
  path.reordered = 100;
  const Crossing done = cross(1, path);
  std::vector<std::uint16_t> heard = numbers(done);
  EXPECT_GT(done.tally.reordered, 60U);
  EXPECT_FALSE(std::is_sorted(heard.begin(), heard.end()));
  std::sort(heard.begin(), heard.end());
  EXPECT_EQ(heard.size(), 1000U);
  EXPECT_EQ(std::unique(heard.begin(), heard.end()), heard.end());
}

TEST(DatagramNetPost, CutsAndFlipsAShare) {
  Path path;
  path.cut = 100;
  const Crossing cut = cross(1, path);
  const auto shorter =
      std::count_if(cut.heard.begin(), cut.heard.end(), [](const auto& one) { return one.size() < 20; });
  EXPECT_GT(cut.tally.cut, 60U);
  EXPECT_EQ(static_cast<std::size_t>(shorter), cut.tally.cut);

  path = {};
  path.flipped = 100;
  const Crossing flipped = cross(1, path);
  std::size_t bits = 0;
  for (std::uint16_t i = 0; i < 1000; ++i) {
    ByteVector sent(20);
    put_u16be(sent.data(), i);
    for (std::size_t k = 0; k < 20; ++k) {
      bits += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(sent[k] ^ flipped.heard[i][k])));
    }
  }
  EXPECT_GT(flipped.tally.flipped, 60U);
  EXPECT_EQ(bits, flipped.tally.flipped);
}

TEST(DatagramNetPost, ShowsNothingOfAnIcmpError) {
  Path path;
  path.refused = kAlways;
  const Crossing done = cross(1, path);
  EXPECT_TRUE(done.heard.empty());
  EXPECT_EQ(done.tally.refused, 1000U);
}

TEST(DatagramNetPost, TakesAnySource) {
  World world(1, Split::whole, {});
  Network network(world);
  UdpPeer b(network, kB);
  network.datagrams.post(kC, kB, bytes_of("stranger"));
  world.run(1s);
  ASSERT_EQ(b.heard.size(), 1U);
  EXPECT_EQ(b.heard[0].from, kC);
}

TEST(DatagramNetPath, LastMatchDecides) {
  World world(1, Split::whole, {});
  DatagramNet net(world);
  net.everywhere.lost = 1;
  Path path;
  path.lost = 2;
  net.set_path({kA, std::nullopt}, path);
  path.lost = 3;
  net.set_path({std::nullopt, Endpoint{kB.address, 0}}, path);
  EXPECT_EQ(net.path(kC, kA).lost, 1U);
  EXPECT_EQ(net.path(kA, kC).lost, 2U);
  EXPECT_EQ(net.path(kA, kB).lost, 3U);
  EXPECT_EQ(net.path(kC, {kB.address, 5}).lost, 3U);
}

TEST(DatagramNetPath, AddsItsLatency) {
  Path path;
  path.latency = 200ms;
  World world(1, Split::whole, {});
  Network network(world);
  network.datagrams.set_path({kA, kB}, path);
  UdpPeer a(network, kA);
  UdpPeer b(network, kB);
  b.when_heard = [&](const UdpPeer::Heard& question) { b.send(question.from, "answer"); };
  a.send(kB, "question");
  world.run(1s);
  EXPECT_THAT(b.texts(), ElementsAre("question"));
  EXPECT_THAT(a.texts(), ElementsAre("answer"));
  EXPECT_GE(b.heard.at(0).time.time_since_epoch(), 200ms);
  EXPECT_LE(a.heard.at(0).time - b.heard.at(0).time, 2ms);
}

TEST(UdpPeerRoam, SendsAndHearsElsewhere) {
  World world(1, Split::whole, {});
  Network network(world);
  UdpPeer a(network, kA);
  UdpPeer b(network, kB);
  a.roam(kC);
  a.send(kB, "from there");
  b.send(kA, "old");
  b.send(kC, "new");
  world.run(1s);
  ASSERT_EQ(b.heard.size(), 1U);
  EXPECT_EQ(b.heard[0].from, kC);
  EXPECT_THAT(a.texts(), ElementsAre("new"));
  EXPECT_EQ(network.datagrams.tally.strayed, 1U);
}

}  // namespace
}  // namespace ss::sim
