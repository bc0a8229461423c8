// The reassembly queue of SOCKS5 UDP; its datagrams are tested in socks5_udp_test.cpp.
#include <gtest/gtest.h>

#include "ss/protocol/packet.hpp"
#include "ss/protocol/socks5_udp.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::protocol::socks5 {
namespace {

using namespace ss::protocol::testing;
using namespace std::chrono_literals;

constexpr std::uint8_t kLast = 0x80;
constexpr MonoTime kStart{1000s};

/// A queue and a clock; what is whole comes out as text.
struct Queue {
  /// @return  the whole payload, or "-".
  std::string take(unsigned fragment, std::string_view payload, const std::string& to = "1.2.3.4:53") {
    ByteVector address(kMaxAddressLength);
    address.resize(put_address(target(to), address));
    const UdpDatagram datagram{static_cast<std::uint8_t>(fragment), target(to), address, bytes_of(payload)};
    const auto whole = queue.take(datagram, now);
    return whole ? std::string(text_of(*whole)) : "-";
  }

  FragmentQueue queue;
  MonoTime now = kStart;
};

TEST(FragmentQueueTake, JoinsFragmentsInOrder) {
  Queue q;
  EXPECT_EQ(q.take(1, "a"), "-");
  EXPECT_EQ(q.take(2, "bc"), "-");
  EXPECT_EQ(q.take(3 | kLast, "def"), "abcdef");
  EXPECT_TRUE(q.queue.empty());
  EXPECT_EQ(q.queue.dropped(), 0U);
}

TEST(FragmentQueueTake, DeliversOneSequenceAfterAnother) {
  Queue q;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(q.take(1, "a"), "-");
    EXPECT_EQ(q.take(2 | kLast, "b"), "ab");
  }
}

TEST(FragmentQueueTake, DeliversASequenceOfOneAtOnce) {
  Queue q;
  EXPECT_EQ(q.take(1 | kLast, "alone"), "alone");
  EXPECT_TRUE(q.queue.empty());
}

TEST(FragmentQueueTake, JoinsEmptyFragments) {
  Queue q;
  EXPECT_EQ(q.take(1, ""), "-");
  EXPECT_EQ(q.take(2, "x"), "-");
  EXPECT_EQ(q.take(3 | kLast, ""), "x");
  EXPECT_EQ(q.take(1, ""), "-");
  EXPECT_EQ(q.take(2 | kLast, ""), "");
}

TEST(FragmentQueueTake, JoinsTheMostFragments) {
  Queue q;
  std::string all;
  for (unsigned position = 1; position < FragmentQueue::kMostFragments; ++position) {
    const std::string payload(1, static_cast<char>(position));
    all += payload;
    ASSERT_EQ(q.take(position, payload), "-");
  }
  EXPECT_EQ(q.take(127 | kLast, "!"), all + "!");
}

TEST(FragmentQueueTake, AbandonsWhereNothingCanFollow) {
  Queue q;
  for (unsigned position = 1; position < 127; ++position) q.take(position, "x");
  EXPECT_FALSE(q.queue.empty());
  EXPECT_EQ(q.take(127, "x"), "-");
  EXPECT_TRUE(q.queue.empty());
  EXPECT_EQ(q.queue.dropped(), 127U);
}

TEST(FragmentQueueTake, BeginsAnewWithEachFirstFragment) {
  Queue q;
  q.take(1, "old");
  q.take(2, "old");
  EXPECT_EQ(q.take(1, "a"), "-");
  EXPECT_EQ(q.queue.dropped(), 2U);
  EXPECT_EQ(q.take(2 | kLast, "b"), "ab");

  q.take(1, "lost its rest");
  EXPECT_EQ(q.take(1, "a"), "-");
  EXPECT_EQ(q.take(2 | kLast, "b"), "ab");
}

TEST(FragmentQueueTake, AbandonsAtALowerPosition) {
  Queue q;
  for (unsigned position = 1; position <= 4; ++position) q.take(position, "x");
  EXPECT_EQ(q.take(3, "x"), "-");
  EXPECT_TRUE(q.queue.empty());
  EXPECT_EQ(q.queue.dropped(), 5U);
  EXPECT_EQ(q.take(5 | kLast, "x"), "-") << "the rest of an abandoned sequence was delivered";
}

TEST(FragmentQueueTake, AbandonsAtAGap) {
  Queue q;
  q.take(1, "x");
  EXPECT_EQ(q.take(3, "x"), "-");
  EXPECT_TRUE(q.queue.empty());
  EXPECT_EQ(q.take(2, "x"), "-");
  EXPECT_EQ(q.take(4 | kLast, "x"), "-");
  EXPECT_EQ(q.queue.dropped(), 4U);
}

TEST(FragmentQueueTake, NeverBeginsInTheMiddle) {
  for (unsigned position = 0; position < 128; ++position) {
    if (position == 1) continue;
    Queue q;
    EXPECT_EQ(q.take(position | kLast, "x"), "-") << position;
    if (position != 0) {
      EXPECT_EQ(q.take(position, "x"), "-") << position;
    }
    EXPECT_TRUE(q.queue.empty());
  }
}

TEST(FragmentQueueTake, DeliversNothingButTheOnePermutationInOrder) {
  std::vector<unsigned> order{1, 2, 3, 4 | kLast};
  do {
    Queue q;
    int whole = 0;
    for (const unsigned fragment : order) whole += q.take(fragment, std::string(1, static_cast<char>(fragment))) != "-";
    EXPECT_EQ(whole, std::ranges::is_sorted(order) ? 1 : 0);
  } while (std::ranges::next_permutation(order).found);
}

TEST(FragmentQueueTake, PassesOverACopyOfTheHighest) {
  Queue q;
  q.take(1, "a");
  q.take(2, "b");
  EXPECT_EQ(q.take(2, "b"), "-");
  EXPECT_EQ(q.queue.dropped(), 1U);
  EXPECT_EQ(q.take(3 | kLast, "c"), "abc");
  EXPECT_EQ(q.take(3 | kLast, "c"), "-");
}

TEST(FragmentQueueTake, AbandonsWhereAnotherFragmentHasTheHighestPosition) {
  for (const auto& [fragment, payload] : {std::pair{2U, "B"}, {2U, "bb"}, {2U, ""}, {2U | kLast, "b"}}) {
    Queue q;
    q.take(1, "a");
    q.take(2, "b");
    EXPECT_EQ(q.take(fragment, payload), "-");
    EXPECT_TRUE(q.queue.empty()) << payload;
    EXPECT_EQ(q.take(3 | kLast, "c"), "-");
  }
}

TEST(FragmentQueueTake, AbandonsAtTheLastOfNothing) {
  Queue q;
  q.take(1, "a");
  EXPECT_EQ(q.take(kLast, "x"), "-");
  EXPECT_TRUE(q.queue.empty());
}

TEST(FragmentQueueTake, AbandonsWhereTheTargetDiffers) {
  for (const std::string other : {"1.2.3.4:54", "1.2.3.5:53", "[::1]:53", "example.com:53"}) {
    Queue q;
    q.take(1, "a");
    EXPECT_EQ(q.take(2 | kLast, "b", other), "-");
    EXPECT_TRUE(q.queue.empty()) << other;
    EXPECT_EQ(q.take(2 | kLast, "b"), "-");
    EXPECT_EQ(q.queue.dropped(), 3U);
  }
}

TEST(FragmentQueueTake, BeginsAnewForAnotherTarget) {
  Queue q;
  q.take(1, "a");
  q.take(1, "x", "example.com:53");
  EXPECT_EQ(q.take(2 | kLast, "y", "example.com:53"), "xy");
}

TEST(FragmentQueueTake, JoinsUpToTheLongestDatagram) {
  const std::string half(kMaxDatagram / 2, 'x');
  for (const std::size_t over : {0U, 1U}) {
    Queue q;
    q.take(1, half);
    q.take(2, half);
    const std::string rest(kMaxDatagram - 2 * half.size() + over, 'y');
    const std::string whole = q.take(3 | kLast, rest);
    std::string joined = half;
    joined.append(half).append(rest);
    EXPECT_EQ(whole, over == 0 ? joined : "-");
    EXPECT_TRUE(q.queue.empty());
    EXPECT_EQ(q.queue.dropped(), over == 0 ? 0U : 3U);
  }
}

TEST(FragmentQueueExpire, ComesAtExactlyFiveSecondsAfterTheFirst) {
  static_assert(FragmentQueue::kTimer == 5s);
  for (const bool in_time : {true, false}) {
    Queue q;
    q.take(1, "a");
    EXPECT_EQ(q.queue.expires_at(), kStart + 5s);
    q.now = kStart + 3s;
    q.take(2, "b");
    EXPECT_EQ(q.queue.expires_at(), kStart + 5s) << "a later fragment extended the timer";
    q.now = kStart + 5s - (in_time ? 1ns : 0ns);
    EXPECT_EQ(q.take(3 | kLast, "c"), in_time ? "abc" : "-");
    EXPECT_TRUE(q.queue.empty());
  }
}

TEST(FragmentQueueExpire, FreesWithoutAnotherDatagram) {
  Queue q;
  q.queue.expire(kStart);
  q.take(1, "a");
  q.queue.expire(kStart + 5s - 1ns);
  EXPECT_FALSE(q.queue.empty());
  q.queue.expire(kStart + 5s);
  EXPECT_TRUE(q.queue.empty());
  EXPECT_EQ(q.queue.dropped(), 1U);
}

TEST(FragmentQueueExpire, RunsAnewForEachSequence) {
  Queue q;
  q.take(1, "old");
  q.now = kStart + 4s;
  q.take(1, "a");
  q.now = kStart + 8s;
  EXPECT_EQ(q.take(2 | kLast, "b"), "ab");
}

TEST(FragmentQueueAbandon, GivesUpWhatWasKept) {
  Queue q;
  q.queue.abandon();
  EXPECT_EQ(q.queue.dropped(), 0U);
  q.take(1, "a");
  q.queue.abandon();
  EXPECT_TRUE(q.queue.empty());
  EXPECT_EQ(q.take(2 | kLast, "b"), "-");
  EXPECT_EQ(q.queue.dropped(), 2U);
}

TEST(FragmentQueue, OwnsNextToNothingWhileIdle) {
  EXPECT_LE(sizeof(FragmentQueue), 16U);
}

}  // namespace
}  // namespace ss::protocol::socks5
