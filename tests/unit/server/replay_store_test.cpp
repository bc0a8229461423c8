#include "replay_store.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "ss/protocol/header2022.hpp"
#include "unit/ops/scratch_folder.hpp"

namespace ss::server {
namespace {

constexpr UnixSeconds kNow = 1'700'000'000;
constexpr std::size_t kShards = 16;
const cipher::Method& k2022 = *cipher::find_method("2022-blake3-aes-256-gcm");
const cipher::Method& k2022Short = *cipher::find_method("2022-blake3-aes-128-gcm");
const cipher::Method& k2022Chacha = *cipher::find_method("2022-blake3-chacha20-poly1305");
const cipher::Method& k2017 = *cipher::find_method("aes-256-gcm");

std::size_t salts_in(const protocol::SaltRing& ring) {
  std::size_t count = 0;
  ring.for_each([&](ConstBytes /*salt*/, UnixSeconds /*stamp*/) { ++count; });
  return count;
}

class ReplayStoreOpen : public ::testing::Test {
 protected:
  std::unique_ptr<ReplayStore> open(const cipher::Method& method = k2022, UnixSeconds now = kNow) const {
    ManualClock clock(machine_started);
    clock.advance(std::chrono::seconds(now - machine_started));
    ReplayStore::Opened opened = ReplayStore::open(path, method, kShards, clock);
    EXPECT_TRUE(opened.store) << opened.problem;
    return std::move(opened.store);
  }
  [[nodiscard]] std::string gap_at(UnixSeconds now, const cipher::Method& method = k2022) const {
    const auto store = open(method, now);
    return store->gap() ? store->gap()->why : "";
  }
  /// A store of long ago.
  void make_old(const cipher::Method& method = k2022) const { open(method, kNow - 100); }
  /// The file as it is when the program that has it is killed.
  void be_killed(const ReplayStore& /*running*/) const {
    std::filesystem::copy_file(path, path + ".copy");
    std::filesystem::rename(path + ".copy", path);
  }
  void start_the_machine_again() { machine_started = kNow - 40; }

  ops::ScratchFolder folder;
  const std::string path = folder.path("replay");
  UnixSeconds machine_started = kNow - 3'600;
};

TEST_F(ReplayStoreOpen, MayMissStampsOfBeforeItWasMade) {
  const auto store = open();
  ASSERT_TRUE(store->gap());
  EXPECT_EQ(store->gap()->why, "it is new");
  EXPECT_EQ(store->gap()->up_to, kNow + protocol::kMaxClockDifference);
}

TEST_F(ReplayStoreOpen, MissesThemUntilNoneOfThemCanPass) {
  open();
  EXPECT_EQ(gap_at(kNow + 1), "it was new a minute ago");
  EXPECT_EQ(open(k2022, kNow + 60)->gap()->up_to, kNow + protocol::kMaxClockDifference);
  EXPECT_EQ(gap_at(kNow + 61), "");
}

TEST_F(ReplayStoreOpen, KeepsWhatWasPutIn) {
  make_old();
  {
    const auto store = open();
    store->stream_ring(0).append(ByteVector(32, 1), kNow);
    store->stream_ring(15).append(ByteVector(32, 2), kNow);
    store->newest_packet_stamp() = kNow;
  }
  const auto store = open();
  EXPECT_FALSE(store->gap());
  EXPECT_EQ(salts_in(store->stream_ring(0)), 1U);
  EXPECT_EQ(salts_in(store->stream_ring(1)), 0U);
  EXPECT_EQ(salts_in(store->stream_ring(15)), 1U);
  EXPECT_EQ(store->newest_packet_stamp(), kNow);
}

TEST_F(ReplayStoreOpen, KeepsPacketsOfSip004ApartFromStreams) {
  const auto store = open(k2017);
  store->stream_ring(15).append(ByteVector(32, 1), 0);
  store->packet_ring(0).append(ByteVector(32, 2), 0);
  EXPECT_EQ(salts_in(store->stream_ring(15)), 1U);
  EXPECT_EQ(salts_in(store->packet_ring(0)), 1U);
  EXPECT_EQ(salts_in(store->packet_ring(15)), 0U);
}

TEST_F(ReplayStoreOpen, MissesNothingOfAProgramThatWasKilled) {
  make_old();
  const auto store = open();
  store->stream_ring(3).append(ByteVector(32, 1), kNow);
  be_killed(*store);
  const auto next = open();
  EXPECT_FALSE(next->gap());
  EXPECT_EQ(salts_in(next->stream_ring(3)), 1U);
}

TEST_F(ReplayStoreOpen, MayMissWhatAMachineThatStoppedHadNotWritten) {
  make_old();
  const auto store = open();
  be_killed(*store);
  start_the_machine_again();
  EXPECT_NE(gap_at(kNow).find("the machine was started again"), std::string::npos);
}

TEST_F(ReplayStoreOpen, MissesNothingOfAProgramThatEndedBeforeTheMachine) {
  make_old();
  open();
  start_the_machine_again();
  EXPECT_EQ(gap_at(kNow), "");
}

TEST_F(ReplayStoreOpen, BeginsAnewForAnotherMethod) {
  make_old(k2022);
  open(k2022)->stream_ring(0).append(ByteVector(32, 1), kNow);
  EXPECT_EQ(gap_at(kNow, k2022Chacha), "it was of another method");
  EXPECT_EQ(salts_in(open(k2022Chacha)->stream_ring(0)), 0U);
  EXPECT_EQ(gap_at(kNow, k2022Short), "it is new") << "and of another size";
}

TEST_F(ReplayStoreOpen, SaysWhatIsWrong) {
  const auto first = open();
  const auto problem = [](const std::string& at) {
    return ReplayStore::open(at, k2022, kShards, ManualClock(kNow)).problem;
  };
  EXPECT_EQ(problem(path), "another ss-server has it open; give each its own");
  EXPECT_EQ(problem(folder.write("text", "hello")), "holds something else, and was left as it is; name another file");
  EXPECT_EQ(problem(folder.write("open", "", 0644)), "may be read or written by other users; `chmod 600` it");
  EXPECT_EQ(problem(folder.path("none/file")), "open: No such file or directory (ENOENT)");
}

}  // namespace
}  // namespace ss::server
