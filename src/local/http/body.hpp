#pragma once

#include <cstddef>
#include <cstdint>

#include "ss/base/bytes.hpp"

namespace ss::local {

/// Where the body of an HTTP/1 message ends (RFC 9112 section 6): fed with its bytes, it says which belong to it. It
/// keeps none of them.
///
/// Chunks are passed on as they are, so every byte around them is checked: sizes of at most 16 hexadecimal digits,
/// lines that end in CRLF, no control character in extensions and trailer fields, a name and a colon in each of the
/// latter, and bounds for both. Owner: one message. Small enough to be copied.
class HttpBody {
 public:
  /// No body: done from the start.
  HttpBody() = default;
  static HttpBody counted(std::uint64_t length);
  static HttpBody chunked();
  /// All that comes until the connection ends; never done by itself.
  static HttpBody until_end();

  /// @return  how many bytes at the front of `bytes` belong to the body: all of them, unless it ends before, or is
  /// broken there.
  std::size_t feed(ConstBytes bytes);
  /// The same for what stands around chunks, up to the next byte that is in one.
  std::size_t feed_framing(ConstBytes bytes);
  /// How many bytes from here on are in the same chunk.
  [[nodiscard]] std::uint64_t left_of_chunk() const { return state_ == State::data ? left_ : 0; }

  [[nodiscard]] bool done() const { return state_ == State::done; }
  /// A byte was not what the framing asks for; nothing more belongs to the body.
  [[nodiscard]] bool broken() const { return state_ == State::broken; }
  [[nodiscard]] bool ends_with_connection() const { return state_ == State::open; }
  /// How much may be read at most without reading beyond the end, as far as that is known.
  [[nodiscard]] std::size_t most() const;

  /// Bounds of one chunk's extensions, and of all trailer fields.
  static constexpr std::uint16_t kMaxExtension = 1024;
  static constexpr std::uint16_t kMaxTrailer = 8 * 1024;

 private:
  enum class State : std::uint8_t {
    done,
    broken,
    open,
    counted,
    size,       // digits of a chunk's size
    extension,  // behind them
    size_end,   // LF
    data,       // of a chunk
    data_cr,    // behind it
    data_lf,
    trailer_start,  // of a line
    trailer_name,   // inside one
    trailer,        // behind its colon
    trailer_lf,
    last_lf,
  };
  explicit HttpBody(State state, std::uint64_t left = 0) : left_(left), state_(state) {}
  State step(std::uint8_t byte);
  State step_size(std::uint8_t byte);

  std::uint64_t left_ = 0;   // of the body, or of the chunk
  std::uint16_t count_ = 0;  // of digits, or of what is bounded
  State state_ = State::done;
};

}  // namespace ss::local
