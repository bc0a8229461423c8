#include "ss/config/nearest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace ss::config {
namespace {

TEST(EditDistance, CountsLetters) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("password", "pasword"), 1u);
  EXPECT_EQ(edit_distance("port", "prot"), 1u);
  EXPECT_EQ(edit_distance("Server", "server"), 0u);
  EXPECT_EQ(edit_distance("server", "sarver"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

constexpr std::array<std::string_view, 3> kWords = {"password", "server_port", "mode"};

TEST(Nearest, FindsMisspeltWord) {
  EXPECT_EQ(nearest("pasword", kWords), "password");
  EXPECT_EQ(nearest("serverport", kWords), "server_port");
  EXPECT_EQ(nearest("moed", kWords), "mode");
}

TEST(Nearest, LeavesFarWordsAlone) {
  EXPECT_EQ(nearest("", kWords), "");
  EXPECT_EQ(nearest("x", kWords), "");
  EXPECT_EQ(nearest("colour", kWords), "");
  EXPECT_EQ(nearest("mxyz", kWords), "");
  EXPECT_EQ(nearest(std::string(100'000, 'p'), kWords), "");
}

}  // namespace
}  // namespace ss::config
