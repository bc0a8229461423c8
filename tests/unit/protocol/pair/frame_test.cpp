#include "ss/protocol/pair/frame.hpp"

#include <gtest/gtest.h>

#include "unit/protocol/stream_support.hpp"

namespace ss::protocol::pair {
namespace {

using namespace ss::protocol::testing;
using socks5::Reply;

struct Known {
  std::string name;
  Frame frame;
  std::size_t padding = 0;
  ByteVector bytes;
};

std::vector<Known> known_frames() {
  std::vector<Known> all;
  const nlohmann::json file = vectors("pair.json");
  for (const auto& each : file["frames"]) {
    const TargetAddress bound = target(each["bound"]);
    all.push_back({each["name"],
                   {static_cast<Reply>(each["reply"].get<int>()), each["dialling"], {bound.ip(), bound.port()}},
                   each["padding"],
                   of_hex(each["bytes"])});
  }
  return all;
}

void expect_same(const Frame& one, const Frame& other) {
  EXPECT_EQ(one.reply, other.reply);
  EXPECT_EQ(one.dialling, other.dialling);
  EXPECT_EQ(one.bound, other.bound);
}

/// A frame without padding, to 1.2.3.4:5.
ByteVector plain_frame(std::uint8_t reply, std::uint8_t flags) {
  return {reply, flags, 1, 1, 2, 3, 4, 0, 5, 0, 0};
}

TEST(FramePut, MatchesTheVectors) {
  for (const Known& known : known_frames()) {
    ScriptedEntropy entropy;
    entropy.then_uniform(0, kMaxFramePadding, static_cast<std::uint32_t>(known.padding));
    entropy.then(ConstBytes(known.bytes).last(known.padding));
    ByteVector out(kMaxFrame);
    out.resize(put_frame(known.frame, entropy, out));
    EXPECT_EQ(out, known.bytes) << known.name;
  }
}

TEST(FramePut, VariesInLengthUpToTheMost) {
  ScriptedEntropy entropy;
  std::set<std::size_t> lengths;
  ByteVector out(kMaxFrame);
  for (int i = 0; i < 5000; ++i) lengths.insert(put_frame({}, entropy, out));
  EXPECT_EQ(*lengths.begin(), 11U);
  EXPECT_EQ(*lengths.rbegin(), 11U + kMaxFramePadding);
  EXPECT_GT(lengths.size(), 250U);
}

TEST(FrameParse, TakesTheVectorsAndNothingBehindThem) {
  for (const Known& known : known_frames()) {
    const Parsed<ParsedFrame> parsed = parse_frame(joined(known.bytes, pattern(40)));
    ASSERT_TRUE(parsed.ready()) << known.name;
    expect_same(parsed.value().frame, known.frame);
    EXPECT_EQ(parsed.value().length, known.bytes.size());
    EXPECT_LE(known.bytes.size(), kMaxFrame);
  }
}

TEST(FrameParse, NeedsMoreOfEveryTruncation) {
  for (const Known& known : known_frames()) {
    for (std::size_t size = 0; size < known.bytes.size(); ++size) {
      const Parsed<ParsedFrame> parsed = parse_frame(ConstBytes(known.bytes).first(size));
      ASSERT_TRUE(parsed.needs_more()) << known.name << " " << size;
      EXPECT_GE(parsed.need(), 1U);
      EXPECT_LE(size + parsed.need(), known.bytes.size()) << known.name << " " << size;
    }
  }
}

TEST(FrameParse, TakesEveryReplyAndNoOther) {
  for (unsigned reply = 0; reply < 256; ++reply) {
    const ByteVector bytes = plain_frame(static_cast<std::uint8_t>(reply), 0);
    const Parsed<ParsedFrame> whole = parse_frame(bytes);
    const Parsed<ParsedFrame> first = parse_frame(ConstBytes(bytes).first(1));
    if (reply <= 8) {
      ASSERT_TRUE(whole.ready());
      EXPECT_EQ(static_cast<unsigned>(whole.value().frame.reply), reply);
      EXPECT_TRUE(first.needs_more());
    } else {
      ASSERT_TRUE(whole.failed() && first.failed());
      EXPECT_EQ(whole.error(), Errc::bad_frame);
      EXPECT_EQ(first.error(), Errc::bad_frame);
    }
  }
}

TEST(FrameParse, RefusesUnknownFlags) {
  for (unsigned flags = 0; flags < 256; ++flags) {
    const Parsed<ParsedFrame> parsed = parse_frame(plain_frame(0, static_cast<std::uint8_t>(flags)));
    EXPECT_EQ(parsed.ready(), flags <= 1) << flags;
    if (parsed.ready()) {
      EXPECT_EQ(parsed.value().frame.dialling, flags == 1);
    } else {
      EXPECT_EQ(parsed.error(), Errc::bad_frame);
    }
  }
}

TEST(FrameParse, RefusesNamesAndUnknownTypesAtTheirType) {
  for (unsigned type = 0; type < 256; ++type) {
    const ByteVector bytes = {0, 0, static_cast<std::uint8_t>(type)};
    const Parsed<ParsedFrame> parsed = parse_frame(bytes);
    if (type == 1 || type == 4) {
      EXPECT_TRUE(parsed.needs_more());
    } else {
      ASSERT_TRUE(parsed.failed()) << type;
      EXPECT_EQ(parsed.error(), Errc::bad_address_type);
    }
  }
  EXPECT_EQ(parse_frame(ByteVector{0, 0, 3, 0}).error(), Errc::bad_address_type);
}

TEST(FrameParse, RefusesPaddingAboveTheMost) {
  ByteVector bytes = plain_frame(0, 0);
  for (const unsigned padding : {256U, 511U, 512U, 65535U}) {
    put_u16be(bytes.data() + 9, static_cast<std::uint16_t>(padding));
    const Parsed<ParsedFrame> parsed = parse_frame(bytes);
    ASSERT_TRUE(parsed.failed());
    EXPECT_EQ(parsed.error(), Errc::bad_padding);
  }
  put_u16be(bytes.data() + 9, 255);
  EXPECT_EQ(parse_frame(bytes).need(), 255U);
}

}  // namespace
}  // namespace ss::protocol::pair
