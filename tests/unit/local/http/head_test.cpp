#include "http/head.hpp"

#include <gtest/gtest.h>

namespace ss::local {
namespace {

HttpHead with_connection(std::string_view words) {
  HttpHead head;
  head.fields = {{"Connection", words}, {"Proxy-Connection", "X-Two"}};
  return head;
}

TEST(SplitHead, FindsEveryPart) {
  const std::string request = "GET http://a.test/ HTTP/1.0\r\nX:  y \r\nx: z\r\n\r\n";
  const HttpHeadSplit split = split_request_head(bytes_of(request));
  ASSERT_TRUE(std::holds_alternative<HttpHead>(split));
  const auto& head = std::get<HttpHead>(split);
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "http://a.test/");
  EXPECT_EQ(head.version, 10);
  EXPECT_EQ(head.count("X"), 2U);
  EXPECT_EQ(head.find("x"), "y") << "the first, without the blanks around it";
  EXPECT_EQ(head.find("y"), std::nullopt);

  const std::string answer = "HTTP/1.1 404 Not here\r\n\r\n";
  const HttpHeadSplit other = split_response_head(bytes_of(answer));
  ASSERT_TRUE(std::holds_alternative<HttpHead>(other));
  EXPECT_EQ(std::get<HttpHead>(other).status, 404U);
  EXPECT_EQ(std::get<HttpHead>(other).reason, "Not here");
}

TEST(SplitHead, TellsAnotherVersionFromWhatIsNone) {
  const auto fault = [](const std::string& line) {
    const HttpHeadSplit split = split_request_head(bytes_of(line + "\r\n\r\n"));
    const auto* const found = std::get_if<HttpHeadFault>(&split);
    return found != nullptr ? std::optional(*found) : std::nullopt;
  };
  EXPECT_EQ(fault("PRI * HTTP/2.0"), HttpHeadFault::version);
  EXPECT_EQ(fault("GET a b HTTP/1.1"), HttpHeadFault::malformed);
  EXPECT_EQ(fault("GET a HTTP/1.1"), std::nullopt);
}

TEST(WholeHead, EndsWithTheFirstEmptyLine) {
  EXPECT_EQ(whole_head(bytes_of("A: b\r\n")), 0U);
  EXPECT_EQ(whole_head(bytes_of("A: b\r\n\r\nC: d\r\n\r\n")), 8U);
}

TEST(ConnectionWords, AreFoundInAnyCaseAndOrder) {
  const ConnectionWords words(with_connection("close,, X-Mine ,\tkeep-alive,A"));
  for (const char* word : {"Close", "x-mine", "Keep-Alive", "a", "x-two"}) EXPECT_TRUE(words.has(word)) << word;
  for (const char* word : {"", "clos", "closed", "b", "x-mine ,"}) EXPECT_FALSE(words.has(word)) << word;
}

TEST(ConnectionWords, LetPassWhatIsNotOfTheConnection) {
  const ConnectionWords words(with_connection("X-Mine"));
  for (const char* name : {"x-mine", "X-TWO", "connection", "Proxy-Authorization", "proxy-x", "TE", "Trailer",
                           "Upgrade", "Keep-Alive", "Transfer-Encoding", "Content-Length"}) {
    EXPECT_FALSE(words.let_pass({name, ""})) << name;
  }
  for (const char* name : {"Accept", "X-Min", "X-Mine2", "Proxy", "TEE"})
    EXPECT_TRUE(words.let_pass({name, ""})) << name;
}

}  // namespace
}  // namespace ss::local
