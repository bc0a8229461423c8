#pragma once

#include <array>
#include <chrono>
#include <memory>

#include "ss/base/address.hpp"
#include "ss/base/clock.hpp"

namespace ss::net {

/// Addresses that the kernel would not send several datagrams to as one buffer, each for a minute: the path is too
/// narrow for a segment, or the interface cannot cut. Ports do not matter to either.
///
/// A fixed number of places, found by the address: one that falls together with another takes its place, which costs
/// the other a refused send. Owner: the worker. Threads: the worker's. Cost: no memory before the first refusal, 10 KiB
/// from then on.
class GsoRefusals {
 public:
  explicit GsoRefusals(const Clock& clock) : clock_(clock) {}

  void remember(const IpAddress& to);
  [[nodiscard]] bool refuses(const IpAddress& to) const;

  static constexpr Duration kFor = std::chrono::minutes(1);

 private:
  struct Place {
    IpAddress address;
    MonoTime until{};
  };
  static constexpr std::size_t kPlaces = 256;
  using Table = std::array<Place, kPlaces>;
  static std::size_t place_of(const IpAddress& address);

  const Clock& clock_;
  std::unique_ptr<Table> table_;
};

}  // namespace ss::net
