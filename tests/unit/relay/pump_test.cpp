#include "ss/relay/pump.hpp"

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "unit/relay/relay_run.hpp"

namespace ss::relay::test {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr const char* k2022 = "2022-blake3-aes-256-gcm";
constexpr const char* k2017 = "aes-256-gcm";

class PumpTest : public Fixture {
 protected:
  /// The longest single read that was done at the sender's end since read number `from`.
  [[nodiscard]] std::size_t longest_read(std::size_t from = 0) const {
    std::size_t longest = 0;
    for (const Deed& deed : sender.near().deeds) {
      if (deed.kind != Deed::Kind::read) continue;
      if (from > 0) {
        --from;
      } else {
        longest = std::max(longest, deed.bytes);
      }
    }
    return longest;
  }
  [[nodiscard]] std::size_t reads() const { return sender.near().count(Deed::Kind::read); }

  Peer sender{network};
  Peer receiver{network};
};

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

/// A stream that has bytes whenever it is asked and takes whatever it is given. Notes the reads between waits.
class Plenty final : public net::Stream {
 public:
  std::vector<std::size_t> reads;  // since the last wait
  bool blocked = false;

  net::IoResult try_read(std::span<const Bytes> into) override {
    if (blocked) return {};
    std::size_t room = 0;
    for (const Bytes span : into) room += span.size();
    reads.push_back(room);
    return {net::IoStatus::done, room, 0};
  }
  net::IoResult try_write(std::span<const ConstBytes> from) override {
    std::size_t bytes = 0;
    for (const ConstBytes span : from) bytes += span.size();
    return {net::IoStatus::done, bytes, 0};
  }
  void wait(net::Side /*side*/, net::Waiter& waiter) override { waiter_ = &waiter; }
  void cancel() override {}
  int finish_connect() override { return 0; }
  void shut_write() override {}
  void reset() override {}
  [[nodiscard]] std::size_t unacknowledged() const override { return 0; }
  [[nodiscard]] Endpoint local_endpoint() const override { return {}; }
  [[nodiscard]] Endpoint peer_endpoint() const override { return {}; }

  void complete(net::WaitOutcome outcome) {
    reads.clear();
    std::exchange(waiter_, nullptr)->complete(outcome);
  }

 private:
  net::Waiter* waiter_ = nullptr;
};

TEST_F(SealPumpRun, ReadsOnWithoutAWaitWhileTheLongestBatchesAreFullAndThenYields) {
  Plenty from;
  Plenty to;
  telemetry::Counter payload;
  LiveSession session(sessions);
  SealPump pump(env, session, from, to, payload, protocol::Encoder::plain());
  net::Task<PumpEnd> task = pump.run();
  task.start();
  for (std::size_t batch = 32 * kKiB; batch < ReadBudget::kMaxBatch; batch *= 2) {
    from.complete(net::WaitOutcome::ready);
    EXPECT_EQ(from.reads, std::vector<std::size_t>{batch}) << "it has to grow first";
  }
  const std::vector<std::size_t> row(ReadBudget::kBatchesInARow, ReadBudget::kMaxBatch);
  for (int i = 0; i < 3; ++i) {
    from.complete(net::WaitOutcome::ready);
    EXPECT_EQ(from.reads, row);
  }
  from.blocked = true;
  from.complete(net::WaitOutcome::ready);
  EXPECT_TRUE(from.reads.empty()) << "and waits where nothing came";
  from.complete(net::WaitOutcome::cancelled);
  ASSERT_TRUE(task.await_ready());
  EXPECT_EQ(task.await_resume(), PumpEnd::stopped);
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

class OpenPumpRun : public PumpTest {};

TEST_F(OpenPumpRun, OpensEverythingAndPassesTheFinOn) {
  for (const char* method : {k2022, k2017}) {
    Peer from(network);
    Peer to(network);
    Shaken shaken(*this, method);
    PumpRun<OpenPump> run(*this, from, to, shaken.pair.client.take_decoder());
    from.say(shaken.response(counting(50'000)));
    from.finish();
    pass(1s);
    EXPECT_EQ(run.end, PumpEnd::finished);
    EXPECT_TRUE(to.heard_end());
    EXPECT_EQ(to.hear(), counting(50'000));
    EXPECT_EQ(run.payload.read(), 50'000U);
  }
}

TEST_F(OpenPumpRun, OpensChunksThatComeByteByByte) {
  Shaken shaken(*this, k2022);
  PumpRun<OpenPump> run(*this, sender, receiver, shaken.pair.client.take_decoder());
  for (const std::uint8_t byte : shaken.response(counting(300), 100)) {
    sender.say(ConstBytes(&byte, 1));
    pass(5ms);
  }
  EXPECT_EQ(receiver.hear(), counting(300));
  EXPECT_EQ(env.held_total.read(), 0U);
}

// Whole chunks behind the first payload are there already: no further read would announce them.
TEST_F(OpenPumpRun, PassesOnFirstPayloadAndRestHoweverLittleTheFirstWriteTakes) {
  for (const std::size_t taken : {0U, 1U, 7U, 99U, 100U, 1000U}) {
    Peer from(network);
    Peer to(network);
    to.near().next_write_takes = taken;
    Shaken shaken(*this, k2022);
    const ByteVector rest = shaken.response(counting(400, 100), 150);
    const std::size_t carried = rest.size() - 20;
    PumpRun<OpenPump> run(*this, from, to, shaken.pair.client.take_decoder(), counting(100),
                          Bytes(const_cast<ByteVector&>(rest)).first(carried));
    pass(1s);
    EXPECT_EQ(to.hear(), counting(400)) << taken << ": both whole chunks, and not the third";
    from.say(ConstBytes(rest).subspan(carried));
    from.finish();
    pass(1s);
    EXPECT_EQ(to.hear(), counting(500)) << taken;
    EXPECT_EQ(run.end, PumpEnd::finished) << taken;
    EXPECT_EQ(run.payload.read(), 500U);
  }
}

TEST_F(OpenPumpRun, PassesOnARestWithoutFirstPayload) {
  Shaken shaken(*this, k2022);
  PumpRun<OpenPump> run(*this, sender, receiver, shaken.pair.client.take_decoder(), ConstBytes{},
                        shaken.response(counting(400), 150));
  pass(1s);
  EXPECT_EQ(receiver.hear(), counting(400));
}

TEST_F(OpenPumpRun, PassesOnTheFirstPayloadBeforeARestThatDoesNotOpen) {
  Shaken shaken(*this, k2022);
  ByteVector rest = shaken.response(counting(400), 150);
  rest[rest.size() / 2] ^= 1;
  receiver.near().next_write_takes = 10;
  PumpRun<OpenPump> run(*this, sender, receiver, shaken.pair.client.take_decoder(), counting(100), rest);
  pass(1s);
  EXPECT_EQ(run.end, PumpEnd::corrupt);
  EXPECT_EQ(receiver.hear(), counting(100));
}

TEST_F(OpenPumpRun, DeliversNothingOfAChunkThatDoesNotOpen) {
  Shaken clean(*this, k2022);
  const ByteVector wire = clean.response(counting(300), 100);
  for (std::size_t flipped = 0; flipped < wire.size(); flipped += 3) {
    Peer from(network);
    Peer to(network);
    Shaken shaken(*this, k2022);
    PumpRun<OpenPump> run(*this, from, to, shaken.pair.client.take_decoder());
    ByteVector bad = shaken.response(counting(300), 100);
    bad[flipped] ^= 0x40;
    from.say(ConstBytes(bad).first(flipped));
    pass(20ms);
    const std::size_t whole = to.hear().size();
    from.say(ConstBytes(bad).subspan(flipped));
    from.finish();
    pass(1s);
    EXPECT_EQ(run.end, PumpEnd::corrupt) << flipped;
    EXPECT_EQ(to.hear(), counting(whole)) << flipped << ": what had opened before, and no more";
    EXPECT_EQ(whole % 100, 0U);
    EXPECT_FALSE(to.heard_end()) << flipped;
    EXPECT_TRUE(run.session.stopping());
  }
}

TEST_F(OpenPumpRun, TakesNoFinInsideAChunkForAnEnd) {
  Shaken clean(*this, k2022);
  const std::size_t head = clean.response(counting(100), 100).size();
  const std::size_t chunk = clean.response(counting(100), 100).size();
  for (std::size_t length = 0; length <= head + 2 * chunk; ++length) {
    Peer from(network);
    Peer to(network);
    Shaken shaken(*this, k2022);
    PumpRun<OpenPump> run(*this, from, to, shaken.pair.client.take_decoder());
    const ByteVector wire = shaken.response(counting(300), 100);
    from.say(ConstBytes(wire).first(length));
    from.finish();
    pass(100ms);
    const bool boundary = length == 0 || (length >= head && (length - head) % chunk == 0);
    EXPECT_EQ(run.end, boundary ? PumpEnd::finished : PumpEnd::corrupt) << length;
    EXPECT_EQ(to.heard_end(), boundary) << length;
    EXPECT_EQ(to.hear(), counting(length < head ? 0 : 100 + (length - head) / chunk * 100)) << length;
  }
}

TEST_F(OpenPumpRun, TellsAResetInsideAChunkFromCorruption) {
  Shaken shaken(*this, k2022);
  PumpRun<OpenPump> run(*this, sender, receiver, shaken.pair.client.take_decoder());
  const ByteVector wire = shaken.response(counting(300), 100);
  sender.say(ConstBytes(wire).first(wire.size() - 1));
  pass(1s);
  sender.reset();
  pass(1s);
  EXPECT_EQ(run.end, PumpEnd::lost_from);
  EXPECT_EQ(receiver.hear(), counting(200));
}

TEST_F(OpenPumpRun, HoldsAtMost128KiBForAStalledReceiverAndReadsNothingMore) {
  for (const std::size_t chunk : {std::size_t{100}, std::size_t{0x3FFF}, std::size_t{0xFFFF}}) {
    Peer from(network);
    Peer to(network);
    Shaken shaken(*this, k2022);
    PumpRun<OpenPump> run(*this, from, to, shaken.pair.client.take_decoder());
    const ByteVector wire = shaken.response(counting(1024 * kKiB), chunk);
    std::size_t said = 0;
    for (int i = 0; i < 50; ++i, pass(50ms)) {
      said += from.offer(ConstBytes(wire).subspan(said));
      EXPECT_LE(env.held_total.read(), kMaxHeld);
    }
    EXPECT_GT(env.held_total.read(), 0U);
    const std::size_t read = from.near().bytes(Deed::Kind::read);
    pass(10s);
    EXPECT_EQ(from.near().bytes(Deed::Kind::read), read);
    EXPECT_LE(read, kMaxHeld + sim::Link::kCapacity + 4 * kKiB);
    for (int i = 0; i < 200; ++i, pass(20ms)) {
      said += from.offer(ConstBytes(wire).subspan(said));
      to.hear();
    }
    from.finish();
    pass(1s);
    EXPECT_EQ(run.end, PumpEnd::finished);
    EXPECT_EQ(to.hear().size(), 1024 * kKiB);
    EXPECT_TRUE(to.hear() == counting(1024 * kKiB));
  }
}

TEST_F(OpenPumpRun, ReadsMoreAtATimeAsLongAsItFlows) {
  for (const std::size_t chunk : {std::size_t{0x3FFF}, std::size_t{0xFFFF}}) {
    Peer to(network);
    Shaken shaken(*this, k2022);
    sender = Peer(network);
    PumpRun<OpenPump> run(*this, sender, to, shaken.pair.client.take_decoder());
    const ByteVector wire = shaken.response(counting(1024 * kKiB), chunk);
    for (std::size_t said = 0; said < wire.size(); pass(10ms)) {
      said += sender.offer(ConstBytes(wire).subspan(said));
      to.hear();
    }
    EXPECT_EQ(sender.near().deeds.front().bytes, ReadBudget().wire_bytes(false));
    EXPECT_GT(longest_read(), 48 * kKiB) << chunk;
  }
}

/// Takes the first bytes of a response, or all, and ends it as it was told to.
class TakingHead final : public ResponseHead {
 public:
  struct Notes {
    ByteVector taken;
    std::vector<PumpEnd> ends;
    bool gone = false;
  };
  TakingHead(std::size_t length, Notes& notes, UnixSeconds now) : length_(length), notes_(notes), now_(now) {}
  ~TakingHead() override { notes_.gone = true; }

  Verdict at_length = Verdict::pass;
  Verdict at_end = Verdict::pass;

 private:
  [[nodiscard]] UnixSeconds now() const override { return now_; }
  Verdict opened(const protocol::Decoder& /*decoder*/, protocol::Decoder::Payload& payload) override {
    std::size_t left = length_ - notes_.taken.size();
    protocol::Decoder::Payload rest;
    for (const ConstBytes span : payload.view()) {
      const std::size_t taken = std::min(left, span.size());
      notes_.taken.insert(notes_.taken.end(), span.begin(), span.begin() + static_cast<std::ptrdiff_t>(taken));
      left -= taken;
      if (taken == span.size()) continue;
      rest.spans[rest.count++] = span.subspan(taken);
      rest.bytes += span.size() - taken;
    }
    payload = rest;
    return left > 0 ? Verdict::wait : at_length;
  }
  Verdict ended(PumpEnd why) override {
    notes_.ends.push_back(why);
    return at_end;
  }

  std::size_t length_;
  Notes& notes_;
  UnixSeconds now_;
};

class OpenPumpHead : public OpenPumpRun {
 protected:
  std::unique_ptr<TakingHead> head(std::size_t length) {
    return std::make_unique<TakingHead>(length, notes, env.clock.unix_now());
  }

  TakingHead::Notes notes;
  Shaken shaken{*this, k2022};
};

TEST_F(OpenPumpHead, GetsTheBeginningAndTheReceiverTheRest) {
  for (const std::size_t length : {std::size_t{1}, std::size_t{100}, std::size_t{250}, std::size_t{300}}) {
    notes = {};
    Peer from(network);
    Peer to(network);
    Shaken fresh(*this, k2022);
    PumpRun<OpenPump> run(*this, from, to, fresh.pair.client.take_decoder(), head(length));
    from.say(fresh.response(counting(300), 100));
    from.finish();
    pass(1s);
    EXPECT_EQ(run.end, PumpEnd::finished) << length;
    EXPECT_EQ(notes.taken, counting(length));
    EXPECT_EQ(to.hear(), counting(300 - length, length)) << length;
    EXPECT_TRUE(notes.gone) << "costs nothing while the stream goes on";
    EXPECT_TRUE(notes.ends.empty());
  }
}

TEST_F(OpenPumpHead, JudgesTheTimestamp) {
  auto late = std::make_unique<TakingHead>(1, notes, env.clock.unix_now() + 31);
  PumpRun<OpenPump> run(*this, sender, receiver, shaken.pair.client.take_decoder(), std::move(late));
  sender.say(shaken.response(counting(10), 10));
  pass(1s);
  EXPECT_EQ(run.end, PumpEnd::corrupt);
  EXPECT_EQ(notes.ends, std::vector<PumpEnd>{PumpEnd::corrupt});
}

TEST_F(OpenPumpHead, EndsTheReceiversStreamWithAFinWhereItHasBeenTold) {
  auto telling = head(10);
  telling->at_length = ResponseHead::Verdict::finish;
  PumpRun<OpenPump> run(*this, sender, receiver, shaken.pair.client.take_decoder(), std::move(telling));
  sender.say(shaken.response(counting(100), 100));
  pass(1s);
  EXPECT_EQ(run.end, PumpEnd::finished);
  EXPECT_TRUE(receiver.heard_end());
  EXPECT_TRUE(receiver.hear().empty());
  EXPECT_FALSE(notes.gone) << "it may have an eye on the receiver still";
  EXPECT_FALSE(run.session.stopping());
}

TEST_F(OpenPumpHead, EndsAsAResetWhereTheReceiverCannotBeTold) {
  auto failing = head(10);
  failing->at_length = ResponseHead::Verdict::fail;
  PumpRun<OpenPump> run(*this, sender, receiver, shaken.pair.client.take_decoder(), std::move(failing));
  sender.say(shaken.response(counting(100), 100));
  pass(1s);
  EXPECT_EQ(run.end, PumpEnd::lost_from);
  EXPECT_FALSE(receiver.heard_end());
  EXPECT_TRUE(run.session.stopping());
}

TEST_F(OpenPumpHead, SaysWhatAnEndWithoutAResponseComesTo) {
  using Verdict = ResponseHead::Verdict;
  const struct {
    bool reset;
    Verdict verdict;
    PumpEnd end;
    bool fin;
  } cases[] = {{false, Verdict::pass, PumpEnd::finished, true},   {false, Verdict::finish, PumpEnd::finished, true},
               {false, Verdict::fail, PumpEnd::lost_from, false}, {true, Verdict::pass, PumpEnd::lost_from, false},
               {true, Verdict::finish, PumpEnd::finished, true},  {true, Verdict::fail, PumpEnd::lost_from, false}};
  for (const auto& each : cases) {
    notes = {};
    Peer from(network);
    Peer to(network);
    Shaken fresh(*this, k2022);
    auto judging = head(10);
    judging->at_end = each.verdict;
    PumpRun<OpenPump> run(*this, from, to, fresh.pair.client.take_decoder(), std::move(judging));
    if (each.reset) {
      from.reset();
    } else {
      from.finish();
    }
    pass(1s);
    EXPECT_EQ(run.end, each.end);
    EXPECT_EQ(to.heard_end(), each.fin);
    EXPECT_EQ(notes.ends.size(), 1U);
  }
}

}  // namespace
}  // namespace ss::relay::test
