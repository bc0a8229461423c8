#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "sim/world.hpp"
#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/method.hpp"
#include "ss/protocol/replay/salt_filter.hpp"

namespace ss::sim {

inline const Endpoint kLocal{IpAddress(IpAddress::V4{127, 0, 0, 1}), 1080};
inline const IpAddress kLocalOutside(IpAddress::V4{203, 0, 113, 9});  ///< where ss-local sends to ss-server from
inline const Endpoint kServer{IpAddress(IpAddress::V4{198, 51, 100, 1}), 8388};
inline const Endpoint kTarget{IpAddress(IpAddress::V4{93, 184, 216, 34}), 80};
/// Those that ss-local asks whether packets get through.
inline const Endpoint kResolver{IpAddress(IpAddress::V4{1, 1, 1, 1}), 53};
inline const Endpoint kOtherResolver{IpAddress(IpAddress::V4{8, 8, 8, 8}), 53};
inline constexpr std::string_view kTargetName = "target.example";

/// Stands in all payload of a run, and nowhere on the wire between the programs.
inline constexpr std::string_view kSentinel = "PLAINTEXT";

[[nodiscard]] bool contains(ConstBytes hay, ConstBytes needle);

/// What both programs are configured with.
Secret secret_for(const cipher::Method& method);
/// A filter of streams' or packets' salts.
std::unique_ptr<protocol::SaltFilter> filter_for(const cipher::Method& method, World& world);

/// Counts what goes into the real filter.
class CountingFilter final : public protocol::SaltFilter {
 public:
  explicit CountingFilter(std::unique_ptr<protocol::SaltFilter> inner) : inner_(std::move(inner)) {}
  protocol::SaltVerdict insert(ConstBytes salt, UnixSeconds stamp, MonoTime now) override {
    ++inserted;
    return inner_->insert(salt, stamp, now);
  }
  std::size_t inserted = 0;

 private:
  std::unique_ptr<protocol::SaltFilter> inner_;
};

}  // namespace ss::sim
