// Every TCP vector, byte for byte in both directions.
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include "ss/protocol/header2022.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::protocol {
namespace {

using namespace ss::protocol::testing;
using cipher::kTagLength;

std::string sha256(ConstBytes bytes) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(bytes.data(), bytes.size(), digest.data());
  std::string hex;
  for (const std::uint8_t byte : digest) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

/// Seals each of `chunks` as one chunk.
ByteVector seal_each(Encoder& encoder, const nlohmann::json& chunks, std::size_t from) {
  ByteVector wire;
  for (std::size_t i = from; i < chunks.size(); ++i) {
    const ByteVector sealed = *seal_all(encoder, of_hex(chunks[i]), kMaxPayload2017);
    wire.insert(wire.end(), sealed.begin(), sealed.end());
  }
  return wire;
}

/// Feeds a request stream to a server: first flight at once, everything behind it in steps.
void expect_request(ServerHandshake& server, ConstBytes stream, const TargetAddress& target, ConstBytes payload) {
  SaltsSeen salts;
  auto outcome = server.feed(stream, kNow, MonoTime{}, salts);
  ASSERT_TRUE(outcome.ready());
  EXPECT_EQ(outcome.value().target, target);
  ByteVector got(outcome.value().payload.begin(), outcome.value().payload.end());
  Opening opening(server.take_decoder());
  ASSERT_TRUE(opening.feed(outcome.value().rest));
  got.insert(got.end(), opening.payload.begin(), opening.payload.end());
  EXPECT_EQ(got, ByteVector(payload.begin(), payload.end()));
  EXPECT_TRUE(opening.may_end());
}

void expect_response(Decoder decoder, ConstBytes stream, ConstBytes payload) {
  Opening opening(std::move(decoder));
  ASSERT_TRUE(opening.feed(stream));
  EXPECT_EQ(opening.payload, ByteVector(payload.begin(), payload.end()));
  EXPECT_TRUE(opening.may_end());
}

ByteVector all_of(const nlohmann::json& chunks) {
  ByteVector bytes;
  for (const auto& chunk : chunks) bytes = joined(bytes, of_hex(chunk));
  return bytes;
}

TEST(VectorsOfSip004, RequestsAreSealedAndOpenedByteForByte) {
  const auto file = vectors("aead_tcp.json");
  for (const auto& each : file["methods"]) {
    const Secret password = secret(each["password"].get<std::string>());
    const auto credentials = *ClientCredentials::from_password(method(each["method"]), password);
    const auto server_credentials = *ServerCredentials::from_password(method(each["method"]), password);
    for (const auto& request : each["requests"]) {
      SCOPED_TRACE(each["method"].get<std::string>() + " " + request["name"].get<std::string>());
      cipher::KeyCache keys(4);
      ScriptedEntropy entropy;
      entropy.then(of_hex(request["salt"]));
      ClientHandshake client(credentials, keys, entropy, false);
      const TargetAddress to = target(request["target"]);
      const ByteVector first = of_hex(request["chunk_plaintexts"][0]);
      const std::size_t address = of_hex(request["chunk_plaintexts"][0]).size() -
                                  (request["name"].get<std::string>().ends_with("alone") ? 0 : 18);
      ByteVector wire(ClientHandshake::kMaxFirstFlight);
      wire.resize(client.first_flight(to, ConstBytes(first).subspan(address), kNow, wire));
      Encoder encoder = client.take_encoder();
      EXPECT_EQ(joined(wire, seal_each(encoder, request["chunk_plaintexts"], 1)), of_hex(request["stream"]));

      ServerHandshake server(server_credentials, keys);
      expect_request(server, of_hex(request["stream"]), to, of_hex(request["payload_to_target"]));
    }
  }
}

TEST(VectorsOfSip004, ResponsesAreSealedAndOpenedByteForByte) {
  const auto file = vectors("aead_tcp.json");
  for (const auto& each : file["methods"]) {
    const cipher::Method& its = method(each["method"]);
    const KeyBytes key(of_hex(each["master_key"]));
    for (const auto& response : each["responses"]) {
      SCOPED_TRACE(its.name);
      cipher::KeyCache keys(4);
      Encoder encoder = Encoder::opening_2017(its, key, keys, of_hex(response["salt"]));
      EXPECT_EQ(seal_each(encoder, response["chunk_plaintexts"], 0), of_hex(response["stream"]));
      expect_response(Decoder::opening(its, key, keys, pattern(its.key_length), false), of_hex(response["stream"]),
                      all_of(response["chunk_plaintexts"]));
    }
  }
}

TEST(VectorsOfSip004, FortyThousandBytesHaveTheRightHash) {
  const auto file = vectors("aead_tcp.json");
  for (const auto& each : file["methods"]) {
    SCOPED_TRACE(each["method"].get<std::string>());
    const cipher::Method& its = method(each["method"]);
    const KeyBytes key(of_hex(each["master_key"]));
    const ByteVector payload = pattern(40000, 5);
    cipher::KeyCache keys(4);
    // On the wire a request is a response that begins with an address.
    Encoder encoder = Encoder::opening_2017(its, key, keys, of_hex(each["large"]["salt"]));
    const ByteVector wire = *seal_all(encoder, joined(of_hex(std::string("017f00000146a0")), payload), kMaxPayload2017);
    EXPECT_EQ(wire.size(), each["large"]["stream_len"]);
    EXPECT_EQ(sha256(wire), each["large"]["stream_sha256"]);

    const auto credentials = *ServerCredentials::from_key(its, key.reveal());
    ServerHandshake server(credentials, keys);
    expect_request(server, wire, target("127.0.0.1:18080"), payload);
  }
}

TEST(VectorsOfSip022, RequestsAreSealedAndOpenedByteForByte) {
  const auto file = vectors("aead2022_tcp.json");
  for (const auto& each : file["methods"]) {
    const Secret password = secret(each["psk_b64"].get<std::string>());
    const auto credentials = *ClientCredentials::from_password(method(each["method"]), password);
    const auto server_credentials = *ServerCredentials::from_password(method(each["method"]), password);
    for (const auto& request : each["requests"]) {
      SCOPED_TRACE(each["method"].get<std::string>() + " " + request["name"].get<std::string>());
      const ByteVector variable = of_hex(request["variable_header"]);
      const VariableHeader header = *parse_variable_header(variable);
      const std::uint32_t padding = request["padding_len"];
      const auto before_payload = variable.size() - header.payload.size();
      cipher::KeyCache keys(4);
      ScriptedEntropy entropy;
      entropy.then(of_hex(request["salt"]));
      entropy.then_uniform(header.payload.empty() ? 1 : 0, kMaxPadding, padding);
      entropy.then(ConstBytes(variable).subspan(before_payload - padding, padding));
      ClientHandshake client(credentials, keys, entropy, false);
      ByteVector wire(ClientHandshake::kMaxFirstFlight);
      wire.resize(client.first_flight(target(request["target"]), header.payload, request["timestamp"], wire));
      EXPECT_TRUE(entropy.used_up());
      Encoder encoder = client.take_encoder();
      EXPECT_EQ(joined(wire, seal_each(encoder, request["chunks"], 0)), of_hex(request["stream"]));

      ServerHandshake server(server_credentials, keys);
      expect_request(server, of_hex(request["stream"]), target(request["target"]),
                     of_hex(request["payload_to_target"]));
    }
  }
}

TEST(VectorsOfSip022, ResponsesAreSealedAndOpenedByteForByte) {
  const auto file = vectors("aead2022_tcp.json");
  for (const auto& each : file["methods"]) {
    const cipher::Method& its = method(each["method"]);
    const KeyBytes key(of_hex(each["psk"]));
    for (const auto& response : each["responses"]) {
      SCOPED_TRACE(its.name);
      cipher::KeyCache keys(4);
      const ByteVector request_salt = of_hex(response["request_salt"]);
      Encoder encoder = Encoder::opening_2022(its, key, keys, of_hex(response["salt"]), request_salt);
      EXPECT_EQ(seal_each(encoder, response["chunks"], 0), of_hex(response["stream"]));
      expect_response(Decoder::opening(its, key, keys, request_salt, false), of_hex(response["stream"]),
                      all_of(response["chunks"]));
    }
  }
}

TEST(VectorsOfSip022, TheAcceptAndRejectListHoldsInItsOrder) {
  const auto file = vectors("aead2022_tcp.json");
  for (const auto& each : file["methods"]) {
    const auto credentials =
        *ServerCredentials::from_password(method(each["method"]), secret(each["psk_b64"].get<std::string>()));
    cipher::KeyCache keys(4);
    SaltsSeen salts;
    for (const auto& stream : each["rejects"]) {
      ServerHandshake server(credentials, keys);
      const auto outcome = server.feed(of_hex(stream["stream"]), each["now"], MonoTime{}, salts);
      EXPECT_EQ(outcome.ready(), stream["expect"] == "accept") << each["method"] << stream["name"];
      EXPECT_EQ(outcome.failed(), stream["expect"] == "reject") << each["method"] << stream["name"];
    }
  }
}

TEST(VectorsOfSip022, AHundredAndFortyThousandBytesHaveTheRightHash) {
  const auto file = vectors("aead2022_tcp.json");
  for (const auto& each : file["methods"]) {
    SCOPED_TRACE(each["method"].get<std::string>());
    const cipher::Method& its = method(each["method"]);
    const KeyBytes psk_bytes(of_hex(each["psk"]));
    const auto& large = each["large_request"];
    const ByteVector payload = pattern(140000, 5);
    const TargetAddress to = target("127.0.0.1:18080");
    const std::size_t length = large["variable_header_len"];
    const std::size_t first = length - variable_header_length(to, 0, 0);

    // Our client sends shorter first flights: this one is put together from the codecs.
    cipher::KeyCache keys(4);
    ByteVector wire = of_hex(large["salt"]);
    RecordKey key = RecordKey::derive(its, psk_bytes, keys, wire);
    const std::size_t fixed = wire.size();
    const std::size_t variable = fixed + FixedHeader::kLength + kTagLength;
    wire.resize(variable + length + kTagLength);
    const Bytes out = wire;
    put_fixed_header({kNow, static_cast<std::uint16_t>(length)}, out.subspan(fixed, FixedHeader::kLength));
    key.seal(out.subspan(fixed, FixedHeader::kLength), out.subspan(variable - kTagLength, kTagLength));
    put_variable_header(to, 0, ConstBytes(payload).first(first), out.subspan(variable, length));
    key.seal(out.subspan(variable, length), out.last(kTagLength));
    Encoder encoder = Encoder::continuing(its, std::move(key));
    wire = joined(wire, *seal_all(encoder, ConstBytes(payload).subspan(first), kMaxPayload2022, 80000));
    EXPECT_EQ(wire.size(), large["stream_len"]);
    EXPECT_EQ(sha256(wire), large["stream_sha256"]);

    const auto credentials = *ServerCredentials::from_key(its, psk_bytes.reveal());
    ServerHandshake server(credentials, keys);
    expect_request(server, wire, to, payload);
  }
}

TEST(VectorsOfSip023, RequestsOfAChainAreSealedByteForByte) {
  const auto file = vectors("eih_tcp.json");
  for (const auto& each : file["cases"]) {
    SCOPED_TRACE(each["name"].get<std::string>());
    const ByteVector variable = of_hex(each["variable_header"]);
    const VariableHeader header = *parse_variable_header(variable);
    const std::size_t padding_end = variable.size() - header.payload.size();
    const std::size_t padding = padding_end - variable_header_length(header.target, 0, 0);
    cipher::KeyCache keys(4);
    ScriptedEntropy entropy;
    entropy.then(of_hex(each["salt"]));
    entropy.then_uniform(header.payload.empty() ? 1 : 0, kMaxPadding, static_cast<std::uint32_t>(padding));
    entropy.then(ConstBytes(variable).subspan(padding_end - padding, padding));
    const auto credentials =
        *ClientCredentials::from_password(method(each["method"]), secret(each["client_password"].get<std::string>()));
    ClientHandshake client(credentials, keys, entropy, false);
    ByteVector wire(ClientHandshake::kMaxFirstFlight);
    wire.resize(client.first_flight(header.target, header.payload, each["timestamp"], wire));
    Encoder encoder = client.take_encoder();
    EXPECT_EQ(joined(wire, seal_each(encoder, each["chunks"], 0)), of_hex(each["request_stream"]));
    expect_response(client.take_decoder(), of_hex(each["response_stream"]), all_of(each["response_chunks"]));
  }
}

TEST(VectorsOfSip023, AServerWithUsersOpensThemAndAnswersByteForByte) {
  const auto file = vectors("eih_tcp.json");
  for (const auto& each : file["cases"]) {
    SCOPED_TRACE(each["name"].get<std::string>());
    // What a relay forwards is the stream that the server behind it sees.
    const bool relayed = each.contains("relay_forwards");
    const ByteVector stream = of_hex(relayed ? each["relay_forwards"] : each["request_stream"]);
    const auto& psks = each["psks"];
    auto credentials = *ServerCredentials::from_password(method(each["method"]), psk(of_hex(psks[psks.size() - 2])));
    credentials.add_user("other", psk(pattern(credentials.method().key_length))).value();
    credentials.add_user("user", psk(of_hex(psks[psks.size() - 1]))).value();

    cipher::KeyCache keys(4);
    ServerHandshake server(credentials, keys);
    SaltsSeen salts;
    const auto outcome = server.feed(stream, kNow, MonoTime{}, salts);
    ASSERT_TRUE(outcome.ready());
    EXPECT_EQ(outcome.value().user, 1U);
    ByteVector got(outcome.value().payload.begin(), outcome.value().payload.end());
    Opening opening(server.take_decoder());
    ASSERT_TRUE(opening.feed(outcome.value().rest));
    EXPECT_EQ(joined(got, opening.payload), of_hex(each["payload_to_target"]));

    ScriptedEntropy entropy;
    entropy.then(of_hex(each["response_salt"]));
    Encoder encoder = server.take_encoder(entropy, MonoTime{}, salts, false);
    EXPECT_EQ(seal_each(encoder, each["response_chunks"], 0), of_hex(each["response_stream"]));
  }
}

}  // namespace
}  // namespace ss::protocol
