#include "ss/relay/reply.hpp"

#include <gtest/gtest.h>

namespace ss::relay {
namespace {

TEST(ReplyFor, NamesWhatTheRfcHasForEveryCause) {
  const std::pair<net::DialCause, int> wanted[] = {
      {net::DialCause::connected, 0x00},
      {net::DialCause::refused, 0x05},
      {net::DialCause::timed_out, 0x04},
      {net::DialCause::host_unreachable, 0x04},
      {net::DialCause::ttl_expired, 0x06},
      {net::DialCause::network_unreachable, 0x03},
      {net::DialCause::not_permitted, 0x02},
      {net::DialCause::no_descriptors, 0x01},
      {net::DialCause::family_unsupported, 0x08},
      {net::DialCause::failed, 0x01},
      {net::DialCause::name_not_found, 0x04},
      {net::DialCause::name_failed, 0x04},
      {net::DialCause::denied, 0x02},
      {net::DialCause::cancelled, 0x01},
  };
  for (const auto& [cause, reply] : wanted) {
    EXPECT_EQ(static_cast<int>(reply_for(cause)), reply) << net::name_of(cause);
  }
}

}  // namespace
}  // namespace ss::relay
