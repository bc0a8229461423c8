#include "http/response.hpp"

#include <gtest/gtest.h>

namespace ss::local {
namespace {

HttpResponse parsed(const std::string& text, const HttpWish& wish = {}) {
  HttpResponseStep step = parse_http_response(bytes_of(text), wish);
  if (auto* const response = std::get_if<HttpResponse>(&step)) return *response;
  ADD_FAILURE() << "not an answer: " << text;
  return {};
}
bool refused(const std::string& text, const HttpWish& wish = {}) {
  return std::holds_alternative<std::monostate>(parse_http_response(bytes_of(text), wish));
}
constexpr HttpWish kHead{true, true, true};
constexpr HttpWish kOld{false, false, true};

TEST(ParseHttpResponse, IsReadyOnlyWhole) {
  const std::string whole = "HTTP/1.1 200 All right\r\nContent-Length: 3\r\nX: y\r\n\r\n";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_TRUE(std::holds_alternative<protocol::Need>(parse_http_response(bytes_of(whole.substr(0, cut)), {})));
  }
  const HttpResponse response = parsed(whole + "abc");
  EXPECT_EQ(response.length, whole.size());
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.head, "HTTP/1.1 200 All right\r\nX: y\r\nContent-Length: 3\r\n");
  EXPECT_EQ(response.body.most(), 3U);
  EXPECT_TRUE(response.reusable);
}

TEST(ParseHttpResponse, TakesLinesThatEndWithALineFeedAlone) {
  for (const std::string whole :
       {"HTTP/1.1 200 OK\nX: y\nContent-Length: 3\n\n", "HTTP/1.1 200 OK\nX: y\r\nContent-Length: 3\n\r\n",
        "HTTP/1.1 200 OK\r\nX: y\nContent-Length: 3\r\n\n"}) {
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      EXPECT_TRUE(std::holds_alternative<protocol::Need>(parse_http_response(bytes_of(whole.substr(0, cut)), {})));
    }
    const HttpResponse response = parsed(whole + "abc");
    EXPECT_EQ(response.length, whole.size());
    EXPECT_EQ(response.head, "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 3\r\n");
  }
}

TEST(ParseHttpResponse, FindsTheEndWhereverItWasLookedForBefore) {
  for (const std::string whole : {"HTTP/1.1 200 OK\r\nX: y\r\n\r\n", "HTTP/1.1 200 OK\nX: y\n\n"}) {
    for (std::size_t looked_at = 0; looked_at < whole.size(); ++looked_at) {
      const HttpResponseStep step = parse_http_response(bytes_of(whole), {}, looked_at);
      EXPECT_TRUE(std::holds_alternative<HttpResponse>(step)) << looked_at;
    }
  }
}

TEST(ParseHttpResponse, DoesNotSearchAgainWhatWasLookedAt) {
  const std::string whole = "HTTP/1.1 200 OK\r\n\r\n";
  const std::string behind = whole + "X: y";
  EXPECT_TRUE(std::holds_alternative<protocol::Need>(parse_http_response(bytes_of(behind), {}, behind.size())));
}

TEST(ParseHttpResponse, WritesTheHeadAnew) {
  const HttpResponse response = parsed(
      "HTTP/1.0 404 \r\n"
      "Connection: close, X-Mine\r\n"
      "X-Mine: gone\r\n"
      "Keep-Alive: timeout=5\r\n"
      "Proxy-Authenticate: Basic realm=x\r\n"
      "Upgrade: h2c\r\n"
      "Trailer: X\r\n"
      "Transfer-Encoding: chunked\r\n"
      "Set-Cookie: a=b\r\n"
      "Set-Cookie: c=d\r\n"
      "Folded: one\r\n  two\r\n"
      "\r\n");
  EXPECT_EQ(response.head,
            "HTTP/1.1 404 \r\n"
            "Set-Cookie: a=b\r\n"
            "Set-Cookie: c=d\r\n"
            "Folded: one    two\r\n"
            "Transfer-Encoding: chunked\r\n");
}

TEST(ParseHttpResponse, TakesAStatusLineWithoutAReason) {
  EXPECT_EQ(parsed("HTTP/1.1 200\r\n\r\n").head, "HTTP/1.1 200 \r\n");
}

TEST(ParseHttpResponse, TellsWhereTheBodyEnds) {
  EXPECT_TRUE(parsed("HTTP/1.1 200 OK\r\n\r\n").body.ends_with_connection());
  EXPECT_TRUE(parsed("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n").body.ends_with_connection());
  EXPECT_FALSE(parsed("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n").body.ends_with_connection());
  for (const char* status : {"100", "103", "199", "204", "304"}) {
    EXPECT_TRUE(parsed(std::string("HTTP/1.1 ") + status + " X\r\nContent-Length: 5\r\n\r\n").body.done()) << status;
  }
  EXPECT_TRUE(parsed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", kHead).body.done());
  EXPECT_TRUE(parsed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", kHead).body.done());
}

TEST(ParseHttpResponse, KeepsTheLengthThatDescribesWhatIsNotSent) {
  EXPECT_EQ(parsed("HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n").head, "HTTP/1.1 304 X\r\nContent-Length: 5\r\n");
  EXPECT_EQ(parsed("HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\n", kHead).head,
            "HTTP/1.1 200 X\r\nContent-Length: 5\r\n");
  EXPECT_EQ(parsed("HTTP/1.1 204 X\r\nContent-Length: 5\r\n\r\n").head, "HTTP/1.1 204 X\r\n");
}

TEST(ParseHttpResponse, KnowsWhetherItsConnectionMayBeUsedAgain) {
  EXPECT_FALSE(parsed("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n").reusable);
  EXPECT_FALSE(parsed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n").reusable);
  EXPECT_FALSE(parsed("HTTP/1.1 200 OK\r\n\r\n").reusable);
  EXPECT_TRUE(parsed("HTTP/1.1 304 OK\r\n\r\n").reusable);
}

TEST(ParseHttpResponse, TakesChunksOffForHttp10) {
  const HttpResponse response = parsed("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", kOld);
  EXPECT_TRUE(response.unchunked);
  EXPECT_TRUE(response.reusable) << "the target's connection stays";
  EXPECT_EQ(response.head, "HTTP/1.1 200 OK\r\n");
  EXPECT_FALSE(parsed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", kOld).unchunked);
  EXPECT_EQ(parsed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", {true, false, true}).head,
            "HTTP/1.1 200 OK\r\n");
  for (const char* coding : {"gzip", "gzip, chunked", "identity", ""}) {
    EXPECT_TRUE(refused(std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: ") + coding + "\r\n\r\n", kOld)) << coding;
  }
}

TEST(ParseHttpResponse, RefusesWhatHasTwoReadings) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::string texts[] = {
      "SSH-2.0-OpenSSH\r\n",
      "HTTP/2 200\r\n\r\n",
      "http/1.1 200 OK\r\n\r\n",
      "\r\nHTTP/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 099 OK\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
      head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
      head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
      head + "Content-Length: 5, 5\r\n\r\n",
      head + "Content-Length: x\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      head + "X : y\r\n\r\n",
      head + "X: a\rb\r\n\r\n",
      head + std::string("X: a\0\r\n\r\n", 9),
      head + "X: " + std::string(kMaxResponseHead, 'x'),
  };
  for (const std::string& text : texts) EXPECT_TRUE(refused(text)) << text.substr(0, 60);
}

}  // namespace
}  // namespace ss::local
