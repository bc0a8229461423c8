#include "ss/protocol/server_handshake.hpp"

#include <gtest/gtest.h>

#include "ss/protocol/header2022.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;
using cipher::kTagLength;

const TargetAddress kTarget = target("127.0.0.1:18080");
const ByteVector kAddress = of_hex(std::string("017f00000146a0"));

const PairConfig kPlain{"", "none", "", "", {}, 0};
const PairConfig k2017{"", "aes-128-gcm", "barfoo!", "barfoo!", {}, 0};
const PairConfig k2017Users{"", "aes-128-gcm", "three", "server", {"one", "two", "three"}, 2};
const std::string kPsk = cipher::base64(pattern(16));
const std::string kUser = cipher::base64(pattern(16, 1));
const PairConfig k2022{"", "2022-blake3-aes-128-gcm", kPsk, kPsk, {}, 0};
const PairConfig k2022Users{"", "2022-blake3-aes-128-gcm", kPsk + ":" + kUser, kPsk, {kUser}, 0};

/// A stream sealed by hand, so that its plaintext can be wrong.
class Forger {
 public:
  explicit Forger(const PairConfig& config, std::uint8_t salt = 0) : method_(method(config.method)) {
    wire = pattern(method_.salt_length(), salt);
    const auto credentials = client_credentials(config);
    key_.emplace(RecordKey::derive(method_, credentials.key(), keys_, wire));
  }
  Forger& record(ConstBytes text) {
    const std::size_t at = wire.size();
    wire.insert(wire.end(), text.begin(), text.end());
    wire.resize(wire.size() + kTagLength);
    key_->seal(Bytes(wire).subspan(at, text.size()), Bytes(wire).last(kTagLength));
    return *this;
  }
  Forger& chunk(ConstBytes text) {
    return record(ByteVector{static_cast<std::uint8_t>(text.size() >> 8), static_cast<std::uint8_t>(text.size())})
        .record(text);
  }
  Forger& headers(ConstBytes variable, UnixSeconds timestamp = kNow, std::uint8_t type = 0) {
    ByteVector fixed(FixedHeader::kLength);
    put_fixed_header({timestamp, static_cast<std::uint16_t>(variable.size())}, fixed);
    fixed[0] = type;
    return record(fixed).record(variable);
  }

  ByteVector wire;

 private:
  const cipher::Method& method_;
  cipher::KeyCache keys_{2};
  std::optional<RecordKey> key_;
};

ByteVector good_variable() {
  return joined(kAddress, of_hex(std::string("00010061")));
}

Errc refusal(const PairConfig& config, ConstBytes wire, SaltsSeen& salts) {
  Pair pair(config);
  const auto outcome = pair.server.feed(wire, kNow, MonoTime{}, salts);
  EXPECT_TRUE(outcome.failed());
  return outcome.failed() ? outcome.error() : Errc::too_long;
}
Errc refusal(const PairConfig& config, ConstBytes wire) {
  SaltsSeen salts;
  return refusal(config, wire, salts);
}

TEST(ServerHandshakeOf2022, WantsSaltAndFixedHeaderInTheFirstRead) {
  for (const PairConfig& config : {k2022, k2022Users}) {
    const std::size_t head = 16U + (config.users.empty() ? 0 : 16) + 27;
    for (std::size_t cut = 1; cut <= head; ++cut) {
      Pair pair(config);
      const ByteVector flight = pair.first_flight(kTarget, pattern(50));
      const auto outcome = pair.feed(ConstBytes(flight).first(cut));
      if (cut < head) {
        ASSERT_TRUE(outcome.failed()) << cut;
        EXPECT_EQ(outcome.error(), Errc::short_first_read);
        EXPECT_EQ(pair.salts.size(), 0U);
      } else {
        ASSERT_TRUE(outcome.needs_more());
        EXPECT_EQ(outcome.need(), flight.size() - head);
      }
    }
  }
}

TEST(ServerHandshakeOf2022, TakesTheRestInAnyPieces) {
  const std::size_t head = 16 + 27;
  for (std::size_t cut = head; cut < 200; ++cut) {
    Pair pair(k2022);
    const ByteVector flight = pair.first_flight(kTarget, pattern(950));
    ASSERT_TRUE(pair.feed(ConstBytes(flight).first(cut)).needs_more());
    const auto outcome = pair.feed(ConstBytes(flight).subspan(cut));
    ASSERT_TRUE(outcome.ready());
    EXPECT_EQ(outcome.value().payload.size(), 950U);
    EXPECT_TRUE(outcome.value().rest.empty());
  }
}

TEST(ServerHandshakeOf2022, HandsOnWhatLiesBehindTheFlight) {
  Pair pair(k2022);
  const ByteVector flight = pair.first_flight(kTarget, pattern(950));
  const auto outcome = pair.feed(joined(flight, pattern(77)));
  ASSERT_TRUE(outcome.ready());
  EXPECT_EQ(ByteVector(outcome.value().rest.begin(), outcome.value().rest.end()), pattern(77));
}

TEST(ServerHandshakeOf2022, JudgesTheClock) {
  for (const UnixSeconds stamp : {kNow - 30, kNow - 29, kNow, kNow + 29, kNow + 30}) {
    Pair pair(k2022);
    EXPECT_TRUE(pair.feed(Forger(k2022).headers(good_variable(), stamp).wire).ready());
    EXPECT_EQ(pair.server.clock_offset(), clock_offset(stamp, kNow));
  }
  for (const UnixSeconds stamp : {kNow - 31, kNow + 31, UnixSeconds{1} << 63, ~UnixSeconds{0}}) {
    Pair pair(k2022);
    const auto outcome = pair.feed(Forger(k2022).headers(good_variable(), stamp).wire);
    ASSERT_TRUE(outcome.failed());
    EXPECT_EQ(outcome.error(), Errc::bad_timestamp);
    EXPECT_EQ(pair.server.clock_offset(), clock_offset(stamp, kNow));
    EXPECT_EQ(pair.salts.size(), 0U);
  }
}

TEST(ServerHandshakeOf2022, RefusesOtherHeaderTypes) {
  EXPECT_EQ(refusal(k2022, Forger(k2022).headers(good_variable(), kNow, 1).wire), Errc::bad_header_type);
  EXPECT_EQ(refusal(k2022, Forger(k2022).headers(good_variable(), kNow, 2).wire), Errc::bad_header_type);
}

TEST(ServerHandshakeOf2022, RefusesHeadersThatDoNotFitTheirChunk) {
  const auto with = [](const std::string& hex) { return Forger(k2022).headers(of_hex(hex)).wire; };
  EXPECT_EQ(refusal(k2022, with("")), Errc::truncated);
  EXPECT_EQ(refusal(k2022, with("017f000001")), Errc::truncated);
  EXPECT_EQ(refusal(k2022, with("017f00000146a0")), Errc::bad_padding);
  EXPECT_EQ(refusal(k2022, with("017f00000146a00000")), Errc::bad_padding);
  EXPECT_EQ(refusal(k2022, with("017f00000146a0000261")), Errc::bad_padding);
  EXPECT_EQ(refusal(k2022, with("027f00000146a0000161")), Errc::bad_address_type);
  EXPECT_EQ(refusal(k2022, with("03000050000161")), Errc::bad_domain);
  EXPECT_EQ(refusal(k2022, with("017f0000010000000161")), Errc::bad_port);
}

TEST(ServerHandshakeOf2022, DoesNotReadOnIntoLaterChunksForAnAddress) {
  Forger forger(k2022);
  forger.headers(ConstBytes(kAddress).first(4)).chunk(ConstBytes(good_variable()).subspan(4));
  EXPECT_EQ(refusal(k2022, forger.wire), Errc::truncated);
}

TEST(ServerHandshakeOf2022, PutsTheSaltInOnceTheFixedHeaderIsGenuine) {
  Pair pair(k2022);
  const ByteVector flight = pair.first_flight(kTarget, pattern(50));
  ASSERT_TRUE(pair.feed(ConstBytes(flight).first(16 + 27)).needs_more());
  EXPECT_EQ(pair.salts.size(), 1U);
  EXPECT_EQ(refusal(k2022, flight, pair.salts), Errc::repeated_salt);
  EXPECT_TRUE(pair.feed(ConstBytes(flight).subspan(16 + 27)).ready());
}

TEST(ServerHandshakeOf2022, ServesTheTrueStreamAfterForgedBeginningsWithItsSalt) {
  Pair pair(k2022);
  const ByteVector flight = pair.first_flight(kTarget, pattern(50));
  for (std::size_t cut = 1; cut < 16 + 27; ++cut) refusal(k2022, ConstBytes(flight).first(cut), pair.salts);
  for (std::size_t i = 16; i < 16 + 27; ++i) {
    ByteVector bent = flight;
    bent[i] ^= 1;
    EXPECT_EQ(refusal(k2022, bent, pair.salts), Errc::auth_failed);
  }
  EXPECT_EQ(pair.salts.size(), 0U);
  EXPECT_TRUE(pair.feed(flight).ready());
}

TEST(ServerHandshakeOf2022, ServesUsersOnly) {
  EXPECT_EQ(refusal(k2022Users, Pair(k2022).first_flight(kTarget, pattern(50))), Errc::unknown_user);
  PairConfig stranger = k2022Users;
  stranger.client = kPsk + ":" + cipher::base64(pattern(16, 9));
  EXPECT_EQ(refusal(k2022Users, Pair(stranger).first_flight(kTarget, pattern(50))), Errc::unknown_user);
}

TEST(ServerHandshakeOfSip004, AsksForTheMissingBytesAtEveryCut) {
  for (const PairConfig& config : {k2017, k2017Users}) {
    Pair whole(config);
    const ByteVector flight = whole.first_flight(kTarget, pattern(20));
    for (std::size_t cut = 0; cut < flight.size(); ++cut) {
      Pair pair(config);
      const auto outcome = pair.feed(ConstBytes(flight).first(cut));
      ASSERT_TRUE(outcome.needs_more()) << cut;
      EXPECT_LE(outcome.need(), flight.size() - cut);
      EXPECT_EQ(pair.salts.size(), 0U);
      EXPECT_TRUE(pair.feed(ConstBytes(flight).subspan(cut)).ready()) << cut;
      EXPECT_EQ(pair.salts.size(), 1U);
    }
  }
}

TEST(ServerHandshakeOfSip004, JoinsAnAddressThatIsSplitOverChunks) {
  const ByteVector plain = joined(kAddress, pattern(10));
  for (std::size_t first = 1; first <= plain.size(); ++first) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}}) {
      Forger forger(k2017);
      forger.chunk(ConstBytes(plain).first(first));
      for (std::size_t i = first; i < plain.size(); ++i) forger.chunk(ConstBytes(plain).subspan(i, 1));
      Pair pair(k2017);
      std::optional<Parsed<Request>> outcome;
      std::size_t fed = 0;
      while (!outcome || outcome->needs_more()) {
        const ConstBytes rest = ConstBytes(forger.wire).subspan(fed);
        ASSERT_FALSE(rest.empty());
        const std::size_t n = std::min(step, rest.size());
        outcome.emplace(pair.feed(rest.first(n)));
        fed += n;
      }
      ASSERT_TRUE(outcome->ready()) << first;
      EXPECT_EQ(outcome->value().target, kTarget);
      ByteVector got(outcome->value().payload.begin(), outcome->value().payload.end());
      Opening opening(pair.server.take_decoder());
      ASSERT_TRUE(opening.feed(outcome->value().rest));
      ASSERT_TRUE(opening.feed(ConstBytes(forger.wire).subspan(fed)));
      EXPECT_EQ(joined(got, opening.payload), pattern(10));
    }
  }
}

TEST(ServerHandshakeOfSip004, BoundsEmptyChunksBeforeTheAddress) {
  Forger few(k2017);
  for (int i = 0; i < 16; ++i) few.chunk({});
  Pair pair(k2017);
  EXPECT_TRUE(pair.feed(few.chunk(kAddress).wire).ready());
  Forger many(k2017);
  for (int i = 0; i < 17; ++i) many.chunk({});
  EXPECT_EQ(refusal(k2017, many.wire), Errc::zero_chunk);
}

TEST(ServerHandshakeOfSip004, PutsTheSaltInOnlyWithTheFirstChunk) {
  Pair pair(k2017);
  ByteVector flight = pair.first_flight(kTarget, pattern(20));
  flight.back() ^= 1;
  EXPECT_EQ(refusal(k2017, flight, pair.salts), Errc::auth_failed);
  EXPECT_EQ(pair.salts.size(), 0U);
  flight.back() ^= 1;
  EXPECT_TRUE(pair.feed(flight).ready());
  EXPECT_EQ(refusal(k2017, flight, pair.salts), Errc::repeated_salt);
}

TEST(ServerHandshakeOfSip004, RefusesBadAddressesAndLengths) {
  EXPECT_EQ(refusal(k2017, Forger(k2017).chunk(of_hex(std::string("11"))).wire), Errc::bad_address_type);
  EXPECT_EQ(refusal(k2017, Forger(k2017).chunk(of_hex(std::string("0300"))).wire), Errc::bad_domain);
  EXPECT_EQ(refusal(k2017, Forger(k2017).chunk(of_hex(std::string("017f0000010000"))).wire), Errc::bad_port);
  EXPECT_EQ(refusal(k2017, Forger(k2017).record(of_hex(std::string("4000"))).wire), Errc::chunk_too_long);
}

TEST(ServerHandshakeOfSip004, FindsTheUserByTrying) {
  for (std::size_t user = 0; user < k2017Users.users.size(); ++user) {
    PairConfig config = k2017Users;
    config.client = config.users[user];
    Pair pair(config);
    const auto outcome = pair.feed(pair.first_flight(kTarget, pattern(20)));
    ASSERT_TRUE(outcome.ready());
    EXPECT_EQ(outcome.value().user, user);
  }
  PairConfig server_key_alone = k2017Users;
  server_key_alone.client = server_key_alone.server;
  EXPECT_EQ(refusal(k2017Users, Pair(server_key_alone).first_flight(kTarget, {})), Errc::unknown_user);
}

TEST(ServerHandshakeOfSip004, RemembersItsOwnSaltSoThatAReflectedStreamIsRefused) {
  Pair pair(k2017);
  ASSERT_TRUE(pair.feed(pair.first_flight(kTarget, pattern(20))).ready());
  Encoder encoder = pair.server.take_encoder(pair.entropy, MonoTime{}, pair.salts, false);
  // A target that sends what looks like an address would turn its answer into a request.
  const ByteVector answer = *seal_all(encoder, joined(kAddress, pattern(5)), 1000);
  EXPECT_EQ(refusal(k2017, answer, pair.salts), Errc::repeated_salt);
}

TEST(ServerHandshakeOfPlain, ReadsTheAddressAndNothingElse) {
  Pair pair(kPlain);
  const ByteVector flight = pair.first_flight(kTarget, pattern(20));
  for (std::size_t i = 0; i + 1 < kAddress.size(); ++i) {
    ASSERT_TRUE(pair.feed(ConstBytes(flight).subspan(i, 1)).needs_more());
  }
  const auto outcome = pair.feed(ConstBytes(flight).subspan(kAddress.size() - 1));
  ASSERT_TRUE(outcome.ready());
  EXPECT_EQ(outcome.value().payload.size(), 20U);
  EXPECT_EQ(pair.salts.size(), 0U);
  EXPECT_EQ(refusal(kPlain, of_hex(std::string("05"))), Errc::bad_address_type);
  EXPECT_EQ(refusal(kPlain, of_hex(std::string("017f0000010000"))), Errc::bad_port);
}

TEST(ServerHandshakeFeed, FailsTheSameWayForEver) {
  for (const PairConfig& config : {k2017, k2017Users, k2022, k2022Users}) {
    Pair pair(config);
    const ByteVector flight = pair.first_flight(kTarget, pattern(950));
    const auto first = pair.feed(ByteVector(200, 0x55));
    ASSERT_TRUE(first.failed());
    for (int i = 0; i < 3; ++i) {
      const auto again = pair.feed(flight);
      ASSERT_TRUE(again.failed());
      EXPECT_EQ(again.error(), first.error());
    }
    EXPECT_EQ(pair.salts.size(), 0U);
  }
}

}  // namespace
}  // namespace ss::protocol
