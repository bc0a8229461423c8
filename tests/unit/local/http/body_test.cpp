#include "http/body.hpp"

#include <gtest/gtest.h>

namespace ss::local {
namespace {

/// Feeds `text` in pieces of `step` bytes. @return how many bytes belonged to the body.
std::size_t feed(HttpBody& body, std::string_view text, std::size_t step) {
  std::size_t taken = 0;
  for (std::size_t at = 0; at < text.size(); at += step) {
    const std::string_view piece = text.substr(at, step);
    const std::size_t n = body.feed(bytes_of(piece));
    taken += n;
    if (n < piece.size()) break;
  }
  return taken;
}

TEST(HttpBodyFeed, IsDoneAtOnceWithoutABody) {
  HttpBody none;
  EXPECT_TRUE(none.done());
  EXPECT_EQ(none.feed(bytes_of("GET")), 0U);
  EXPECT_TRUE(HttpBody::counted(0).done());
  EXPECT_EQ(HttpBody::counted(0).most(), 0U);
}

TEST(HttpBodyFeed, CountsToTheEnd) {
  for (const std::size_t step : {1U, 3U, 100U}) {
    HttpBody body = HttpBody::counted(10);
    EXPECT_EQ(body.most(), 10U);
    EXPECT_EQ(feed(body, "0123456789next", step), 10U);
    EXPECT_TRUE(body.done());
    EXPECT_FALSE(body.ends_with_connection());
  }
  HttpBody long_one = HttpBody::counted(std::uint64_t{1} << 40);
  EXPECT_EQ(feed(long_one, "abc", 3), 3U);
  EXPECT_FALSE(long_one.done());
  EXPECT_EQ(long_one.most(), (std::size_t{1} << 40) - 3);
}

TEST(HttpBodyFeed, TakesAllThatComesUntilTheConnectionEnds) {
  HttpBody body = HttpBody::until_end();
  EXPECT_EQ(feed(body, "0\r\n\r\nand more", 4), 13U);
  EXPECT_FALSE(body.done());
  EXPECT_TRUE(body.ends_with_connection());
}

TEST(HttpBodyFeed, FindsTheEndOfChunksInEverySplit) {
  const std::string_view bodies[] = {
      "0\r\n\r\n",
      "3\r\nabc\r\n0\r\n\r\n",
      "0A;name=value;other=\"quoted; text\"\r\n0123456789\r\n1 \r\nx\r\n000\r\n\r\n",
      "e\r\n0\r\n\r\n0\r\n\r\n0\r\n\r\r\n0\r\n\r\n",
      "1\r\nx\r\n0\r\nChecksum: 1234\r\nOther:\tx\r\n\r\n",
  };
  for (const std::string_view chunks : bodies) {
    const std::string with_next = std::string(chunks) + "GET http://next/";
    for (std::size_t step = 1; step <= with_next.size(); ++step) {
      HttpBody body = HttpBody::chunked();
      EXPECT_EQ(feed(body, with_next, step), chunks.size()) << chunks << " in steps of " << step;
      EXPECT_TRUE(body.done());
    }
    for (std::size_t cut = 0; cut < chunks.size(); ++cut) {
      HttpBody body = HttpBody::chunked();
      EXPECT_EQ(feed(body, chunks.substr(0, cut), 7), cut);
      EXPECT_FALSE(body.done() || body.broken()) << chunks << " cut at " << cut;
    }
  }
}

TEST(HttpBodyFeed, IsBrokenWhereChunksHaveTwoReadings) {
  const std::pair<std::string, std::size_t> broken[] = {
      {"\r\n", 0},
      {"g\r\n", 0},
      {"-1\r\n", 0},
      {"0x3\r\n", 1},
      {"+3\r\n", 0},
      {" 3\r\n", 0},
      {"3\nabc", 1},
      {"3\rabc", 2},
      {"3;a=b\nabc", 5},
      {"3;a=b\rX", 6},
      {std::string("3;a\0\r\n", 6), 3},
      {"3\r\nabcd", 6},
      {"3\r\nabc\n", 6},
      {"3\r\nabc\rX", 7},
      {"0\r\n: x\r\n\r\n", 3},
      {"0\r\n folded\r\n\r\n", 3},
      {"0\r\nGET / HTTP/1.1\r\n\r\n", 6},
      {"0\r\nA : b\r\n\r\n", 4},
      {"0\r\nA\r\n\r\n", 4},
      {"0\r\nA: b\n\r\n", 7},
      {"0\r\n\rX", 4},
      {"00000000000000003\r\n", 16},
      {"3;" + std::string(1025, 'e') + "\r\n", 1026},
      {"0\r\n" + std::string(9000, 't'), 3 + 8192},
  };
  for (const auto& [chunks, good] : broken) {
    for (const std::size_t step : {std::size_t{1}, chunks.size()}) {
      HttpBody body = HttpBody::chunked();
      EXPECT_EQ(feed(body, chunks, step), good) << chunks;
      EXPECT_TRUE(body.broken()) << chunks;
      EXPECT_EQ(body.feed(bytes_of("0\r\n\r\n")), 0U) << "and stays so";
      EXPECT_EQ(body.most(), 0U);
    }
  }
}

TEST(HttpBodyFeedFraming, StopsWhereDataBegins) {
  HttpBody body = HttpBody::chunked();
  EXPECT_EQ(body.feed_framing(bytes_of("3;x")), 3U);
  EXPECT_EQ(body.left_of_chunk(), 0U);
  EXPECT_EQ(body.feed_framing(bytes_of("\r\nabc\r\n")), 2U);
  EXPECT_EQ(body.left_of_chunk(), 3U);
  EXPECT_EQ(body.feed_framing(bytes_of("abc")), 0U);
  EXPECT_EQ(body.feed(bytes_of("ab")), 2U);
  EXPECT_EQ(body.left_of_chunk(), 1U);
  EXPECT_EQ(body.feed(bytes_of("c")), 1U);
  EXPECT_EQ(body.feed_framing(bytes_of("\r\n0\r\nT: x\r\n\r\nnext")), 13U);
  EXPECT_TRUE(body.done());
  HttpBody broken = HttpBody::chunked();
  EXPECT_EQ(broken.feed_framing(bytes_of("3\n")), 1U);
  EXPECT_TRUE(broken.broken());
}

TEST(HttpBodyFeed, TakesTheLargestChunkSize) {
  HttpBody body = HttpBody::chunked();
  EXPECT_EQ(feed(body, "FFFFFFFFFFFFFFFF\r\nabc", 1), 21U);
  EXPECT_FALSE(body.done() || body.broken());
}

}  // namespace
}  // namespace ss::local
