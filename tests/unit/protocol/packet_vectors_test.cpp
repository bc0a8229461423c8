// Every UDP vector, byte for byte in both directions, on every back end.
#include <gtest/gtest.h>

#include "ss/protocol/packet2017.hpp"
#include "unit/protocol/packet_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;

class PacketVectors : public ::testing::TestWithParam<cipher::Backend> {
 protected:
  void SetUp() override {
    if (!cipher::use_backend(GetParam())) GTEST_SKIP() << "this build or processor lacks the back end";
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, PacketVectors, ::testing::ValuesIn(kBackends),
                         [](const auto& test) { return name_of(test.param); });

TargetAddress address_in(const nlohmann::json& hex) {
  return parse_address(of_hex(hex)).value().address;
}
Endpoint endpoint_of(const TargetAddress& address) {
  return {address.ip(), address.port()};
}

PairConfig one_key(const nlohmann::json& each, const char* password) {
  const std::string key = each[password];
  return {"", each["method"], key, key, {}, 0};
}

/// A pair whose client has the session ID of the vectors.
struct VectorPair {
  VectorPair(const PairConfig& config, const nlohmann::json& session_id) : pair(config) {
    pair.entropy.then(of_hex(session_id));
    pair.client = ClientPacketSession(pair.client_keys);
  }
  PacketPair pair;
};

TEST_P(PacketVectors, OfSip004AreSealedAndOpened) {
  const auto file = vectors("aead_udp.json");
  for (const auto& each : file["methods"]) {
    PacketPair pair(one_key(each, "password"));
    const ClientCredentials& credentials = pair.client_credentials;
    for (const auto& packet : each["packets"]) {
      SCOPED_TRACE(each["method"].get<std::string>() + " " + packet["name"].get<std::string>() + " " +
                   packet["direction"].get<std::string>());
      const ByteVector wire = of_hex(packet["packet"]);
      const ByteVector payload = of_hex(packet["payload"]);
      const TargetAddress address = address_in(packet["address"]);
      const bool up = packet["direction"] == "client->server";
      ByteVector sealed = of_hex(packet["salt"]);
      sealed.resize(wire.size());
      EXPECT_EQ(seal_packet_2017(credentials.method(), credentials.key(), pair.keys, of_hex(packet["address"]), payload,
                                 sealed),
                wire.size());
      EXPECT_EQ(sealed, wire);

      ByteVector bytes = wire;
      if (up) {
        const auto opened = pair.open(bytes);
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->content.address, address);
        EXPECT_EQ(copy(opened->content.payload), payload);
      } else {
        const auto opened = pair.open_answer(bytes);
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->address, address);
        EXPECT_EQ(copy(opened->payload), payload);
      }
    }
  }
}

TEST_P(PacketVectors, OfSip022ClientsAreSealedAndOpened) {
  const auto file = vectors("aead2022_udp.json");
  for (const auto& each : file["methods"]) {
    VectorPair vector(one_key(each, "psk_b64"), each["client_session_id"]);
    PacketPair& pair = vector.pair;
    for (const auto& packet : each["client_packets"]) {
      SCOPED_TRACE(each["method"].get<std::string>() + " " + packet["packet_id"].dump());
      const ByteVector payload = of_hex(packet["payload"]);
      const ByteVector body = of_hex(packet["body"]);
      const std::size_t padding = packet["padding_len"];
      const ConstBytes addressed = ConstBytes(body).subspan(11 + padding);
      const ConstBytes address = addressed.first(addressed.size() - payload.size());
      // The vectors pad whatever the port is; we, for port 53.
      if (padding > 0) pair.entropy.then_uniform(0, 892, static_cast<std::uint32_t>(padding));
      if (!packet["nonce24"].is_null()) pair.entropy.then(of_hex(packet["nonce24"]));
      if (padding > 0) pair.entropy.then(ConstBytes(body).subspan(11, padding));
      ByteVector sealed(pair.overhead + payload.size());
      sealed.resize(pair.client.seal(address, payload, padding > 0 ? 53 : 80, kNow, sealed));
      EXPECT_EQ(sealed, of_hex(packet["packet"]));
      EXPECT_TRUE(pair.entropy.used_up());

      ByteVector wire = of_hex(packet["packet"]);
      const auto opened = pair.open(wire);
      ASSERT_TRUE(opened);
      EXPECT_EQ(opened->packet_id, packet["packet_id"]);
      EXPECT_EQ(copy(opened->content.addressed), copy(addressed));
      EXPECT_EQ(copy(opened->content.payload), payload);
    }
  }
}

TEST_P(PacketVectors, OfSip022ServersAreSealedAndOpened) {
  const auto file = vectors("aead2022_udp.json");
  for (const auto& each : file["methods"]) {
    VectorPair vector(one_key(each, "psk_b64"), each["client_session_id"]);
    PacketPair& pair = vector.pair;
    pair.entropy.then(of_hex(each["server_session_id"]));
    ClientPacket first;
    first.session_id = get_u64be(of_hex(each["client_session_id"]).data());
    ServerPacketSession session(pair.server, first);
    for (const auto& packet : each["server_packets"]) {
      SCOPED_TRACE(each["method"].get<std::string>() + " " + packet["packet_id"].dump());
      const ByteVector payload = of_hex(packet["payload"]);
      const ByteVector body = of_hex(packet["body"]);
      const std::size_t padding = packet["padding_len"];
      const ByteVector addressed = copy(ConstBytes(body).subspan(19 + padding));
      const TargetAddress address = parse_address(addressed).value().address;

      ScriptedEntropy entropy;
      entropy.then(ConstBytes(body).subspan(19, padding));
      ByteVector put(body.size());
      put_body({{}, {HeaderType::response, kNow, first.session_id}, padding, address_of(address), payload}, entropy,
               put);
      EXPECT_EQ(put, body);

      const ByteVector wire = of_hex(packet["packet"]);
      if (padding == 0 && !address.is_domain()) {
        ServerPacketSessionProbe::set_next(session, packet["packet_id"]);
        if (!packet["nonce24"].is_null()) pair.entropy.then(of_hex(packet["nonce24"]));
        EXPECT_EQ(pair.answer(session, endpoint_of(address), payload), wire);
      }
      ByteVector bytes = wire;
      const auto opened = pair.open_answer(bytes);
      ASSERT_TRUE(opened);
      EXPECT_EQ(copy(opened->addressed), addressed);
      EXPECT_EQ(copy(opened->payload), payload);
    }
  }
}

TEST_P(PacketVectors, OfSip022AreRefusedInOrder) {
  const auto file = vectors("aead2022_udp.json");
  for (const auto& each : file["methods"]) {
    PacketPair pair(one_key(each, "psk_b64"));
    for (const auto& packet : each["rejects"]) {
      SCOPED_TRACE(each["method"].get<std::string>() + " " + packet["name"].get<std::string>());
      const auto error = pair.refusal(of_hex(packet["packet"]));
      if (packet["expect"] == "either") continue;
      EXPECT_EQ(!error, packet["expect"] == "accept");
    }
  }
}

TEST_P(PacketVectors, OfSip023AreSealedAndOpened) {
  const auto file = vectors("eih_udp.json");
  for (const auto& each : file["cases"]) {
    SCOPED_TRACE(each["method"].get<std::string>() + " " + each["name"].get<std::string>());
    const std::size_t keys = each["psks"].size();
    const auto base64 = [&](std::size_t key) { return cipher::base64(of_hex(each["psks"][key])); };
    const PairConfig config{"", each["method"], each["client_password"], base64(keys - 2), {base64(keys - 1)}, 0};
    VectorPair vector(config, each["client_session_id"]);
    PacketPair& pair = vector.pair;

    const ByteVector body = of_hex(each["body"]);
    const std::size_t padding = get_u16be(body.data() + 9);
    pair.entropy.then_uniform(0, 892, static_cast<std::uint32_t>(padding));
    pair.entropy.then(ConstBytes(body).subspan(11, padding));
    ByteVector sealed(pair.overhead + 8);
    const ConstBytes addressed = ConstBytes(body).subspan(11 + padding);
    sealed.resize(pair.client.seal(addressed.first(7), addressed.subspan(7), 53, kNow, sealed));
    EXPECT_EQ(sealed, of_hex(each["client_packet"]));

    // A relay takes the first header away before the last server sees the packet.
    ByteVector wire = of_hex(each.contains("relay_forwards") ? each["relay_forwards"] : each["client_packet"]);
    pair.entropy.then(of_hex(each["server_session_id"]));
    const auto opened = pair.open(wire);
    ASSERT_TRUE(opened);
    EXPECT_EQ(copy(opened->content.addressed), copy(addressed));

    const ByteVector server_body = of_hex(each["server_body"]);
    const Endpoint source = endpoint_of(parse_address(ConstBytes(server_body).subspan(19)).value().address);
    EXPECT_EQ(pair.answer(*opened->session, source, ConstBytes(server_body).subspan(26)),
              of_hex(each["server_packet"]));
    EXPECT_FALSE(pair.answer_refusal(of_hex(each["server_packet"])));
  }
}

}  // namespace
}  // namespace ss::protocol
