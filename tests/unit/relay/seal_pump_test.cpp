#include <gtest/gtest.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "ss/relay/pump.hpp"
#include "unit/relay/pump_fixture.hpp"

namespace ss::relay::test {
namespace {

class SealPumpRun : public PumpTest {
 protected:
  /// The payload of what the receiver has heard so far, as the server opens it.
  ByteVector opened(Shaken& shaken) {
    protocol::testing::Opening opening(shaken.pair.server.take_decoder());
    EXPECT_TRUE(opening.feed_in_steps(receiver.hear(), 64 * kKiB));
    EXPECT_TRUE(opening.may_end());
    return opening.payload;
  }
};

TEST_F(SealPumpRun, SealsEverythingAndPassesTheFinOn) {
  Shaken shaken(*this, k2022);
  PumpRun<SealPump> run(*this, sender, receiver, shaken.pair.client.take_encoder());
  sender.say(counting(50'000));
  sender.finish();
  pass(1s);
  EXPECT_EQ(run.end, PumpEnd::finished);
  EXPECT_TRUE(receiver.heard_end());
  EXPECT_EQ(opened(shaken), counting(50'000));
  EXPECT_EQ(run.payload.read(), 50'000U);
  EXPECT_FALSE(run.session.stopping()) << "the other direction goes on";
}

TEST_F(SealPumpRun, SendsNoChunkForASenderThatSaidNothing) {
  Shaken shaken(*this, k2022);
  PumpRun<SealPump> run(*this, sender, receiver, shaken.pair.client.take_encoder());
  sender.finish();
  pass(1s);
  EXPECT_EQ(run.end, PumpEnd::finished);
  EXPECT_TRUE(receiver.heard_end());
  EXPECT_EQ(receiver.hear().size(), 0U);
}

TEST_F(SealPumpRun, SendsWhatTheFirstFlightLeftOverBeforeAnythingElse) {
  receiver.near().next_write_takes = 3;
  PumpRun<SealPump> run(*this, sender, receiver, protocol::Encoder::plain(), counting(10));
  sender.say(counting(5, 10));
  sender.finish();
  pass(1s);
  EXPECT_EQ(receiver.hear(), counting(15));
  EXPECT_EQ(run.payload.read(), 5U) << "the first flight has been counted already";
}

TEST_F(SealPumpRun, PassesOnWhatCameBeforeAReset) {
  PumpRun<SealPump> run(*this, sender, receiver, protocol::Encoder::plain());
  sender.say(counting(5'000));
  pass(1s);
  sender.reset();
  pass(1s);
  EXPECT_EQ(run.end, PumpEnd::lost_from);
  EXPECT_EQ(receiver.hear(), counting(5'000));
  EXPECT_FALSE(receiver.heard_end()) << "a reset is no end";
  EXPECT_TRUE(run.session.stopping());
}

TEST_F(SealPumpRun, EndsWithAReceiverThatFailsAndLetsTheOtherDirectionGoOn) {
  PumpRun<SealPump> run(*this, sender, receiver, protocol::Encoder::plain());
  receiver.near().write_error = EPIPE;
  sender.say(counting(10));
  pass(1s);
  EXPECT_EQ(run.end, PumpEnd::lost_to);
  EXPECT_FALSE(run.session.stopping());
}

TEST_F(SealPumpRun, EndsWhenTheSessionIsStopped) {
  PumpRun<SealPump> run(*this, sender, receiver, protocol::Encoder::plain());
  pass(1s);
  run.session.stop();
  pass(kLate);
  EXPECT_EQ(run.end, PumpEnd::stopped);
}

TEST_F(SealPumpRun, HoldsABoundedAmountForAStalledReceiverAndReadsNothingMore) {
  Shaken shaken(*this, k2022);
  PumpRun<SealPump> run(*this, sender, receiver, shaken.pair.client.take_encoder());
  std::size_t said = 0;
  for (int i = 0; i < 100; ++i, pass(100ms)) said += sender.offer(counting(64 * kKiB, said));
  EXPECT_GT(env.held_total.read(), 0U);
  EXPECT_LE(run.payload.read(), kMaxHeld + sim::Link::kCapacity) << "what the kernel took, and what may be held";
  EXPECT_LE(env.held_total.read(), Scratch::kSize);
  const std::size_t read = sender.near().bytes(Deed::Kind::read);
  pass(10s);
  EXPECT_EQ(sender.near().bytes(Deed::Kind::read), read);
  EXPECT_EQ(sender.offer(counting(1)), 0U) << "the sender feels it";
  sender.finish();
  for (int i = 0; i < 20; ++i, pass(1s)) receiver.hear();
  EXPECT_EQ(run.end, PumpEnd::finished);
  EXPECT_EQ(opened(shaken), counting(said));
  EXPECT_EQ(env.held_total.read(), 0U);
}

TEST_F(SealPumpRun, ReadsMoreAtATimeAsLongAsItFlowsAndLittleAfterAStop) {
  PumpRun<SealPump> run(*this, sender, receiver, protocol::Encoder::plain());
  sender.say(counting(64 * kKiB));
  pass(1s);
  EXPECT_EQ(sender.near().deeds.front().bytes, 32 * kKiB);
  receiver.hear();
  sender.say(counting(64 * kKiB));
  pass(1s);
  EXPECT_EQ(longest_read(), 64 * kKiB);
  sender.say(counting(1));
  pass(1s);
  receiver.hear();
  pass(1s);
  const std::size_t before = reads();
  sender.say(counting(64 * kKiB));
  pass(1s);
  EXPECT_EQ(longest_read(before), 32 * kKiB) << "16 KiB once, and from then on it grows again";
  EXPECT_EQ(reads() - before, 3U);
}

TEST_F(SealPumpRun, ReadsTheSmallestPortionsWhileTheProcessHoldsTooMuch) {
  PumpRun<SealPump> run(*this, sender, receiver, protocol::Encoder::plain());
  env.held_total.add(HeldTotal::kHigh + 1);
  for (int i = 0; i < 10; ++i, pass(100ms)) {
    sender.offer(counting(64 * kKiB));
    receiver.hear();
  }
  EXPECT_GT(reads(), 10U);
  EXPECT_LE(longest_read(), 16 * kKiB);
  env.held_total.sub(HeldTotal::kHigh + 1);
}

TEST_F(SealPumpRun, MakesLongChunksOnlyOnceAMebibyteHasFlowed) {
  Shaken shaken(*this, k2022);
  PumpRun<SealPump> run(*this, sender, receiver, shaken.pair.client.take_encoder());
  std::size_t said = 0;
  for (int i = 0; i < 50; ++i, pass(10ms)) {
    said += sender.offer(counting(40'000, said));
    pass(10ms);
    receiver.hear();
  }
  ByteVector wire = receiver.hear();
  protocol::Decoder decoder = shaken.pair.server.take_decoder();
  std::size_t consumed = 0;
  std::size_t flowed = 0;
  std::size_t longest = 0;
  while (consumed < wire.size()) {
    const protocol::Parsed<Bytes> chunk = decoder.open_chunk(wire, consumed);
    ASSERT_TRUE(chunk.ready());
    if (chunk.value().size() > 0x3FFF) {
      EXPECT_GE(flowed + 40'000, 1024 * kKiB);
    }
    flowed += chunk.value().size();
    longest = std::max(longest, chunk.value().size());
  }
  EXPECT_EQ(flowed, said);
  EXPECT_EQ(longest, 40'000U);
}

}  // namespace
}  // namespace ss::relay::test
