#include "udp/client_port.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "unit/protocol/packet_support.hpp"
#include "unit/relay/fixture.hpp"

namespace ss::local {
namespace {

using namespace std::chrono_literals;
using relay::test::expect_at;

const Endpoint kApplication{relay::test::kFar.address, 5'000};

/// A client's port alone in its world: whatever is still to happen there is its doing.
class ClientPortFragments : public relay::test::Fixture {
 protected:
  ClientPortFragments() : Fixture({0s, 0s}) {}

  /// Takes the fragment at `position`; the last one has 0x80 on top.
  std::optional<std::string> take(std::uint8_t position, std::string_view text) {
    ByteVector bytes =
        protocol::testing::joined(ByteVector{0, 0, position, 1, 93, 184, 216, 34, 0, 53}, bytes_of(text));
    const std::optional<ClientPort::Taken> taken = port.take({bytes, kApplication, {}});
    if (!taken) return std::nullopt;
    return std::string(text_of(taken->payload()));
  }
  void TearDown() override {
    session.reset();
    Fixture::TearDown();
  }

  std::optional<relay::LiveSession> session{std::in_place, sessions};
  int error = 0;
  ClientPort port{env, *session, node.datagrams().open(net::Family::v4, error), kApplication, TargetAddress()};
};

TEST_F(ClientPortFragments, AreGivenUpWithTheirTimer) {
  EXPECT_EQ(take(1, "one "), std::nullopt);
  EXPECT_TRUE(world.run(1min)) << "nothing is left to give up";
  expect_at(now(), 5s);
  EXPECT_EQ(take(0x82, "two"), std::nullopt);
}

TEST_F(ClientPortFragments, OfASequenceThatBeganAnewAreGivenUpToo) {
  take(1, "one ");
  pass(3s);
  take(1, "another one ");
  EXPECT_FALSE(world.run(3s)) << "the second sequence is there yet, and nothing else would free it";
  EXPECT_TRUE(world.run(1min));
  expect_at(now(), 10s);
  EXPECT_EQ(take(0x82, "too late"), std::nullopt);
}

TEST_F(ClientPortFragments, OfASequenceThatBeganAnewHaveTheirWholeTime) {
  take(1, "one ");
  pass(3s);
  take(1, "another ");
  pass(4'900ms);
  EXPECT_EQ(take(0x82, "one"), "another one");
}

TEST_F(ClientPortFragments, LeaveNoTimerOnceTheyAreWhole) {
  take(1, "one ");
  EXPECT_EQ(take(0x82, "two"), "one two");
  EXPECT_TRUE(world.run(1min));
  expect_at(now(), 5s, "the alarm rings once more, for nothing");
}

}  // namespace
}  // namespace ss::local
