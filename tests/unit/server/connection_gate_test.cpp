#include "connection_gate.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "served.hpp"

namespace ss::server {
namespace {

IpAddress address(std::uint8_t first, std::uint8_t last) {
  return IpAddress(IpAddress::V4{first, 0, 0, last});
}

constexpr std::uint8_t kCrowd = 66;
constexpr std::uint8_t kStranger = 77;
constexpr std::uint8_t kFriend = 88;

/// A gate for twenty connections, at most eight of them unauthenticated and twelve of one source.
class ConnectionGateLets : public relay::test::Fixture {
 protected:
  struct Guest {
    Guest(ConnectionGateLets& test, const IpAddress& address)
        : from(address), session(test.sessions), share(&test.gate, session, address) {}
    const IpAddress from;
    relay::LiveSession session;
    ConnectionShare share;
    [[nodiscard]] bool gone() const { return share.turned_away(); }
  };
  Guest& come(const IpAddress& from) { return *guests.emplace_back(std::make_unique<Guest>(*this, from)); }
  /// The sessions that were stopped end.
  void end_the_stopped() {
    std::erase_if(guests, [](const std::unique_ptr<Guest>& guest) { return guest->session.stopping(); });
  }
  [[nodiscard]] std::size_t staying() const {
    return static_cast<std::size_t>(
        std::count_if(guests.begin(), guests.end(), [](const auto& guest) { return !guest->gone(); }));
  }
  /// How many stay of what came from `first`.0.0.x.
  [[nodiscard]] std::size_t of(std::uint8_t first) const {
    return static_cast<std::size_t>(std::count_if(guests.begin(), guests.end(), [first](const auto& guest) {
      return !guest->gone() && guest->from.bytes()[0] == first;
    }));
  }
  /// Comes from `first`.0.0.x until so many unauthenticated ones are there.
  void fill(std::uint8_t first, std::uint8_t last = 1, std::uint8_t step = 0) {
    while (counts.unauthenticated() < counts.limits().unauthenticated) {
      come(address(first, last));
      last = static_cast<std::uint8_t>(last + step);
      end_the_stopped();
    }
  }
  void TearDown() override {
    guests.clear();
    EXPECT_EQ(counts.unauthenticated(), 0U);
    EXPECT_EQ(env.counters.connections.read(), 0U);
    EXPECT_EQ(env.counters.unauthenticated.read(), 0U);
    Fixture::TearDown();
  }

  ConnectionCounts counts{{20, 8, 12}, {}};
  ConnectionGate gate{counts, env};
  std::vector<std::unique_ptr<Guest>> guests;
};

TEST_F(ConnectionGateLets, EverybodyInBelowHalfOfTheLimit) {
  for (std::uint8_t n = 0; n < 4; ++n) EXPECT_FALSE(come(address(kStranger, n)).gone());
  EXPECT_EQ(env.counters.connections.read(), 4U);
  EXPECT_EQ(env.counters.unauthenticated.read(), 4U);
}

TEST_F(ConnectionGateLets, NobodyInAboveTheTotal) {
  for (std::uint8_t n = 0; n < 20; ++n) come(address(kStranger, n)).share.authenticate();
  ASSERT_EQ(staying(), 20U);
  const Guest& refused = come(address(kStranger, 21));
  EXPECT_TRUE(refused.gone());
  EXPECT_TRUE(refused.session.stopping());
  EXPECT_EQ(env.counters.turned_away.read(), 1U);
  EXPECT_EQ(staying(), 20U) << "nobody who has authenticated is turned away";
}

TEST_F(ConnectionGateLets, NobodyInAboveTheLimitOfASource) {
  for (int i = 0; i < 12; ++i) come(address(kFriend, 1)).share.authenticate();
  EXPECT_TRUE(come(address(kFriend, 1)).gone());
  EXPECT_FALSE(come(address(kFriend, 2)).gone());
}

TEST_F(ConnectionGateLets, ACrowdFromOneAddressPushItselfOut) {
  come(address(kStranger, 1));
  come(address(kStranger, 2));
  fill(kCrowd);
  for (int i = 0; i < 1000; ++i) {
    come(address(kCrowd, 1));
    end_the_stopped();
  }
  EXPECT_EQ(counts.unauthenticated(), 8U);
  EXPECT_EQ(of(kStranger), 2U) << "those of other addresses stay";
}

TEST_F(ConnectionGateLets, AStrangerInWhereACrowdHoldsAllPlaces) {
  fill(kCrowd);
  int served = 0;
  for (int i = 0; i < 100; ++i) {
    Guest& stranger = come(address(kStranger, 1));
    if (!stranger.gone()) {
      ++served;
      stranger.share.authenticate();
      stranger.session.stop();
    }
    end_the_stopped();
    fill(kCrowd);
  }
  EXPECT_EQ(served, 100);
}

TEST_F(ConnectionGateLets, AFriendInAndKeepItWhereStrangersOfAllAddressesHoldAllPlaces) {
  Guest& before = come(address(kFriend, 1));
  before.share.authenticate();
  before.session.stop();
  end_the_stopped();
  fill(kStranger, 1, 1);
  const Guest& held = come(address(kFriend, 1));
  ASSERT_FALSE(held.gone());
  end_the_stopped();
  for (std::uint8_t n = 50; n < 250; ++n) {
    come(address(kStranger, n));
    ASSERT_FALSE(held.gone());
    end_the_stopped();
  }
}

TEST_F(ConnectionGateLets, OneInWhereOtherWorkersHoldAllPlaces) {
  fill(kCrowd);
  ConnectionGate other(counts, env);
  relay::LiveSession first(sessions);
  relay::LiveSession second(sessions);
  {
    const ConnectionShare one(&other, first, address(kStranger, 1));
    EXPECT_FALSE(one.turned_away());
    const ConnectionShare two(&other, second, address(kStranger, 2));
    EXPECT_NE(one.turned_away(), two.turned_away());
  }
  EXPECT_EQ(of(kCrowd), 8U);
}

TEST_F(ConnectionGateLets, FewerStrangersInTheNearerTheLimitIs) {
  std::vector<std::size_t> refused;
  for (const std::uint32_t held : {5U, 8U}) {
    std::size_t dropped = 0;
    for (int i = 0; i < 2000; ++i) {
      guests.clear();
      while (counts.unauthenticated() < held - 1) {
        come(address(kStranger, static_cast<std::uint8_t>(guests.size())));
        end_the_stopped();
      }
      dropped += come(address(kStranger, 200)).gone() ? 1U : 0U;
    }
    refused.push_back(dropped);
  }
  EXPECT_NEAR(static_cast<double>(refused[0]), 2000.0 / 8, 80) << "one of eight above half of them";
  EXPECT_NEAR(static_cast<double>(refused[1]), 2000.0 / 2, 120) << "every second one at the limit";
}

}  // namespace
}  // namespace ss::server
