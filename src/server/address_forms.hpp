#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "ss/base/address.hpp"

namespace ss::server {

/// In which form a client names IPv4 addresses, plain or IPv4-mapped: answers name their source as the client would.
///
/// Remembers the last four addresses; 24 bytes, for every association has one.
/// Owner: the association. Threads: the worker's.
class AddressForms {
 public:
  /// @pre  address.is_v4()
  void note(const IpAddress& address, bool mapped) {
    last_ = mapped;
    const IpAddress::V4 bytes = bytes_of(address);
    auto named = std::find_if(named_.begin(), named_.end(), [&](const Named& one) { return one.address == bytes; });
    if (named == named_.end()) named = named_.begin() + next_++ % named_.size();
    *named = {bytes, mapped};
  }
  /// @return  whether that address was named in mapped form; of one that is not remembered, whether the last one was.
  /// @pre  address.is_v4()
  [[nodiscard]] bool is_mapped(const IpAddress& address) const {
    const IpAddress::V4 bytes = bytes_of(address);
    for (const Named& one : named_) {
      if (one.address == bytes) return one.mapped;
    }
    return last_;
  }

 private:
  struct Named {
    IpAddress::V4 address{};  // 0.0.0.0, which is no source, where there is none
    bool mapped = false;
  };
  static IpAddress::V4 bytes_of(const IpAddress& address) {
    IpAddress::V4 bytes{};
    std::copy_n(address.bytes().begin(), bytes.size(), bytes.begin());
    return bytes;
  }

  std::array<Named, 4> named_;
  std::uint8_t next_ = 0;
  bool last_ = false;
};

}  // namespace ss::server
