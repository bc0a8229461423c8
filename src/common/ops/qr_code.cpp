#include "ss/ops/qr_code.hpp"

#include <fmt/core.h>
#include <qrencode.h>

#include <limits>
#include <memory>

namespace ss::ops {

namespace {

/// Light modules that ISO/IEC 18004 asks for on each side.
constexpr std::size_t kQuietZone = 4;

// White on black out of the 256 colours, which themes leave alone: what is drawn are the light modules.
constexpr std::string_view kColours = "\x1b[38;5;231;48;5;16m";
constexpr std::string_view kColoursOver = "\x1b[0m\n";

std::string_view half_blocks(bool light_above, bool light_below) {
  if (light_above) return light_below ? "█" : "▀";
  return light_below ? "▄" : " ";
}

}  // namespace

std::optional<QrCode> make_qr_code(std::string_view text) {
  static_assert(kQrCapacity <= std::numeric_limits<int>::max());
  if (text.empty() || text.size() > kQrCapacity) return std::nullopt;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> made(
      QRcode_encodeData(static_cast<int>(text.size()), bytes, 0, QR_ECLEVEL_L), &QRcode_free);
  if (made == nullptr) return std::nullopt;
  QrCode code;
  code.width = static_cast<std::size_t>(made->width);
  code.modules.reserve(code.width * code.width);
  for (std::size_t i = 0; i < code.width * code.width; ++i) code.modules.push_back((made->data[i] & 1U) != 0);
  return code;
}

std::size_t drawn_width(const QrCode& code) {
  return code.width + 2 * kQuietZone;
}

std::string draw(const QrCode& code) {
  const auto light = [&code](std::size_t y, std::size_t x) {
    const bool quiet = y < kQuietZone || x < kQuietZone || y >= kQuietZone + code.width || x >= kQuietZone + code.width;
    return quiet || !code.dark(y - kQuietZone, x - kQuietZone);
  };
  const std::size_t size = drawn_width(code);
  std::string drawing;
  for (std::size_t y = 0; y < size; y += 2) {
    drawing += kColours;
    // The width of a code is odd: below the last row lies one more that is quiet.
    for (std::size_t x = 0; x < size; ++x) drawing += half_blocks(light(y, x), light(y + 1, x));
    drawing += kColoursOver;
  }
  return drawing;
}

std::string draw_or_explain(std::string_view text, std::size_t columns) {
  if (text.size() > kQrCapacity) {
    return fmt::format("(no QR code: the link has {} bytes, and a code holds {})\n", text.size(), kQrCapacity);
  }
  const std::optional<QrCode> code = make_qr_code(text);
  if (!code) return "(no QR code: it could not be made)\n";
  const std::size_t needed = drawn_width(*code);
  if (columns != 0 && columns < needed) {
    return fmt::format("(no QR code: it needs {} columns, and the terminal has {})\n", needed, columns);
  }
  return draw(*code);
}

}  // namespace ss::ops
