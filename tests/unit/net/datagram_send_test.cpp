#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <thread>

#include "../../../src/common/net/datagram_batch.hpp"
#include "../../../src/common/net/sockaddr.hpp"
#include "../../../src/common/net/udp_offload.hpp"
#include "datagrams.hpp"

namespace ss::net {
namespace {

using namespace test;

std::size_t run_of(const std::vector<std::size_t>& sizes) {
  std::vector<std::string> texts;
  texts.reserve(sizes.size());
  for (const std::size_t size : sizes) texts.emplace_back(size, 'x');
  return run_length(addressed(texts, loopback(1)), false);
}

TEST(RunLength, TakesEqualSizesAndOneShorterAtTheEnd) {
  EXPECT_EQ(run_of({5}), 1U);
  EXPECT_EQ(run_of({5, 5, 5}), 3U);
  EXPECT_EQ(run_of({5, 5, 3, 3}), 3U);
  EXPECT_EQ(run_of({5, 6}), 1U);
  EXPECT_EQ(run_of({5, 5, 6}), 2U);
}

TEST(RunLength, LeavesEmptyOnesAlone) {
  EXPECT_EQ(run_of({0, 0}), 1U);
  EXPECT_EQ(run_of({5, 0}), 1U);
}

TEST(RunLength, EndsAtSixtyFourAndAtALargestDatagram) {
  EXPECT_EQ(run_of(std::vector<std::size_t>(100, 10)), 64U);
  EXPECT_EQ(run_of(std::vector<std::size_t>(100, 1200)), 54U);
  EXPECT_EQ(run_of({32'754, 32'753}), 2U);
  EXPECT_EQ(run_of({32'754, 32'754}), 1U);
}

TEST(RunLength, EndsWhereThePlaceChanges) {
  const auto texts = letters(2, 10);
  auto batch = addressed(texts, loopback(1));
  batch[1].to = loopback(2);
  EXPECT_EQ(run_length(batch, false), 1U);
  EXPECT_EQ(run_length(batch, true), 2U);
  batch[1].to = loopback(1);
  batch[1].from = v4(2);
  EXPECT_EQ(run_length(batch, false), 1U);
}

TEST(SendBatch, StopsWhereTheSocketIsFullAndGoesOnFromThere) {
  // UDP over loopback is never full; a pair of local sockets is.
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
  const PlainSocket near(pair[0]), far(pair[1]);
  const IpAddress peer;
  const DatagramSender sender{near.get(), Family::v4, &peer, false};
  GsoRefusals refusals(system_clock());
  const auto texts = letters(3000, 100);
  const auto batch = addressed(texts);

  std::vector<std::string> heard;
  std::size_t blocked = 0;
  for (std::size_t sent = 0; sent < batch.size();) {
    const SendResult result = send_batch(sender, std::span(batch).subspan(sent), refusals);
    EXPECT_EQ(result.handled, result.sent);
    EXPECT_EQ(result.error, 0);
    sent += result.handled;
    if (sent < batch.size()) ++blocked;
    char text[200];
    for (ssize_t n = 0; (n = ::recv(far.get(), text, sizeof text, MSG_DONTWAIT)) >= 0;) {
      heard.emplace_back(text, static_cast<std::size_t>(n));
    }
  }
  EXPECT_GT(blocked, 0U);
  EXPECT_EQ(heard, texts);
}

/// A plain UDP socket that sends to a Datagram.
struct SendBatchTest : testing::Test {
  SendBatchTest() : socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    int error = 0;
    receiver = worker.datagrams().open_bound(loopback(0), error);
  }
  SendResult send(const std::vector<Outgoing>& batch) {
    return send_batch({socket.get(), Family::v4, nullptr, udp_offload().segments}, batch, refusals);
  }
  /// Has the kernel refuse segments from `socket`, for want of a checksum.
  void refuse_segments(bool refuse) const {
#if defined(SO_NO_CHECK)
    const int value = refuse ? 1 : 0;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_NO_CHECK, &value, sizeof value);
#else
    static_cast<void>(refuse);
#endif
  }
  void SetUp() override {
    ASSERT_TRUE(receiver);
  }

  Worker worker{0};
  PlainSocket socket;
  std::unique_ptr<Datagram> receiver;
  ManualClock clock;
  GsoRefusals refusals{clock};
};

TEST_F(SendBatchTest, SendsOneByOneWhereSegmentsAreRefusedAndRemembersForAMinute) {
  if (!udp_offload().segments || !udp_offload().coalesces) GTEST_SKIP() << "no UDP_SEGMENT here";
  const auto texts = letters(40, 100);
  const auto batch = addressed(texts, receiver->local_endpoint());
  refuse_segments(true);
  EXPECT_EQ(send(batch).sent, 40U);
  EXPECT_TRUE(refusals.refuses(v4(1)));
  Ear ear;
  ASSERT_TRUE(ear.hear(*receiver, 40));
  EXPECT_EQ(texts_of(ear.heard), texts);

  // What comes alone is received in eights.
  refuse_segments(false);
  EXPECT_EQ(send(batch).sent, 40U);
  Ear within_the_minute;
  ASSERT_TRUE(within_the_minute.hear(*receiver, 40));
  EXPECT_GE(within_the_minute.calls, 5);

  clock.advance(61s);
  EXPECT_EQ(send(batch).sent, 40U);
  Ear afterwards;
  ASSERT_TRUE(afterwards.hear(*receiver, 40));
  EXPECT_EQ(afterwards.calls, 1);
}

TEST_F(SendBatchTest, KeepsTheOrderWhereARunInTheMiddleIsRefused) {
  refuse_segments(true);
  auto texts = letters(3, 10);
  for (const std::string& text : letters(5, 20)) texts.push_back(text);
  texts.emplace_back("last");
  EXPECT_EQ(send(addressed(texts, receiver->local_endpoint())).sent, texts.size());
  Ear ear;
  ASSERT_TRUE(ear.hear(*receiver, texts.size()));
  EXPECT_EQ(texts_of(ear.heard), texts);
}

TEST_F(SendBatchTest, GivesUpWhatCannotGoAndSendsTheRest) {
  const std::vector<std::string> texts{"one", "two", "three"};
  auto batch = addressed(texts, receiver->local_endpoint());
  // Broadcasts are not allowed on this socket.
  batch[1].to.address = IpAddress(IpAddress::V4{255, 255, 255, 255});
  const SendResult result = send(batch);
  EXPECT_EQ(result.handled, 3U);
  EXPECT_EQ(result.sent, 2U);
  EXPECT_EQ(result.error, EACCES);
  EXPECT_EQ(result.too_long, 0U);
  Ear ear;
  ASSERT_TRUE(ear.hear(*receiver, 2));
  EXPECT_EQ(texts_of(ear.heard), (std::vector<std::string>{"one", "three"}));
}

#if defined(__linux__)
int run(const char* command) {
  return std::system(command);  // NOLINT(cert-env33-c): `ip` has no other interface that is as short
}

/// In a network of its own: a socket is connected from one address, which then goes, and another comes.
/// @return  why it could not be tried, or an empty string; what the peer has heard goes into `heard`.
std::string send_over_a_change_of_address(std::vector<std::string>& heard) {
  if (::unshare(CLONE_NEWNET) != 0) return "no network of its own can be made here";
  if (run("ip link set lo up && ip addr add 10.7.0.9/32 dev lo && ip addr add 10.7.0.1/32 dev lo && "
          "ip route replace local 10.7.0.9 dev lo table local src 10.7.0.1") != 0) {
    return "no `ip` here";
  }
  const Endpoint at{IpAddress(IpAddress::V4{10, 7, 0, 9}), 5'000};
  const SocketAddress address(at);
  const PlainSocket far(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const PlainSocket near(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::bind(far.get(), address.get(), address.length), 0);
  EXPECT_EQ(::connect(near.get(), address.get(), address.length), 0);
  const DatagramSender sender{near.get(), Family::v4, &at.address, false};
  GsoRefusals refusals(system_clock());
  const std::vector<std::string> texts{"here", "there"};
  const auto batch = addressed(texts);
  EXPECT_EQ(send_batch(sender, std::span(batch).first(1), refusals).sent, 1U);
  EXPECT_EQ(run("ip addr add 10.7.0.2/32 dev lo && ip route replace local 10.7.0.9 dev lo table local src 10.7.0.2 && "
                "ip addr del 10.7.0.1/32 dev lo"),
            0);
  EXPECT_EQ(send_batch(sender, std::span(batch).last(1), refusals).sent, 1U);
  for (int i = 0; i < 2; ++i) {
    char text[10];
    sockaddr_in from{};
    socklen_t length = sizeof from;
    const ssize_t n = ::recvfrom(far.get(), text, sizeof text, 0, reinterpret_cast<sockaddr*>(&from), &length);
    if (n < 0) break;
    heard.push_back(std::string(text, static_cast<std::size_t>(n)) + " from " +
                    std::to_string(ntohl(from.sin_addr.s_addr) & 0xFF));
  }
  return "";
}

TEST(SendBatch, GoesOnFromAnotherAddressWhereTheOneItHadIsGone) {
  std::vector<std::string> heard;
  std::string why_not;
  // Only this thread moves into the other network.
  std::thread([&] { why_not = send_over_a_change_of_address(heard); }).join();
  if (!why_not.empty()) GTEST_SKIP() << why_not;
  EXPECT_EQ(heard, (std::vector<std::string>{"here from 1", "there from 2"}));
}
#endif

TEST_F(SendBatchTest, TellsWhatFitsWhereADatagramIsTooLong) {
  const std::vector<std::string> texts{std::string(65'508, 'x'), "two"};
  const SendResult result = send(addressed(texts, receiver->local_endpoint()));
  EXPECT_EQ(result.handled, 2U);
  EXPECT_EQ(result.sent, 1U);
  EXPECT_EQ(result.error, EMSGSIZE);
  EXPECT_EQ(result.too_long, 1U);
#if defined(IP_MTU)
  EXPECT_EQ(result.fits, 65'507U);
#endif
}

TEST_F(SendBatchTest, SendsMoreMessagesThanOneCallTakes) {
  std::vector<std::string> texts;
  // Each longer than the one before: no two make a run.
  for (std::size_t i = 0; i < 150; ++i) texts.emplace_back(i, 'x');
  EXPECT_EQ(send(addressed(texts, receiver->local_endpoint())).sent, texts.size());
  Ear ear;
  ASSERT_TRUE(ear.hear(*receiver, texts.size()));
  EXPECT_EQ(texts_of(ear.heard), texts);
}

TEST_F(SendBatchTest, SendsMorePiecesThanOneCallTakes) {
  if (!udp_offload().segments) GTEST_SKIP() << "more than a receive buffer takes without UDP_SEGMENT";
  const auto texts = letters(700, 60);
  EXPECT_EQ(send(addressed(texts, receiver->local_endpoint())).sent, texts.size());
  Ear ear;
  ASSERT_TRUE(ear.hear(*receiver, texts.size()));
  EXPECT_EQ(texts_of(ear.heard), texts);
}

TEST_F(SendBatchTest, JoinsPiecesThatLieSideBySide) {
  std::string block(640, '\0');
  for (std::size_t i = 0; i < block.size(); ++i) block[i] = static_cast<char>(i / 10);
  std::vector<Outgoing> batch;
  for (std::size_t at = 0; at < block.size(); at += 10) {
    batch.push_back({bytes_of(std::string_view(block).substr(at, 10)), receiver->local_endpoint(), {}});
  }
  EXPECT_EQ(send(batch).sent, 64U);
  Ear ear;
  ASSERT_TRUE(ear.hear(*receiver, 64));
  std::string joined;
  for (const Heard& one : ear.heard) {
    EXPECT_EQ(one.text.size(), 10U);
    joined += one.text;
  }
  EXPECT_EQ(joined, block);
}

}  // namespace
}  // namespace ss::net
