#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>

#include "../../../src/common/net/asio_worker.hpp"

#if defined(SS_EPOLL)
namespace ss::net {
namespace {

constexpr std::size_t kMuch = kBulk, kLittle = kBulk - 1;

/// One end of a connection, which notes its name where it is told of something to read.
class Reader final : public Waiter {
 public:
  Reader(SocketPoll& poll, std::string& told, char name) : told_(told), name_(name) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    far_.reset(ends[0]);
    member = std::make_unique<SocketPoll::Member>(poll, Descriptor(ends[1]));
    EXPECT_EQ(member->join(), 0);
  }

  /// Waits; what it moved last was `bytes`.
  void wait_after(std::size_t bytes) {
    member->note_moved(bytes);
    member->wait(Side::read, *this);
  }
  void hear() { ASSERT_EQ(::write(far_.get(), "x", 1), 1); }

  std::unique_ptr<SocketPoll::Member> member;
  std::function<void()> then;

 private:
  void complete(WaitOutcome outcome) override {
    told_ += outcome == WaitOutcome::ready ? name_ : '-';
    if (then) then();
  }

  std::string& told_;
  char name_;
  Descriptor far_;
};

struct BulkTurns : testing::Test {
  /// Runs the loop for `handlers` of the reactor, each of which tells up to four of bulk.
  void turn(int handlers) {
    for (int i = 0; i < handlers; ++i) io_context_of(worker).poll_one();
  }

  Worker worker{0};
  std::string told;
  Reader a{worker.loop().poll, told, 'a'}, b{worker.loop().poll, told, 'b'}, c{worker.loop().poll, told, 'c'};
};

TEST_F(BulkTurns, ComeAfterAllThatIsLight) {
  a.wait_after(kMuch);
  b.wait_after(kMuch);
  c.wait_after(kLittle);
  for (Reader* const one : {&a, &b, &c}) one->hear();
  turn(1);
  EXPECT_EQ(told, "cab");
}

TEST_F(BulkTurns, LetThroughWhatComesBetweenThem) {
  a.wait_after(kMuch);
  b.wait_after(kMuch);
  c.wait_after(kLittle);
  a.then = [this] { c.hear(); };
  a.hear();
  b.hear();
  turn(1);
  EXPECT_EQ(told, "acb");
}

TEST_F(BulkTurns, GoRoundWhereEachHasMore) {
  a.then = [this] { a.wait_after(kMuch); };
  b.then = [this] { b.wait_after(kMuch); };
  a.then();
  b.then();
  a.hear();
  b.hear();
  turn(2);
  EXPECT_EQ(told, "abababab");
  a.then = b.then = nullptr;
  turn(2);
}

TEST_F(BulkTurns, ComeAlthoughSomethingLightIsAlwaysThere) {
  c.then = [this] { c.wait_after(kLittle); };
  c.then();
  a.wait_after(kMuch);
  c.hear();
  a.hear();
  turn(1);
  EXPECT_EQ(told.substr(0, 2), "ca");
  c.then = nullptr;
  turn(1);
}

TEST_F(BulkTurns, LetTheLoopGoOnWithTheRest) {
  a.then = [this] { a.wait_after(kMuch); };
  a.then();
  a.hear();
  turn(1);
  worker.post([this] { told += '!'; });
  turn(2);
  EXPECT_EQ(told.substr(0, 5), "aaaa!") << told;
  a.then = nullptr;
  turn(2);
}

TEST_F(BulkTurns, MayEndASocketWhoseTurnIsToCome) {
  a.wait_after(kMuch);
  b.wait_after(kMuch);
  a.then = [this] {
    b.member->cancel();
    b.member->close();
  };
  a.hear();
  b.hear();
  turn(4);
  EXPECT_EQ(told, "a-");
}

TEST_F(BulkTurns, AreCancelledBeforeTheyCome) {
  a.wait_after(kMuch);
  b.wait_after(kMuch);
  a.then = [this] { b.member->cancel(); };
  a.hear();
  b.hear();
  turn(4);
  EXPECT_EQ(told, "a-");
  b.wait_after(kLittle);
  turn(2);
  EXPECT_EQ(told, "a-b") << "a later wait is told";
}

TEST_F(BulkTurns, KeepTheirPlaceWhereTheSocketHasMovedLittleMeanwhile) {
  a.wait_after(kMuch);
  b.wait_after(kMuch);
  a.then = [this] { b.member->note_moved(kLittle); };
  a.hear();
  b.hear();
  turn(2);
  EXPECT_EQ(told, "ab") << "told once";
}

}  // namespace
}  // namespace ss::net
#endif
