#include "session_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace ss::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

AssociationKey session(std::uint64_t id, std::size_t user = 0) {
  return {user, id, {}};
}

TEST(SessionDirectoryClaim, GivesASessionToTheFirstInboundThatAsks) {
  SessionDirectory directory;
  EXPECT_EQ(directory.claim(session(1), 2), 2U);
  EXPECT_EQ(directory.claim(session(1), 0), 2U);
  EXPECT_EQ(directory.claim(session(1), 2), 2U);
  EXPECT_EQ(directory.claim(session(2), 0), 0U);
}

TEST(SessionDirectoryClaim, TellsUsersApart) {
  SessionDirectory directory;
  EXPECT_EQ(directory.claim(session(1, 0), 0), 0U);
  EXPECT_EQ(directory.claim(session(1, 1), 1), 1U);
  EXPECT_EQ(directory.claim(session(1, 0), 1), 0U);
}

TEST(SessionDirectoryClaim, GivesEverySessionToOneOfManyThatAskAtOnce) {
  constexpr unsigned kWorkers = 4;
  constexpr std::uint64_t kSessions = 2'000;
  SessionDirectory directory;
  std::vector<std::vector<unsigned>> told(kWorkers);
  std::vector<std::thread> threads;
  for (unsigned worker = 0; worker < kWorkers; ++worker) {
    threads.emplace_back([&, worker] {
      for (std::uint64_t id = 0; id < kSessions; ++id) told[worker].push_back(directory.claim(session(id), worker));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (unsigned worker = 1; worker < kWorkers; ++worker) EXPECT_EQ(told[worker], told[0]);
  EXPECT_LT(*std::max_element(told[0].begin(), told[0].end()), kWorkers);
}

TEST(SessionDirectoryRelease, FreesTheSessionForAnybody) {
  SessionDirectory directory;
  directory.claim(session(1), 0);
  directory.claim(session(2), 0);
  directory.release(session(1));
  directory.release(session(3));
  EXPECT_EQ(directory.claim(session(1), 1), 1U);
  EXPECT_EQ(directory.claim(session(2), 1), 0U);
}

class SessionDirectoryHandOver : public ::testing::Test {
 protected:
  SessionDirectoryHandOver() {
    for (unsigned inbound = 0; inbound < 2; ++inbound) {
      EXPECT_EQ(directory.attach([this, inbound](RoamedPacket&& packet) { got[inbound].push_back(packet.packet_id); }),
                inbound);
    }
  }
  void hand_over(unsigned inbound, std::uint64_t id) {
    if (!directory.reserve(inbound)) return;
    RoamedPacket packet;
    packet.packet_id = id;
    directory.hand_over(inbound, std::move(packet));
  }

  SessionDirectory directory;
  std::vector<std::uint64_t> got[2];
};

TEST_F(SessionDirectoryHandOver, GoesToTheInboundThatIsNamed) {
  hand_over(1, 7);
  hand_over(0, 8);
  hand_over(1, 9);
  EXPECT_THAT(got[0], ElementsAre(8U));
  EXPECT_THAT(got[1], ElementsAre(7U, 9U));
}

TEST_F(SessionDirectoryHandOver, DropsWhatAnInboundCannotKeepUpWith) {
  for (std::uint64_t i = 0; i < 2 * std::uint64_t{SessionDirectory::kMaxUnderWay}; ++i) hand_over(1, i);
  EXPECT_EQ(got[1].size(), SessionDirectory::kMaxUnderWay);
  EXPECT_THAT(got[0], IsEmpty());
  hand_over(0, 1);
  EXPECT_EQ(got[0].size(), 1U) << "each has room of its own";
  directory.taken(1);
  for (std::uint64_t i = 0; i < 3; ++i) hand_over(1, i);
  EXPECT_EQ(got[1].size(), SessionDirectory::kMaxUnderWay + 1);
}

}  // namespace
}  // namespace ss::server
