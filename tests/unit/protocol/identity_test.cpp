#include "ss/protocol/identity.hpp"

#include <gtest/gtest.h>

#include "unit/protocol/stream_support.hpp"

namespace ss::protocol {
namespace {

using testing::of_hex;

TEST(IdentityHeadersPut, AreWhatTheVectorsHold) {
  const auto vectors = testing::vectors("eih_tcp.json");
  for (const auto& each : vectors["cases"]) {
    const auto credentials = ClientCredentials::from_password(
        testing::method(each["method"]), testing::secret(each["client_password"].get<std::string>()));
    ASSERT_TRUE(credentials) << each["name"];
    ASSERT_EQ(credentials->identity_keys().size(), each["identity_headers"].size());
    ByteVector wanted;
    for (const auto& header : each["identity_headers"]) wanted = testing::joined(wanted, of_hex(header));
    ByteVector bytes(wanted.size());
    EXPECT_EQ(put_identity_headers(*credentials, of_hex(each["salt"]), bytes), wanted.size());
    EXPECT_EQ(bytes, wanted) << each["name"];
  }
}

TEST(IdentityHeaderOpen, YieldsTheNextKeysHash) {
  const auto vectors = testing::vectors("eih_tcp.json");
  for (const auto& each : vectors["cases"]) {
    for (std::size_t i = 0; i < each["identity_headers"].size(); ++i) {
      const auto hash = open_identity_header(KeyBytes(of_hex(each["psks"][i])), of_hex(each["salt"]),
                                             of_hex(each["identity_headers"][i]));
      EXPECT_EQ(ByteVector(hash.begin(), hash.end()), of_hex(each["psk_hash16"][i + 1])) << each["name"];
    }
  }
}

TEST(IdentityHeaderOpen, YieldsAnotherHashUnderAnotherSaltOrKey) {
  const auto each = testing::vectors("eih_tcp.json")["cases"][0];
  const ByteVector wanted = of_hex(each["psk_hash16"][1]);
  ByteVector salt = of_hex(each["salt"]);
  ByteVector key = of_hex(each["psks"][0]);
  const ByteVector header = of_hex(each["identity_headers"][0]);
  salt[0] ^= 1;
  auto hash = open_identity_header(KeyBytes(key), salt, header);
  EXPECT_NE(ByteVector(hash.begin(), hash.end()), wanted);
  salt[0] ^= 1;
  key[0] ^= 1;
  hash = open_identity_header(KeyBytes(key), salt, header);
  EXPECT_NE(ByteVector(hash.begin(), hash.end()), wanted);
}

}  // namespace
}  // namespace ss::protocol
