#include "ss/ops/masking.hpp"

#include <gtest/gtest.h>

#include <array>

#include "arguments.hpp"

namespace ss::ops {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"--password", "--key", "--url", "--method", "--plugin-opts"};

struct Masked {
  std::string shown;
  std::optional<std::string> password;
  std::optional<std::string> key;
  std::optional<std::string> link;
};

std::optional<std::string> text(const std::optional<Secret>& secret) {
  if (!secret) return std::nullopt;
  return std::string(text_of(secret->reveal()));
}

Masked mask(std::vector<std::string> words) {
  Arguments arguments(std::move(words));
  const auto count = static_cast<std::size_t>(arguments.count());
  const MaskedSecrets secrets =
      mask_secrets(std::span<char* const>(arguments.pointers(), count).subspan(1), {"kmp", kNames});
  return {arguments.shown(), text(secrets.password), text(secrets.key), text(secrets.link)};
}

TEST(MaskingMask, TakesEachSpellingOfAPassword) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"-k", "secret"},
                                                                 {"-ksecret"},
                                                                 {"-vuksecret"},
                                                                 {"-vk", "secret"},
                                                                 {"--password", "secret"},
                                                                 {"--password=secret"}}) {
    const Masked masked = mask(words);
    EXPECT_EQ(masked.password, "secret") << words.front();
    EXPECT_EQ(masked.shown.find("secret"), std::string::npos) << words.front();
    EXPECT_NE(masked.shown.find("xxxxxx"), std::string::npos) << words.front();
  }
}

TEST(MaskingMask, LeavesTheOthersAlone) {
  EXPECT_EQ(mask({"-p", "8388", "-k", "secret", "-m", "aes-256-gcm"}).shown, "-p 8388 -k xxxxxx -m aes-256-gcm");
  EXPECT_EQ(mask({"--password=secret", "check"}).shown, "--password=xxxxxx check");
}

TEST(MaskingMask, TakesARawKey) {
  const Masked masked = mask({"--key", "c2VjcmV0", "-p", "1"});
  EXPECT_EQ(masked.key, "c2VjcmV0");
  EXPECT_EQ(masked.shown, "--key xxxxxxxx -p 1");
}

TEST(MaskingMask, TakesALinkAndLeavesItsScheme) {
  EXPECT_EQ(mask({"ss://abc@h:1"}).shown, "ss://xxxxxxx");
  EXPECT_EQ(mask({"ss://abc@h:1"}).link, "ss://abc@h:1");
  EXPECT_EQ(mask({"--url", "ss://abc"}).shown, "--url ss://xxx");
  EXPECT_EQ(mask({"--url=ss://abc"}).link, "ss://abc");
  EXPECT_EQ(mask({"--url", "abc"}).shown, "--url xxx");
  EXPECT_EQ(mask({"--", "ss://abc"}).shown, "-- ss://xxx");
}

TEST(MaskingMask, MasksAllOfSeveralAndKeepsTheLast) {
  const Masked masked = mask({"-k", "first", "-k", "second"});
  EXPECT_EQ(masked.shown, "-k xxxxx -k xxxxxx");
  EXPECT_EQ(masked.password, "second");
}

TEST(MaskingMask, SeesNoOptionInTheValueOfAnother) {
  EXPECT_EQ(mask({"-p", "k", "word"}).password, std::nullopt);
  EXPECT_EQ(mask({"-pk", "word"}).password, std::nullopt);
  const Masked options = mask({"--plugin-opts", "ss://not-ours"});
  EXPECT_EQ(options.link, std::nullopt);
  EXPECT_EQ(options.shown, "--plugin-opts ss://not-ours");
}

TEST(MaskingMask, SeesAKeyBehindAnOptionWhoseValueWasForgotten) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"-m", "-k", "secret"},
                                                {"-m", "-ksecret"},
                                                {"-m", "-vksecret"},
                                                {"--method", "--password", "secret"},
                                                {"--method", "--password=secret"},
                                                {"-m", "--key=secret"}}) {
    EXPECT_EQ(mask(words).shown.find("secret"), std::string::npos) << mask(words).shown;
  }
  EXPECT_EQ(mask({"-k", "-kind", "-m", "x"}).password, "-kind") << "the value of -k itself";
}

TEST(MaskingMask, MasksAKeyWhoseOptionLacksADash) {
  EXPECT_EQ(mask({"-password=secret"}).shown, "-password=xxxxxx");
}

TEST(MaskingMask, SeesNoOptionBehindTheTwoDashes) {
  EXPECT_EQ(mask({"--", "-k", "secret"}).password, std::nullopt);
}

TEST(MaskingMask, TakesAPasswordThatBeginsWithADash) {
  EXPECT_EQ(mask({"-k", "-p4ssword", "-m", "x"}).password, "-p4ssword");
  EXPECT_EQ(mask({"-k-p"}).password, "-p");
}

TEST(MaskingMask, FindsNothingWhereTheValueIsMissing) {
  EXPECT_EQ(mask({"-m", "x", "-k"}).password, std::nullopt);
}

TEST(MaskingMask, TakesAnEmptyPassword) {
  EXPECT_EQ(mask({"-k", ""}).password, "");
  EXPECT_EQ(mask({"--password="}).password, "");
}

}  // namespace
}  // namespace ss::ops
