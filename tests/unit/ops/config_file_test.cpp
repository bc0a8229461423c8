#include "ss/ops/config_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "scratch_folder.hpp"

namespace ss::ops {
namespace {

using testing::HasSubstr;

std::string text(const std::string& path) {
  const auto read = read_config_file(path);
  const auto* file = std::get_if<FileText>(&read);
  return file == nullptr ? "refused" : std::string(text_of(file->text.reveal()));
}

std::string warning(const std::string& path) {
  const auto read = read_config_file(path);
  const auto* file = std::get_if<FileText>(&read);
  return file == nullptr ? "refused" : file->warning;
}

std::string problem(const std::string& path) {
  const auto read = read_config_file(path);
  const auto* found = std::get_if<FileProblem>(&read);
  return found == nullptr ? "read" : found->text;
}

TEST(ConfigFileRead, ReadsTheWholeFile) {
  const ScratchFolder folder;
  EXPECT_EQ(text(folder.write("a", "{}\n")), "{}\n");
  EXPECT_EQ(text(folder.write("b", "")), "");
  const std::string large(kMaxConfigFile, ' ');
  EXPECT_EQ(text(folder.write("c", large)), large);
}

TEST(ConfigFileRead, RefusesMoreThanAMebibyte) {
  const ScratchFolder folder;
  EXPECT_THAT(problem(folder.write("a", std::string(kMaxConfigFile + 1, ' '))), HasSubstr("1 MiB"));
}

TEST(ConfigFileRead, KeepsQuietAboutAFileOfTheOwnerAlone) {
  const ScratchFolder folder;
  for (const mode_t mode : {0400U, 0600U, 0700U}) EXPECT_EQ(warning(folder.write("a", "{}", mode)), "");
}

TEST(ConfigFileRead, WarnsOfOtherReadersWithTheCommand) {
  const ScratchFolder folder;
  for (const mode_t mode : {0640U, 0604U, 0644U, 0660U, 0444U}) {
    const std::string path = folder.write("a", "{}", mode);
    EXPECT_THAT(warning(path), HasSubstr("chmod 600 '" + path + "'")) << std::oct << mode;
  }
}

TEST(ConfigFileRead, RefusesWhatEverybodyMayWrite) {
  const ScratchFolder folder;
  for (const mode_t mode : {0602U, 0666U, 0777U}) {
    const std::string path = folder.write("a", "{}", mode);
    EXPECT_THAT(problem(path), HasSubstr("chmod 600 '" + path + "'")) << std::oct << mode;
  }
}

TEST(ConfigFileRead, NamesWhatIsNotThere) {
  const ScratchFolder folder;
  EXPECT_THAT(problem(folder.path("absent")), HasSubstr("absent: No such file or directory (ENOENT)"));
}

TEST(ConfigFileRead, RefusesAFolder) {
  const ScratchFolder folder;
  EXPECT_THAT(problem(folder.path("")), HasSubstr("is a directory"));
}

TEST(ConfigFileRead, ReadsWhatAPipeDelivers) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "{}", 2), 2);
  ::close(ends[1]);
  EXPECT_EQ(text("/dev/fd/" + std::to_string(ends[0])), "{}");
  ::close(ends[0]);
}

}  // namespace
}  // namespace ss::ops
