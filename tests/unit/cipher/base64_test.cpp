#include "ss/cipher/base64.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace ss::cipher {
namespace {

std::string decoded(std::string_view text, Alphabet alphabet = Alphabet::standard) {
  const auto bytes = base64_decode(text, alphabet);
  return bytes ? std::string(text_of(*bytes)) : "refused";
}

TEST(Base64Encode, MatchesRfc4648) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : cases) {
    EXPECT_EQ(base64(bytes_of(plain)), text);
    EXPECT_EQ(decoded(text), plain);
  }
}

TEST(Base64Encode, UsesTheUrlSafeAlphabetWithoutPadding) {
  const ByteVector bytes = {0xFB, 0xEF, 0xFF, 0xFE};
  EXPECT_EQ(base64(bytes), "++///g==");
  EXPECT_EQ(base64url(bytes), "--___g");
}

TEST(Base64Decode, ReturnsWhatWasEncodedAtEveryLength) {
  for (std::size_t size = 0; size < 100; ++size) {
    const ByteVector bytes = counted(size, 200, 7);
    EXPECT_EQ(*base64_decode(base64(bytes), Alphabet::standard), bytes);
    EXPECT_EQ(*base64_decode(base64url(bytes), Alphabet::any), bytes);
  }
}

TEST(Base64Decode, AcceptsMissingPadding) {
  EXPECT_EQ(decoded("Zg"), "f");
  EXPECT_EQ(decoded("Zm8"), "fo");
}

TEST(Base64Decode, RefusesWrongPadding) {
  for (const auto* text :
       {"=", "==", "====", "Zg=", "Zg===", "Zm8==", "Zm9v=", "Zm9v====", "Z===", "Zg==Zg==", "Z=g="}) {
    EXPECT_EQ(decoded(text), "refused") << text;
  }
}

TEST(Base64Decode, RefusesALengthThatNoBytesHave) {
  EXPECT_EQ(decoded("Z"), "refused");
  EXPECT_EQ(decoded("A"), "refused");
  EXPECT_EQ(decoded("Zm9vA"), "refused");
}

TEST(Base64Decode, RefusesTrailingBits) {
  EXPECT_EQ(decoded("Zh=="), "refused");
  EXPECT_EQ(decoded("Zh"), "refused");
  EXPECT_EQ(decoded("Zm9="), "refused");
  EXPECT_EQ(decoded("Zm-", Alphabet::any), "refused");
}

TEST(Base64Decode, RefusesEveryByteOutsideTheAlphabet) {
  int accepted = 0;
  for (int c = 0; c < 256; ++c) {
    std::string text = "AAAA";
    text[1] = static_cast<char>(c);
    accepted += decoded(text) != "refused";
  }
  EXPECT_EQ(accepted, 64);
}

TEST(Base64Decode, RefusesTheUrlSafeAlphabetWhereStandardIsAsked) {
  EXPECT_EQ(decoded("--__"), "refused");
  EXPECT_NE(decoded("--__", Alphabet::any), "refused");
  EXPECT_NE(decoded("-+_/", Alphabet::any), "refused");
}

TEST(Base64Decode, NamesTheError) {
  EXPECT_EQ(base64_decode("!", Alphabet::any).error(), Errc::bad_base64);
}

}  // namespace
}  // namespace ss::cipher
