#include "ss/protocol/uot.hpp"

#include <gtest/gtest.h>

#include "ss/protocol/packet.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::protocol::uot {
namespace {

using namespace ss::protocol::testing;

const nlohmann::json& file() {
  static const nlohmann::json all = vectors("uot.json");
  return all;
}

struct Datagram {
  std::optional<TargetAddress> address;
  std::string payload;
  friend bool operator==(const Datagram&, const Datagram&) = default;
};

const std::vector<Datagram> kAddressed{
    {target("127.0.0.1:18080"), "one"}, {target("[::1]:18080"), "three"}, {target("localhost:18080"), ""}};
const std::vector<Datagram> kConnected{{std::nullopt, "one"}, {std::nullopt, "three"}};

/// Feeds `stream` in pieces of `step` bytes as a relay would, reading no more than it was asked for at least.
std::vector<Datagram> parse_all(ConstBytes stream, Framing framing, std::size_t step) {
  std::vector<Datagram> datagrams;
  ByteVector buffer;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    const ConstBytes piece = stream.subspan(at, std::min(step, stream.size() - at));
    buffer.insert(buffer.end(), piece.begin(), piece.end());
    for (;;) {
      const auto frame = parse_frame(buffer, framing);
      if (!frame.ready()) break;
      EXPECT_TRUE(frame.value().sendable);
      datagrams.push_back({frame.value().address, std::string(text_of(frame.value().payload))});
      buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(frame.value().length));
    }
  }
  EXPECT_TRUE(buffer.empty());
  return datagrams;
}

ByteVector put_all(const std::vector<Datagram>& datagrams) {
  ByteVector stream;
  for (const Datagram& each : datagrams) {
    ByteVector header(kMaxFrameHeader);
    header.resize(each.address ? put_frame_header(*each.address, each.payload.size(), header)
                               : put_frame_header(each.payload.size(), header));
    stream = joined(joined(stream, header), bytes_of(each.payload));
  }
  return stream;
}

ByteVector put(Framing framing, const TargetAddress& address) {
  ByteVector out(kMaxRequest);
  out.resize(put_request(framing, address, out));
  return out;
}

ByteVector frame_of(std::size_t payload, Framing framing = Framing::connected) {
  ByteVector header(kMaxFrameHeader);
  header.resize(framing == Framing::connected ? put_frame_header(payload, header)
                                              : put_frame_header(target("1.2.3.4:53"), payload, header));
  return joined(header, pattern(payload));
}

template <class Message>
void expect_failed_from(const Message& parse, const ByteVector& bytes, std::size_t decided, Errc error) {
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const auto parsed = parse(ConstBytes(bytes).first(cut));
    ASSERT_EQ(parsed.failed(), cut >= decided) << "cut at " << cut;
    if (parsed.failed()) {
      EXPECT_EQ(parsed.error(), error);
    }
  }
}

const auto kParseAddressed = [](ConstBytes bytes) { return parse_frame(bytes, Framing::addressed); };

TEST(UotVersionOf, KnowsTheTwoNamesAlone) {
  EXPECT_EQ(kMagicV1, file()["magic"]["v1"].get<std::string>());
  EXPECT_EQ(kMagicV2, file()["magic"]["v2"].get<std::string>());
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{0, 1, 65535}) {
    EXPECT_EQ(version_of(*TargetAddress::make(kMagicV1, port)), Version::v1);
    EXPECT_EQ(version_of(*TargetAddress::make(kMagicV2, port)), Version::v2);
  }
  for (const std::string host : {"SP.udp-over-tcp.arpa", "sp.v2.udp-over-tcp.arpa.", "udp-over-tcp.arpa", "x", "::1",
                                 "sp.v3.udp-over-tcp.arpa", "sp.udp-over-tcp.arp"}) {
    EXPECT_EQ(version_of(*TargetAddress::make(host, 0)), std::nullopt) << host;
  }
}

TEST(UotMagicTarget, IsWrittenAsInTheVectors) {
  for (const auto& [version, name] : {std::pair{Version::v1, "v1"}, {Version::v2, "v2"}}) {
    const TargetAddress address = magic_target(version);
    ByteVector out(address_length(address));
    put_address(address, out);
    EXPECT_EQ(out, of_hex(file()["magic_address"][name]));
    EXPECT_EQ(version_of(address), version);
  }
}

TEST(UotParseRequest, AgreesWithTheVectors) {
  const auto expect = [](const char* name, Framing framing, const TargetAddress& address) {
    const ByteVector bytes = of_hex(file()[name]["request"]);
    const auto parsed = parse_request(bytes);
    ASSERT_TRUE(parsed.ready()) << name;
    EXPECT_EQ(parsed.value().framing, framing);
    EXPECT_EQ(parsed.value().address, address);
    EXPECT_EQ(parsed.value().length, bytes.size());
    EXPECT_EQ(put(framing, address), bytes);
  };
  expect("v2_connect", Framing::connected, target("127.0.0.1:18080"));
  expect("v2_connect_domain", Framing::connected, target("localhost:18080"));
  expect("v2_nonconnect", Framing::addressed, target("127.0.0.1:18080"));
}

TEST(UotParseRequest, AsksForMoreAtEverySplit) {
  for (const std::string address : {"1.2.3.4:53", "[::1]:53", "example.com:53"}) {
    const ByteVector whole = put(Framing::connected, target(address));
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      const auto parsed = parse_request(ConstBytes(whole).first(cut));
      ASSERT_TRUE(parsed.needs_more()) << cut;
      EXPECT_GE(parsed.need(), 1U);
      EXPECT_LE(parsed.need(), whole.size() - cut);
    }
    const auto parsed = parse_request(joined(whole, pattern(300)));
    ASSERT_TRUE(parsed.ready());
    EXPECT_EQ(parsed.value().length, whole.size());
  }
  EXPECT_EQ(put(Framing::connected, *TargetAddress::make(std::string(255, 'x'), 1)).size(), kMaxRequest);
}

TEST(UotParseRequest, TakesEveryFlagButZeroForConnect) {
  for (unsigned flag = 0; flag < 256; ++flag) {
    const auto parsed = parse_request(ByteVector{static_cast<std::uint8_t>(flag), 1, 1, 2, 3, 4, 0, 53});
    ASSERT_TRUE(parsed.ready());
    EXPECT_EQ(parsed.value().framing, flag == 0 ? Framing::addressed : Framing::connected);
  }
}

TEST(UotParseRequest, RefusesAddressesInTheFormOfFrames) {
  for (unsigned type = 0; type < 256; ++type) {
    if (type == 1 || type == 3 || type == 4) continue;
    const ByteVector bytes{1, static_cast<std::uint8_t>(type), 1, 2, 3, 4, 0, 53};
    expect_failed_from(parse_request, bytes, 2, Errc::bad_address_type);
  }
  expect_failed_from(parse_request, {0, 3, 0, 0, 53}, 3, Errc::bad_domain);
}

TEST(UotParseRequest, RefusesPortZeroOfConnectAlone) {
  expect_failed_from(parse_request, {1, 1, 1, 2, 3, 4, 0, 0}, 8, Errc::bad_port);
  EXPECT_TRUE(parse_request(ByteVector{0, 1, 0, 0, 0, 0, 0, 0}).ready());
}

TEST(UotParseFrame, AgreesWithTheVectorsInEveryStep) {
  const ByteVector v1 = of_hex(file()["v1_stream"]);
  const ByteVector connect = of_hex(file()["v2_connect"]["stream"]);
  const ByteVector nonconnect = of_hex(file()["v2_nonconnect"]["stream"]);
  const std::size_t request = 8;
  for (std::size_t step = 1; step <= nonconnect.size(); ++step) {
    SCOPED_TRACE(step);
    EXPECT_EQ(parse_all(v1, Framing::addressed, step), kAddressed);
    EXPECT_EQ(parse_all(ConstBytes(nonconnect).subspan(request), Framing::addressed, step), kAddressed);
    EXPECT_EQ(parse_all(ConstBytes(connect).subspan(request), Framing::connected, step), kConnected);
  }
}

TEST(UotParseFrame, AgreesWithTheVectorsOfReplies) {
  EXPECT_EQ(parse_all(of_hex(file()["reply_v1_or_nonconnect"]), Framing::addressed, 1),
            (std::vector<Datagram>{{target("127.0.0.1:18080"), "pong"}}));
  EXPECT_EQ(parse_all(of_hex(file()["reply_v2_connect"]), Framing::connected, 1),
            (std::vector<Datagram>{{std::nullopt, "pong"}}));
}

TEST(UotPutFrameHeader, WritesTheVectors) {
  EXPECT_EQ(put_all(kAddressed), of_hex(file()["v1_stream"]));
  EXPECT_EQ(joined(of_hex(file()["v2_connect"]["request"]), put_all(kConnected)),
            of_hex(file()["v2_connect"]["stream"]));
}

TEST(UotParseFrame, AsksForMoreAtEverySplit) {
  for (const auto& [address, payload] : {std::pair{"1.2.3.4:53", "payload"},
                                         {"[::1]:53", "payload"},
                                         {"example.com:53", "payload"},
                                         {"1.2.3.4:53", ""},
                                         {"a:53", ""}}) {
    const ByteVector whole = put_all({{target(address), payload}});
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      const auto parsed = parse_frame(ConstBytes(whole).first(cut), Framing::addressed);
      ASSERT_TRUE(parsed.needs_more()) << cut;
      EXPECT_GE(parsed.need(), 1U);
      EXPECT_LE(parsed.need(), whole.size() - cut);
    }
    const auto parsed = parse_frame(joined(whole, pattern(300)), Framing::addressed);
    ASSERT_TRUE(parsed.ready());
    EXPECT_EQ(parsed.value().length, whole.size());
  }
  EXPECT_EQ(parse_frame({}, Framing::connected).need(), 2U);
}

TEST(UotParseFrame, TakesEveryLengthAndFlagsThoseThatUdpDoesNot) {
  for (const Framing framing : {Framing::connected, Framing::addressed}) {
    const ByteVector bytes = joined(frame_of(0xFFFF, framing), ByteVector{0xEE});
    const std::size_t header = bytes.size() - 1 - 0xFFFF;
    ByteVector shown = bytes;
    for (std::size_t size = 0; size <= 0xFFFF; ++size) {
      put_u16be(shown.data() + header - 2, static_cast<std::uint16_t>(size));
      const auto parsed = parse_frame(shown, framing);
      ASSERT_TRUE(parsed.ready()) << size;
      ASSERT_EQ(parsed.value().length, header + size);
      ASSERT_EQ(parsed.value().payload.data(), shown.data() + header);
      ASSERT_EQ(parsed.value().payload.size(), size);
      ASSERT_EQ(parsed.value().sendable, size <= 65'507);
      const auto cut = parse_frame(ConstBytes(shown).first(header + size - (size == 0 ? 1 : size)), framing);
      ASSERT_TRUE(cut.needs_more());
      ASSERT_EQ(cut.need(), size == 0 ? 1 : size);
    }
  }
}

TEST(UotParseFrame, GoesOnBehindWhatCannotBeSent) {
  ByteVector stream = frame_of(0xFFFF, Framing::addressed);
  const std::size_t first = stream.size();
  stream = joined(stream, put_all(kAddressed));
  const auto parsed = parse_frame(stream, Framing::addressed);
  ASSERT_TRUE(parsed.ready());
  EXPECT_FALSE(parsed.value().sendable);
  ASSERT_EQ(parsed.value().length, first);
  EXPECT_EQ(parse_all(ConstBytes(stream).subspan(first), Framing::addressed, 7), kAddressed);
}

TEST(UotParseFrame, FlagsPortZero) {
  const auto parsed = parse_frame(put_all({{target("1.2.3.4:0"), "x"}}), Framing::addressed);
  ASSERT_TRUE(parsed.ready());
  EXPECT_FALSE(parsed.value().sendable);
  EXPECT_EQ(parsed.value().length, 10U);
}

TEST(UotParseFrame, NeverNeedsMoreThanItsMaximum) {
  EXPECT_EQ(kMaxFrame, 259U + 2U + 65'535U);
  ByteVector whole(kMaxFrameHeader);
  whole.resize(put_frame_header(*TargetAddress::make(std::string(255, 'x'), 1), 0xFFFF, whole));
  EXPECT_EQ(whole.size(), kMaxFrameHeader);
  const auto parsed = parse_frame(whole, Framing::addressed);
  ASSERT_TRUE(parsed.needs_more());
  EXPECT_EQ(whole.size() + parsed.need(), kMaxFrame);
}

TEST(UotParseFrame, RefusesEveryOtherTypeAtItsFirstByte) {
  for (unsigned type = 3; type < 256; ++type) {
    const ByteVector bytes{static_cast<std::uint8_t>(type), 1, 2, 3, 4, 0, 53, 0, 0};
    expect_failed_from(kParseAddressed, bytes, 1, Errc::bad_address_type);
  }
}

TEST(UotParseFrame, RefusesBadNames) {
  expect_failed_from(kParseAddressed, {2, 0, 0, 53, 0, 0}, 2, Errc::bad_domain);
  expect_failed_from(kParseAddressed, {2, 2, 'a', 0, 0, 53, 0, 0}, 4, Errc::bad_domain);
}

TEST(UotParseFrame, TurnsNamesThatSpellAnAddressIntoIt) {
  ByteVector bytes = joined(ByteVector{2, 7}, bytes_of("1.2.3.4"));
  bytes.insert(bytes.end(), {0, 53, 0, 0});
  const auto parsed = parse_frame(bytes, Framing::addressed);
  ASSERT_TRUE(parsed.ready());
  EXPECT_EQ(parsed.value().address, target("1.2.3.4:53"));
  EXPECT_EQ(parsed.value().length, bytes.size());
}

}  // namespace
}  // namespace ss::protocol::uot
