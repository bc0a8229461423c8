#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ss/base/bytes.hpp"

/// The heads of HTTP/1 messages (RFC 9110, RFC 9112), as both directions need them: split into parts, and written.
/// Boost.Beast splits; nothing of it is seen from here.
namespace ss::local {

struct HttpField {
  std::string_view name;
  std::string_view value;
};

/// The parts of one head. They point into it.
struct HttpHead {
  std::string_view method, target;  ///< of a request
  unsigned status = 0;              ///< of an answer
  std::string_view reason;          ///< and what stands behind it
  int version = 11;                 ///< 10 or 11
  std::vector<HttpField> fields;

  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// The first of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
};

enum class HttpHeadFault {
  malformed,
  version,  ///< a first line as it should be, of another version
};
using HttpHeadSplit = std::variant<HttpHead, HttpHeadFault>;

/// @param head  whole: with its empty line, and nothing behind it.
HttpHeadSplit split_request_head(ConstBytes head);
HttpHeadSplit split_response_head(ConstBytes head);

/// The length of the head at the front of `bytes`, its empty line included; 0 where it is not whole.
std::size_t whole_head(ConstBytes bytes);

/// Every word of the lists that `Connection` and `Proxy-Connection` hold. They point into the head.
///
/// Cost: a peer chooses both how many words and how many fields there are, so that a look-up is logarithmic.
class ConnectionWords {
 public:
  explicit ConnectionWords(const HttpHead& head);
  [[nodiscard]] bool has(std::string_view word) const;
  /// A field that is passed on: not of this connection alone (RFC 9110 section 7.6.1), and none that says how long the
  /// body is, which is written anew.
  [[nodiscard]] bool let_pass(const HttpField& field) const;

 private:
  std::vector<std::string_view> words_;  // in order
};

/// The same word in any case.
bool is_same_word(std::string_view a, std::string_view b);
std::string_view without_blanks(std::string_view text);
/// Digits alone, at most 18.
bool is_decimal(std::string_view text);
void add_field(std::string& head, std::string_view name, std::string_view value);

}  // namespace ss::local
