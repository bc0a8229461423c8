#include "ss/ops/qr_code.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace ss::ops {
namespace {

using testing::HasSubstr;

constexpr std::size_t kQuietZone = 4;
constexpr std::string_view kColours = "\x1b[38;5;231;48;5;16m";
constexpr std::string_view kColoursOver = "\x1b[0m";

// A picture in modules; true is dark.
using Picture = std::vector<std::vector<bool>>;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// What a camera sees of a drawing: two rows of modules for each line of text.
Picture seen(const std::string& drawing) {
  Picture picture;
  for (std::string_view line : lines_of(drawing)) {
    EXPECT_TRUE(line.starts_with(kColours) && line.ends_with(kColoursOver)) << line;
    line.remove_prefix(kColours.size());
    line.remove_suffix(kColoursOver.size());
    std::vector<bool> above;
    std::vector<bool> below;
    while (!line.empty()) {
      const std::string_view one = line.substr(0, line.front() == ' ' ? 1 : 3);
      EXPECT_TRUE(one == " " || one == "█" || one == "▀" || one == "▄") << one;
      above.push_back(one == " " || one == "▄");
      below.push_back(one == " " || one == "▀");
      line.remove_prefix(one.size());
    }
    picture.push_back(above);
    picture.push_back(below);
  }
  return picture;
}

// The code inside a picture, whose border must be light.
Picture without_quiet_zone(const Picture& picture) {
  const std::size_t width = picture.front().size();
  Picture inner;
  for (std::size_t y = 0; y < picture.size(); ++y) {
    const auto& row = picture[y];
    EXPECT_EQ(row.size(), width);
    const bool quiet_row = y < kQuietZone || y >= width - kQuietZone;
    if (quiet_row) {
      EXPECT_EQ(std::count(row.begin(), row.end(), true), 0) << "row " << y;
      continue;
    }
    EXPECT_EQ(std::count(row.begin(), row.begin() + kQuietZone, true), 0) << "row " << y;
    EXPECT_EQ(std::count(row.end() - kQuietZone, row.end(), true), 0) << "row " << y;
    inner.emplace_back(row.begin() + kQuietZone, row.end() - kQuietZone);
  }
  return inner;
}

bool mask(unsigned pattern, std::size_t i, std::size_t j) {
  switch (pattern) {
    case 0:
      return (i + j) % 2 == 0;
    case 1:
      return i % 2 == 0;
    case 2:
      return j % 3 == 0;
    case 3:
      return (i + j) % 3 == 0;
    case 4:
      return (i / 2 + j / 3) % 2 == 0;
    case 5:
      return i * j % 2 + i * j % 3 == 0;
    case 6:
      return (i * j % 2 + i * j % 3) % 2 == 0;
    default:
      return ((i + j) % 2 + i * j % 3) % 2 == 0;
  }
}

// The content of a code of version 1 (21 × 21, no alignment pattern, one block) in byte mode, as ISO/IEC 18004 reads
// it.
std::string decode(const Picture& code) {
  constexpr std::size_t kWidth = 21;
  if (code.size() != kWidth) return "not version 1";
  // The format: two bits of error correction and three of the mask, under a mask of its own.
  unsigned format = 0;
  for (std::size_t x = 0; x < 5; ++x) format = format << 1U | static_cast<unsigned>(code[8][x]);
  format ^= 0b10101U;
  if (format >> 3U != 0b01U) return "not at the lowest error correction";
  const auto fixed = [](std::size_t y, std::size_t x) {
    const bool corners = (y < 9 && (x < 9 || x > 12)) || (y > 12 && x < 9);
    return corners || y == 6 || x == 6;
  };
  std::vector<bool> bits;
  bool up = true;
  for (std::size_t pair = 0; pair < 10; ++pair, up = !up) {
    // Pairs of columns from the right; the one with the timing pattern is stepped over.
    const std::size_t right = pair < 7 ? 20 - 2 * pair : 19 - 2 * pair;
    for (std::size_t step = 0; step < kWidth; ++step) {
      const std::size_t y = up ? kWidth - 1 - step : step;
      for (const std::size_t x : {right, right - 1}) {
        if (!fixed(y, x)) bits.push_back(code[y][x] != mask(format & 7U, y, x));
      }
    }
  }
  const auto number = [&bits](std::size_t at, std::size_t size) {
    unsigned value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 1U | static_cast<unsigned>(bits.at(at + i));
    return value;
  };
  if (number(0, 4) != 0b0100U) return "not in byte mode";
  std::string text;
  for (std::size_t i = 0; i < number(4, 8); ++i) text += static_cast<char>(number(12 + 8 * i, 8));
  return text;
}

TEST(QrCodeDraw, ReadsAsItsText) {
  // 17 bytes fill version 1 at the lowest error correction.
  for (const char* text : {"ss://abc@h:1", "ss://YWJj@[::1]:9", "ss://0", "x"}) {
    const auto code = make_qr_code(text);
    ASSERT_TRUE(code);
    EXPECT_EQ(decode(without_quiet_zone(seen(draw(*code)))), text);
  }
}

TEST(QrCodeDraw, HasThreeFinderPatternsInsideItsQuietZone) {
  constexpr std::array<std::string_view, 8> kFinder = {"#######.", "#.....#.", "#.###.#.", "#.###.#.",
                                                       "#.###.#.", "#.....#.", "#######.", "........"};
  for (const std::size_t size : {1U, 18U, 110U, 700U, 2953U}) {
    const auto code = make_qr_code(std::string(size, 's'));
    ASSERT_TRUE(code) << size;
    const Picture picture = without_quiet_zone(seen(draw(*code)));
    const std::size_t last = code->width - 1;
    ASSERT_EQ(picture.front().size(), code->width);
    EXPECT_EQ((code->width - 17) % 4, 0U);
    for (std::size_t y = 0; y < kFinder.size(); ++y) {
      for (std::size_t x = 0; x < kFinder.size(); ++x) {
        const bool dark = kFinder.at(y)[x] == '#';
        EXPECT_EQ(picture[y][x], dark);
        EXPECT_EQ(picture[y][last - x], dark);
        EXPECT_EQ(picture[last - y][x], dark);
      }
    }
  }
}

TEST(QrCodeMake, HoldsAnyBytes) {
  using namespace std::string_view_literals;
  const std::string_view text = "\0\xC3\xA4\n"sv;
  EXPECT_EQ(decode(without_quiet_zone(seen(draw(*make_qr_code(text))))), text);
}

TEST(QrCodeMake, RefusesTheEmptyAndTheOverlong) {
  EXPECT_FALSE(make_qr_code(""));
  EXPECT_TRUE(make_qr_code(std::string(kQrCapacity, 'x')));
  EXPECT_FALSE(make_qr_code(std::string(kQrCapacity + 1, 'x')));
}

TEST(QrCodeDrawOrExplain, DrawsWhereItFits) {
  const auto code = make_qr_code("ss://abc@h:1");
  for (const std::size_t columns : {std::size_t{0}, drawn_width(*code), std::size_t{200}}) {
    EXPECT_EQ(draw_or_explain("ss://abc@h:1", columns), draw(*code)) << columns;
  }
  EXPECT_EQ(drawn_width(*code), 29U);
}

TEST(QrCodeDrawOrExplain, SaysInOneLineWhyNot) {
  for (const std::string& line : {draw_or_explain("ss://abc@h:1", 28), draw_or_explain(std::string(2954, 'x'), 0)}) {
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
  }
  EXPECT_THAT(draw_or_explain("ss://abc@h:1", 28), HasSubstr("needs 29 columns, and the terminal has 28"));
  EXPECT_THAT(draw_or_explain(std::string(2954, 'x'), 0), HasSubstr("2954 bytes"));
}

}  // namespace
}  // namespace ss::ops
