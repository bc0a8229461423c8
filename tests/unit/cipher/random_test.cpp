#include "ss/cipher/random.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string>
#include <thread>

#include "support.hpp"

namespace ss::cipher {
namespace {

std::string draw(std::size_t size) {
  ByteVector bytes(size);
  kernel_entropy().fill(bytes);
  return hex(bytes);
}

TEST(KernelEntropyFill, RepeatsNothing) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(draw(16)).second);
}

TEST(KernelEntropyFill, FillsAnySizeToTheEnd) {
  for (const std::size_t size : {0U, 1U, 255U, 256U, 257U, 900U, 5000U}) {
    ByteVector any(size);
    // A byte stays zero in one try of 256; in twenty it does so with a probability of 2^-160.
    for (int i = 0; i < 20; ++i) {
      ByteVector bytes(size);
      kernel_entropy().fill(bytes);
      for (std::size_t b = 0; b < size; ++b) any[b] |= bytes[b];
    }
    for (std::size_t b = 0; b < size; ++b) ASSERT_NE(any[b], 0) << size << " " << b;
  }
}

TEST(KernelEntropyFill, DiffersBetweenThreads) {
  std::string there;
  std::thread([&] { there = draw(32); }).join();
  EXPECT_NE(draw(32), there);
}

TEST(KernelEntropyFill, GivesAChildNothingOfItsParent) {
  draw(8);  // so that something is buffered
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const std::string text = draw(32);
    _exit(write(ends[1], text.data(), text.size()) == 64 ? 0 : 1);
  }
  close(ends[1]);
  std::string from_child(64, ' ');
  EXPECT_EQ(read(ends[0], from_child.data(), from_child.size()), 64);
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_NE(draw(32), from_child);
  EXPECT_NE(from_child, std::string(64, '0'));
}

}  // namespace
}  // namespace ss::cipher
