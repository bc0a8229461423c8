#include "ss/relay/held_bytes.hpp"

#include <cstring>

namespace ss::relay {

void HeldBytes::keep(std::span<const ConstBytes> spans, std::size_t skip) {
  SS_ASSERT(empty());
  clear();
  std::size_t total = 0;
  for (const ConstBytes span : spans) total += span.size();
  if (total == skip) return;
  bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(total - skip);
  for (ConstBytes span : spans) {
    if (skip >= span.size()) {
      skip -= span.size();
      continue;
    }
    span = span.subspan(skip);
    skip = 0;
    std::memcpy(bytes_.get() + end_, span.data(), span.size());
    end_ += static_cast<std::uint32_t>(span.size());
  }
  total_->add(end_);
}

void HeldBytes::drop(std::size_t n) {
  SS_ASSERT(n <= size());
  begin_ += static_cast<std::uint32_t>(n);
  if (empty()) clear();
}

void HeldBytes::clear() {
  if (!bytes_) return;
  total_->sub(end_);
  bytes_.reset();
  begin_ = end_ = 0;
}

}  // namespace ss::relay
