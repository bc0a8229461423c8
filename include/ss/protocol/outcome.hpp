#pragma once

#include <cstddef>
#include <utility>
#include <variant>

#include "ss/base/errc.hpp"

namespace ss::protocol {

/// The bytes so far are a proper beginning; at least `bytes` (≥ 1) more are needed. Needing more is never an error.
struct Need {
  std::size_t bytes = 1;
};

/// What a parser made of the bytes it was shown: a value, a wish for more, or why they were refused.
template <class T>
class [[nodiscard]] Parsed {
 public:
  Parsed(T value) : state_(std::move(value)) {}  // NOLINT(google-explicit-constructor): a return value
  Parsed(Need need) : state_(need) {}            // NOLINT(google-explicit-constructor)
  Parsed(Errc error) : state_(error) {}          // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ready() const { return std::holds_alternative<T>(state_); }
  [[nodiscard]] bool needs_more() const { return std::holds_alternative<Need>(state_); }
  [[nodiscard]] bool failed() const { return std::holds_alternative<Errc>(state_); }
  /// @pre  ready()
  T& value() { return std::get<T>(state_); }
  const T& value() const { return std::get<T>(state_); }
  /// @pre  needs_more()
  [[nodiscard]] std::size_t need() const { return std::get<Need>(state_).bytes; }
  /// @pre  failed()
  [[nodiscard]] Errc error() const { return std::get<Errc>(state_); }

 private:
  std::variant<T, Need, Errc> state_;
};

}  // namespace ss::protocol
