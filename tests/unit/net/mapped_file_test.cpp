#include "ss/net/mapped_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "unit/ops/scratch_folder.hpp"

namespace ss::net {
namespace {

using Problem = MapResult::Problem;

constexpr std::string_view kMagic = "magic";
constexpr std::size_t kSize = 10'000;

class MappedFileOpen : public ::testing::Test {
 protected:
  [[nodiscard]] MapResult open(std::size_t size = kSize) const { return MappedFile::open(path, size, kMagic); }
  [[nodiscard]] Problem problem_of(std::string_view text, mode_t mode = 0600) const {
    return MappedFile::open(folder.write("other", text, mode), kSize, kMagic).problem;
  }

  ops::ScratchFolder folder;
  const std::string path = folder.path("file");
};

TEST_F(MappedFileOpen, MakesItForItsOwnerAlone) {
  const MapResult made = open();
  ASSERT_TRUE(made.file);
  EXPECT_TRUE(made.is_new);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(static_cast<std::size_t>(status.st_size), kSize);
  EXPECT_GE(static_cast<std::size_t>(status.st_blocks) * 512, kSize) << "its room is taken";
  const Bytes bytes = made.file->bytes();
  ASSERT_EQ(bytes.size(), kSize);
  EXPECT_TRUE(std::equal(kMagic.begin(), kMagic.end(), bytes.begin()));
  EXPECT_EQ(std::count(bytes.begin(), bytes.end(), 0), static_cast<std::ptrdiff_t>(kSize - kMagic.size()));
}

TEST_F(MappedFileOpen, FindsWhatWasWrittenBefore) {
  open().file->bytes()[kSize - 1] = 7;
  const MapResult again = open();
  ASSERT_TRUE(again.file);
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.file->bytes()[kSize - 1], 7);
  EXPECT_EQ(again.file->sync(), 0);
}

TEST_F(MappedFileOpen, EmptiesWhatHasAnotherSize) {
  open().file->bytes()[100] = 7;
  const MapResult larger = open(2 * kSize);
  ASSERT_TRUE(larger.file);
  EXPECT_TRUE(larger.is_new);
  EXPECT_EQ(larger.file->bytes()[100], 0);
}

TEST_F(MappedFileOpen, IsForOneAtATime) {
  const MapResult first = open();
  ASSERT_TRUE(first.file);
  EXPECT_EQ(open().problem, Problem::in_use);
}

TEST_F(MappedFileOpen, LeavesAloneWhatHoldsSomethingElse) {
  const std::string other = folder.write("precious", "{\"password\": \"x\"}");
  EXPECT_EQ(MappedFile::open(other, kSize, kMagic).problem, Problem::other);
  EXPECT_EQ(problem_of("mag"), Problem::other);
  std::ifstream file(other);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "{\"password\": \"x\"}");
}

TEST_F(MappedFileOpen, TakesAnEmptyFile) {
  EXPECT_EQ(problem_of(""), Problem::none);
}

TEST_F(MappedFileOpen, RefusesWhatOthersMayReadOrWrite) {
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U}) EXPECT_EQ(problem_of("", mode), Problem::open_to_all) << mode;
}

TEST_F(MappedFileOpen, RefusesWhatIsNoRegularFile) {
  EXPECT_EQ(MappedFile::open(folder.path(""), kSize, kMagic).problem, Problem::no_file);
  EXPECT_EQ(MappedFile::open("/dev/null", kSize, kMagic).problem, Problem::no_file);
  std::filesystem::create_symlink(folder.write("target", ""), folder.path("link"));
  EXPECT_EQ(MappedFile::open(folder.path("link"), kSize, kMagic).problem, Problem::no_file);
}

TEST_F(MappedFileOpen, SaysWhatTheSystemSays) {
  const MapResult result = MappedFile::open(folder.path("none/file"), kSize, kMagic);
  EXPECT_EQ(result.problem, Problem::system);
  EXPECT_STREQ(result.failed_at, "open");
  EXPECT_EQ(result.error, ENOENT);
}

}  // namespace
}  // namespace ss::net
