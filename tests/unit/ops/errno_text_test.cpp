#include "ss/ops/errno_text.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace ss::ops {
namespace {

TEST(ErrnoText, SpeaksAndNames) {
  EXPECT_EQ(errno_text(EACCES), "Permission denied (EACCES)");
}

TEST(ErrnoText, StandsUnknownNumbers) {
  EXPECT_EQ(errno_text(4711), "Unknown error 4711");
}

}  // namespace
}  // namespace ss::ops
