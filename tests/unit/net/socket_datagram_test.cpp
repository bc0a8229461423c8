#include "../../../src/common/net/socket_datagram.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <map>

#include "datagrams.hpp"

namespace ss::net {
namespace {

using namespace test;

/// Two sockets on loopback, each with an ear.
struct SocketDatagramTest : testing::Test {
  std::unique_ptr<Datagram> bound(const Endpoint& at) {
    int error = 0;
    auto socket = worker.datagrams().open_bound(at, error);
    EXPECT_TRUE(socket) << error;
    return socket;
  }
  static SendResult send(Datagram& socket, const std::vector<std::string>& texts, const Endpoint& to) {
    return socket.try_send(addressed(texts, to));
  }

  Worker worker{0};
  std::unique_ptr<Datagram> near = bound(loopback(0)), far = bound(loopback(0));
  Endpoint here = near->local_endpoint(), there = far->local_endpoint();
  Ear ear;
};
using SocketDatagramSend = SocketDatagramTest;
using SocketDatagramReceive = SocketDatagramTest;
using SocketDatagramWait = SocketDatagramTest;
using SocketDatagramOpenerOpen = SocketDatagramTest;

TEST(SocketDatagram, IsSmallWhileIdle) {
  EXPECT_LE(sizeof(SocketDatagram), 200U);
}

TEST_F(SocketDatagramSend, CarriesSixtyFourEqualOnesAsOneBuffer) {
  const auto texts = letters(64, 1000);
  const SendResult result = send(*near, texts, there);
  EXPECT_EQ(result.handled, 64U);
  EXPECT_EQ(result.sent, 64U);
  ASSERT_TRUE(ear.hear(*far, 64));
  EXPECT_EQ(texts_of(ear.heard), texts);
  // Eight buffers are the most that one call takes in.
  if (udp_offload().segments && udp_offload().coalesces) {
    EXPECT_EQ(ear.calls, 1);
  }
  for (const Heard& one : ear.heard) {
    EXPECT_EQ(one.from, here);
    EXPECT_EQ(one.to, IpAddress());
  }
}

TEST_F(SocketDatagramSend, IsEchoedBatchByBatch) {
  const auto texts = letters(40, 1200);
  for (int round = 0; round < 20; ++round) {
    Ear first, second;
    ASSERT_EQ(send(*near, texts, there).sent, texts.size());
    ASSERT_TRUE(first.hear(*far, texts.size()));
    ASSERT_EQ(send(*far, texts_of(first.heard), first.heard[0].from).sent, texts.size());
    ASSERT_TRUE(second.hear(*near, texts.size()));
    ASSERT_EQ(texts_of(second.heard), texts);
  }
}

TEST_F(SocketDatagramSend, KeepsTheOrderForEachDestinationWhateverTheSizes) {
  const auto third = bound(loopback(0));
  std::vector<std::string> texts;
  for (const unsigned size : {100U, 100U, 100U, 50U, 50U, 0U, 0U, 1200U, 1200U, 1U, 30'000U, 30'000U, 8U, 8U, 0U}) {
    texts.emplace_back(size, static_cast<char>('a' + texts.size()));
  }
  std::vector<Outgoing> batch;
  std::vector<std::string> expected[2];
  for (std::size_t i = 0; i < 3 * texts.size(); ++i) {
    const std::size_t which = i / 3 % 2;
    const std::string& text = texts[i % texts.size()];
    expected[which].push_back(text);
    batch.push_back({bytes_of(text), which == 0 ? there : third->local_endpoint(), {}});
  }
  EXPECT_EQ(near->try_send(batch).sent, batch.size());
  Ear other;
  ASSERT_TRUE(ear.hear(*far, expected[0].size()));
  ASSERT_TRUE(other.hear(*third, expected[1].size()));
  EXPECT_EQ(texts_of(ear.heard), expected[0]);
  EXPECT_EQ(texts_of(other.heard), expected[1]);
}

TEST_F(SocketDatagramSend, CarriesTheLargestAndCountsWhatIsTooLong) {
  const std::vector<std::string> texts{std::string(65'507, 'l'), std::string(65'508, 't'), "short"};
  const SendResult result = send(*near, texts, there);
  EXPECT_EQ(result.handled, 3U);
  EXPECT_EQ(result.sent, 2U);
  EXPECT_EQ(result.too_long, 1U);
  EXPECT_EQ(result.error, EMSGSIZE);
  ASSERT_TRUE(ear.hear(*far, 2));
  EXPECT_EQ(texts_of(ear.heard), (std::vector<std::string>{texts[0], texts[2]}));
}

TEST_F(SocketDatagramSend, SurvivesARefusalAndDeliversTheNextDatagram) {
  const Endpoint gone = far->local_endpoint();
  far.reset();
  int error = 0;
  const auto connected = worker.datagrams().open_connected(gone, error);
  ASSERT_TRUE(connected) << error;
  // ICMP answers at once on loopback; the error then waits for the next call.
  EXPECT_EQ(send(*connected, {"into the void"}, {}).sent, 1U);
  far = bound(gone);
  ASSERT_TRUE(far);
  const SendResult result = send(*connected, {"one", "two", "six"}, {});
  EXPECT_EQ(result.sent, 3U);
  EXPECT_EQ(result.error, 0);
  ASSERT_TRUE(ear.hear(*far, 3));
  EXPECT_EQ(texts_of(ear.heard), (std::vector<std::string>{"one", "two", "six"}));
}

TEST_F(SocketDatagramReceive, FindsNothingWhereNothingCame) {
  EXPECT_EQ(ear.hear_once(*near), 0U);
}

TEST_F(SocketDatagramReceive, TakesEmptyDatagrams) {
  EXPECT_EQ(send(*near, {"", "", "x", ""}, there).sent, 4U);
  ASSERT_TRUE(ear.hear(*far, 4));
  EXPECT_EQ(texts_of(ear.heard), (std::vector<std::string>{"", "", "x", ""}));
}

TEST_F(SocketDatagramReceive, PassesOverARefusal) {
  const Endpoint gone = far->local_endpoint();
  far.reset();
  int error = 0;
  const auto connected = worker.datagrams().open_connected(gone, error);
  ASSERT_TRUE(connected);
  EXPECT_EQ(send(*connected, {"into the void"}, {}).sent, 1U);
  far = bound(gone);
  EXPECT_EQ(send(*far, {"hello"}, connected->local_endpoint()).sent, 1U);
  ASSERT_TRUE(ear.hear(*connected, 1));
  EXPECT_EQ(ear.heard[0].text, "hello");
  EXPECT_EQ(ear.heard[0].from, gone);
}

TEST_F(SocketDatagramReceive, TakesOneBufferInWhereTheAreaIsSmall) {
  EXPECT_EQ(send(*near, {"a", "bb", "ccc"}, there).sent, 3U);
  std::vector<std::uint8_t> area(Datagram::kReceiveSlot);
  std::vector<Received> into(Datagram::kMaxBatch);
  std::string all;
  for (std::size_t n = 1; n > 0;) {
    n = far->try_receive(Bytes(area), into);
    EXPECT_LE(n, 1U);
    for (std::size_t i = 0; i < n; ++i) all += text_of(into[i].bytes);
  }
  EXPECT_EQ(all, "abbccc");
}

TEST_F(SocketDatagramReceive, TellsWhichAddressItCameToAndAnswersFromThere) {
  const auto everywhere = bound(kAnyV4);
  const std::uint16_t port = everywhere->local_endpoint().port;
  for (const IpAddress& address : {v4(1), v4(2)}) {
    int error = 0;
    // Connected, it hears nobody else: not an answer from another address either.
    const auto client = worker.datagrams().open_connected({address, port}, error);
    ASSERT_TRUE(client) << error;
    EXPECT_EQ(send(*client, {"question"}, {}).sent, 1U);
    Ear server, answered;
    ASSERT_TRUE(server.hear(*everywhere, 1));
    EXPECT_EQ(server.heard[0].to, address);
    const auto answers = letters(3, 20);
    auto batch = addressed(answers, server.heard[0].from);
    for (Outgoing& one : batch) one.from = server.heard[0].to;
    EXPECT_EQ(everywhere->try_send(batch).sent, 3U);
    ASSERT_TRUE(answered.hear(*client, 3));
    EXPECT_EQ(texts_of(answered.heard), answers);
  }
}

TEST_F(SocketDatagramReceive, WorksOverIpv6) {
  int error = 0;
  const auto server = worker.datagrams().open_bound(kLoopbackV6, error);
  if (!server) GTEST_SKIP() << "no IPv6 here";
  const auto client = worker.datagrams().open(Family::v6, error);
  ASSERT_TRUE(client) << error;
  const auto texts = letters(20, 500);
  EXPECT_EQ(send(*client, texts, server->local_endpoint()).sent, 20U);
  ASSERT_TRUE(ear.hear(*server, 20));
  EXPECT_EQ(texts_of(ear.heard), texts);
  EXPECT_EQ(ear.heard[0].from, (Endpoint{kLoopbackV6.address, client->local_endpoint().port}));
  // An IPv6 socket leaves IPv4 alone.
  const SendResult refused = send(*client, {"x"}, there);
  EXPECT_EQ(refused.handled, 1U);
  EXPECT_EQ(refused.sent, 0U);
}

TEST_F(SocketDatagramOpenerOpen, BindsToAnyAddressAtOnce) {
  int error = -1;
  const auto socket = worker.datagrams().open(Family::v4, error);
  ASSERT_TRUE(socket);
  EXPECT_EQ(error, 0);
  EXPECT_NE(socket->local_endpoint().port, 0);
  EXPECT_EQ(send(*near, {"unasked"}, loopback(socket->local_endpoint().port)).sent, 1U);
  EXPECT_TRUE(ear.hear(*socket, 1));
}

TEST_F(SocketDatagramOpenerOpen, LeavesFromTheConfiguredAddress) {
  SocketOptions options;
  options.bind_v4 = v4(3);
  options.recv_buffer = 50'000;
  Worker configured(1, options);
  int error = 0;
  const auto socket = configured.datagrams().open(Family::v4, error);
  ASSERT_TRUE(socket) << error;
  EXPECT_EQ(send(*socket, {"x"}, there).sent, 1U);
  const auto connected = configured.datagrams().open_connected(there, error);
  ASSERT_TRUE(connected) << error;
  EXPECT_EQ(send(*connected, {"x"}, {}).sent, 1U);
  ASSERT_TRUE(ear.hear(*far, 2));
  for (const Heard& one : ear.heard) EXPECT_EQ(one.from.address, v4(3));

  int buffer = 0;
  socklen_t length = sizeof buffer;
  ::getsockopt(find_datagram_socket(socket->local_endpoint().port), SOL_SOCKET, SO_RCVBUF, &buffer, &length);
  EXPECT_GE(buffer, 50'000);
  EXPECT_LE(buffer, 100'000);

  EXPECT_FALSE(configured.datagrams().open(Family::v6, error));
  EXPECT_EQ(error, EAFNOSUPPORT);
  // Nothing of that is for clients.
  EXPECT_TRUE(configured.datagrams().open_bound(loopback(0), error));
}

TEST_F(SocketDatagramOpenerOpen, SaysWhyThereIsNoSocket) {
  int error = 0;
  EXPECT_FALSE(worker.datagrams().open_bound(here, error));
  EXPECT_EQ(error, EADDRINUSE);
  EXPECT_FALSE(worker.datagrams().open_bound({*IpAddress::parse("192.0.2.1"), 0}, error));
  EXPECT_EQ(error, EADDRNOTAVAIL);
}

Task<> wait_and_stop(Worker& worker, Datagram& socket, int& running, std::map<Side, WaitOutcome>& outcomes, Side side) {
  ++running;
  const WaitOutcome got = co_await ready(socket, side);
  outcomes[side] = got;
  if (--running == 0) worker.stop();
}

TEST_F(SocketDatagramWait, CompletesOnceThereIsSomethingToRead) {
  int running = 0;
  std::map<Side, WaitOutcome> outcomes;
  worker.spawner().spawn(wait_and_stop(worker, *far, running, outcomes, Side::read));
  EXPECT_TRUE(outcomes.empty());
  worker.post([&] { send(*near, {"x"}, there); });
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(outcomes[Side::read], WaitOutcome::ready);
  EXPECT_EQ(ear.hear_once(*far), 1U);
}

TEST_F(SocketDatagramWait, FindsRoomToWrite) {
  int running = 0;
  std::map<Side, WaitOutcome> outcomes;
  worker.spawner().spawn(wait_and_stop(worker, *far, running, outcomes, Side::write));
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(outcomes[Side::write], WaitOutcome::ready);
}

TEST_F(SocketDatagramWait, IsCancelledOnce) {
  int running = 0;
  std::map<Side, WaitOutcome> outcomes;
  worker.spawner().spawn(wait_and_stop(worker, *far, running, outcomes, Side::read));
  far->cancel();
  far->cancel();
  EXPECT_TRUE(outcomes.empty()) << "completed from inside cancel";
  ASSERT_TRUE(run_bounded(worker));
  EXPECT_EQ(outcomes[Side::read], WaitOutcome::cancelled);
}

}  // namespace
}  // namespace ss::net
