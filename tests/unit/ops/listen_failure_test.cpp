#include "ss/ops/listen_failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace ss::ops {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const Endpoint kWeb{IpAddress(IpAddress::V4{127, 0, 0, 1}), 80};
const Endpoint kHigh{IpAddress(IpAddress::V6{}), 8388};

TEST(ListenFailureDescribe, NamesListenerErrnoAndCause) {
  EXPECT_EQ(describe_listen_failure(kWeb, EACCES, ""),
            "cannot listen on 127.0.0.1:80: Permission denied (EACCES): ports below 1024 need root or the capability "
            "CAP_NET_BIND_SERVICE");
  EXPECT_THAT(describe_listen_failure(kHigh, EACCES, ""), AllOf(HasSubstr("[::]:8388"), HasSubstr("security rule")));
  EXPECT_THAT(describe_listen_failure(kHigh, EADDRNOTAVAIL, ""), HasSubstr("no network interface"));
  EXPECT_THAT(describe_listen_failure(kHigh, EAFNOSUPPORT, ""), HasSubstr("IPv6 is switched off"));
  EXPECT_THAT(describe_listen_failure(kWeb, EAFNOSUPPORT, ""), HasSubstr("IPv4 is switched off"));
  EXPECT_THAT(describe_listen_failure(kWeb, EMFILE, ""), HasSubstr("nofile"));
  EXPECT_THAT(describe_listen_failure(kWeb, ENOMEM, ""), testing::EndsWith("(ENOMEM)"));
}

TEST(ListenFailureDescribe, SaysWhoHasThePort) {
  EXPECT_THAT(describe_listen_failure(kWeb, EADDRINUSE, "pid 812 (nginx)"),
              HasSubstr("(EADDRINUSE): pid 812 (nginx) has the port"));
  EXPECT_THAT(describe_listen_failure(kWeb, EADDRINUSE, ""), HasSubstr("ss -ltnp"));
}

TEST(ListenFailureDescribe, StaysOnOneLine) {
  EXPECT_THAT(describe_listen_failure(kWeb, EADDRINUSE, "pid 1 (a\nb)"), HasSubstr("(a\\nb)"));
}

}  // namespace
}  // namespace ss::ops
