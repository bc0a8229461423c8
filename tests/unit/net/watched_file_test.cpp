#include "../../../src/common/net/watched_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace ss::net {
namespace {

class WatchedFileTest : public testing::Test {
 protected:
  WatchedFileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "watched-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
  }
  ~WatchedFileTest() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path() const { return (folder_ / "file").string(); }
  void write(const std::string& text) const { std::ofstream(path()) << text; }

  std::filesystem::path folder_;
};

using WatchedFileChanged = WatchedFileTest;

TEST_F(WatchedFileChanged, FindsTheFirstLookAChange) {
  write("a");
  WatchedFile file(path());
  EXPECT_TRUE(file.changed());
  EXPECT_FALSE(file.changed());
  WatchedFile missing(path() + ".none");
  EXPECT_TRUE(missing.changed());
  EXPECT_FALSE(missing.changed());
}

TEST_F(WatchedFileChanged, SeesWritingReplacingRemovingAndComingBack) {
  write("a");
  WatchedFile file(path());
  file.changed();
  write("ab");
  EXPECT_TRUE(file.changed());
  std::ofstream(path() + ".new") << "ab";
  std::filesystem::rename(path() + ".new", path());
  EXPECT_TRUE(file.changed());
  std::filesystem::remove(path());
  EXPECT_TRUE(file.changed());
  EXPECT_FALSE(file.changed());
  write("ab");
  EXPECT_TRUE(file.changed());
}

TEST_F(WatchedFileTest, ReadsItsTextWhole) {
  const std::string text(100'000, 'x');
  write(text);
  EXPECT_EQ(WatchedFile(path()).read(), text);
  EXPECT_EQ(WatchedFile(path() + ".none").read(), "");
}

}  // namespace
}  // namespace ss::net
