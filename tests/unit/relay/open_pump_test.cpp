#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "ss/relay/pump.hpp"
#include "unit/relay/pump_fixture.hpp"

namespace ss::relay::test {
namespace {

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
