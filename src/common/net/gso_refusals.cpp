#include "gso_refusals.hpp"

#include <functional>
#include <string_view>

namespace ss::net {

std::size_t GsoRefusals::place_of(const IpAddress& address) {
  return std::hash<std::string_view>()(text_of(address.bytes())) % kPlaces;
}

void GsoRefusals::remember(const IpAddress& to) {
  if (!table_) table_ = std::make_unique<Table>();
  (*table_)[place_of(to)] = {to, clock_.now() + kFor};
}

bool GsoRefusals::refuses(const IpAddress& to) const {
  if (!table_) return false;
  const Place& place = (*table_)[place_of(to)];
  return place.address == to && clock_.now() < place.until;
}

}  // namespace ss::net
