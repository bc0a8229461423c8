#include "ss/relay/shared_salt_filter.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "unit/relay/peer.hpp"

namespace ss::relay {
namespace {

using protocol::SaltVerdict;
using test::counting;

/// Plainly right, and not fit for two threads at once.
class SetFilter final : public protocol::SaltFilter {
 public:
  explicit SetFilter(std::size_t& inserted) : inserted_(inserted) {}
  SaltVerdict insert(ConstBytes salt, UnixSeconds stamp, MonoTime now) override {
    last_stamp = stamp;
    last_now = now;
    if (!seen_.insert(ByteVector(salt.begin(), salt.end())).second) return SaltVerdict::repeated;
    ++inserted_;
    return SaltVerdict::fresh;
  }
  void expect(ConstBytes salt) const override { expected = ByteVector(salt.begin(), salt.end()); }
  UnixSeconds last_stamp = 0;
  MonoTime last_now{};
  mutable ByteVector expected;

 private:
  std::set<ByteVector> seen_;
  std::size_t& inserted_;
};

TEST(SharedSaltFilterInsert, RefusesASaltThatItHas) {
  std::vector<std::size_t> inserted(SharedSaltFilter::kShards);
  SharedSaltFilter filter([&](std::size_t shard) { return std::make_unique<SetFilter>(inserted[shard]); });
  for (std::size_t i = 0; i < 250; ++i)
    EXPECT_EQ(filter.insert(counting(32, i), 0, MonoTime{}), SaltVerdict::fresh) << i;
  for (std::size_t i = 0; i < 250; ++i)
    EXPECT_EQ(filter.insert(counting(32, i), 0, MonoTime{}), SaltVerdict::repeated) << i;
}

TEST(SharedSaltFilterInsert, SpreadsSaltsOverAllShards) {
  std::vector<std::size_t> inserted(SharedSaltFilter::kShards);
  SharedSaltFilter filter([&](std::size_t shard) { return std::make_unique<SetFilter>(inserted[shard]); });
  ByteVector salt(16);
  for (std::size_t i = 0; i < 256; ++i) {
    salt.back() = static_cast<std::uint8_t>(i);
    EXPECT_EQ(filter.insert(salt, 0, MonoTime{}), SaltVerdict::fresh);
  }
  for (const std::size_t count : inserted) EXPECT_EQ(count, 16U);
}

/// A filter whose shards can be looked at.
struct OpenFilter {
  std::size_t inserted = 0;
  std::vector<SetFilter*> shards;
  SharedSaltFilter filter{[this](std::size_t /*shard*/) {
    auto shard = std::make_unique<SetFilter>(inserted);
    shards.push_back(shard.get());
    return shard;
  }};
};

TEST(SharedSaltFilterExpect, TellsTheShardThatIsToInsert) {
  OpenFilter open;
  const ByteVector salt = counting(32, 5);
  open.filter.expect(salt);
  EXPECT_EQ(open.shards[salt.back() % SharedSaltFilter::kShards]->expected, salt);
  EXPECT_EQ(open.inserted, 0U);
}

TEST(SharedSaltFilterInsert, PassesTheTimeOn) {
  OpenFilter open;
  ByteVector salt(16);
  salt.back() = 5;
  EXPECT_EQ(open.filter.insert(salt, 9, MonoTime(std::chrono::seconds(7))), SaltVerdict::fresh);
  EXPECT_EQ(open.shards[5]->last_stamp, 9U);
  EXPECT_EQ(open.shards[5]->last_now, MonoTime(std::chrono::seconds(7)));
}

TEST(SharedSaltFilterInsert, LetsExactlyOneOfRacingWorkersIn) {
  constexpr std::size_t kSalts = 2'000;
  std::vector<std::size_t> inserted(SharedSaltFilter::kShards);
  SharedSaltFilter filter([&](std::size_t shard) { return std::make_unique<SetFilter>(inserted[shard]); });
  std::atomic<std::size_t> let_in{0};
  std::vector<std::thread> workers;
  workers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      ByteVector salt(32);
      for (std::size_t n = 0; n < kSalts; ++n) {
        put_u16be(salt.data(), static_cast<std::uint16_t>(n));
        salt.back() = static_cast<std::uint8_t>(n % 3);
        if (filter.insert(salt, 0, MonoTime{}) == SaltVerdict::fresh) ++let_in;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(let_in, kSalts);
}

}  // namespace
}  // namespace ss::relay
