#include "source.hpp"

#include <algorithm>

#include "ss/base/address_class.hpp"
#include "ss/base/bytes.hpp"

namespace ss::server {

Source::Source(const IpAddress& address) : loopback_(classify(address) == AddressClass::loopback) {
  const IpAddress plain = address.unmapped();
  v6_ = plain.is_v6();
  const ConstBytes bytes = plain.bytes();
  std::copy_n(bytes.begin(), std::min(bytes.size(), prefix_.size()), prefix_.begin());
}

std::size_t SourceHash::operator()(const Source& source) const noexcept {
  std::array<std::uint8_t, 9> text{};
  std::copy(source.prefix_.begin(), source.prefix_.end(), text.begin());
  text.back() = source.v6_ ? 1 : 0;
  return static_cast<std::size_t>(cipher::siphash(key, text));
}

}  // namespace ss::server
