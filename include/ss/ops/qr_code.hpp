#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ss::ops {

/// A QR code: a square of dark and light modules, without its quiet zone.
struct QrCode {
  std::size_t width = 0;
  std::vector<bool> modules;  ///< row by row, width × width; true is dark

  [[nodiscard]] bool dark(std::size_t row, std::size_t column) const { return modules[row * width + column]; }
};

/// How many bytes a QR code holds at most.
inline constexpr std::size_t kQrCapacity = 2953;

/// The smallest code, at the lowest error correction, whose content is `text` byte for byte.
/// @return  nothing where `text` is empty or too long for a code, or memory is short.
std::optional<QrCode> make_qr_code(std::string_view text);

/// The columns of a terminal that the drawing of `code` takes.
std::size_t drawn_width(const QrCode& code);

/// `code` with its quiet zone for a UTF-8 terminal: a character shows two modules, one above the other, black on white
/// whatever the colours of the terminal are.
std::string draw(const QrCode& code);

/// The drawing of `text` for a terminal of `columns` (0: not known), or one line that says why there is none.
std::string draw_or_explain(std::string_view text, std::size_t columns);

}  // namespace ss::ops
