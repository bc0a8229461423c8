#include "http/request.hpp"

#include <gtest/gtest.h>

namespace ss::local {
namespace {

HttpRequest parsed(const std::string& text) {
  HttpRequestStep step = parse_http_request(bytes_of(text));
  if (auto* const request = std::get_if<HttpRequest>(&step)) return *request;
  ADD_FAILURE() << "not a request: " << text;
  return {};
}
/// 0: it was not refused.
unsigned refused(const std::string& text) {
  const HttpRequestStep step = parse_http_request(bytes_of(text));
  const auto* const refusal = std::get_if<HttpRefusal>(&step);
  return refusal != nullptr ? refusal->status : 0;
}
std::string get(const std::string& fields) {
  return "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n" + fields + "\r\n";
}
std::string post(const std::string& fields) {
  return "POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\n" + fields + "\r\n";
}

TEST(ParseHttpRequest, IsReadyOnlyWhole) {
  const std::string whole = "GET http://a.test:81/x?y HTTP/1.1\r\nHost: a.test:81\r\nAccept: */*\r\n\r\n";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_TRUE(std::holds_alternative<protocol::Need>(parse_http_request(bytes_of(whole.substr(0, cut))))) << cut;
  }
  for (const char* behind : {"", "G", "GET http://b.test/ HTTP/1.1\r\n"}) {
    const HttpRequest request = parsed(whole + behind);
    EXPECT_EQ(request.length, whole.size());
    EXPECT_EQ(request.target.to_string(), "a.test:81");
    EXPECT_EQ(request.head, "GET /x?y HTTP/1.1\r\nHost: a.test:81\r\nAccept: */*\r\n\r\n");
  }
}

TEST(ParseHttpRequest, PassesOverEmptyLinesInFront) {
  const std::string text = get("");
  const HttpRequest request = parsed("\r\n\r\n" + text);
  EXPECT_EQ(request.length, text.size() + 4);
}

TEST(ParseHttpRequest, WritesTheHeadAnew) {
  const HttpRequest request = parsed(
      "GET http://Example.test/a#b HTTP/1.1\r\n"
      "Accept:text/html\r\n"
      "host:   example.test  \r\n"
      "Connection: keep-alive, X-Mine,TE\r\n"
      "Proxy-Connection: keep-alive\r\n"
      "Proxy-Authorization: Basic QTpC\r\n"
      "Proxy-Anything: x\r\n"
      "Keep-Alive: 300\r\n"
      "TE: trailers\r\n"
      "Trailer: X\r\n"
      "Upgrade: h2c\r\n"
      "X-MINE: gone\r\n"
      "X-Other: stays\r\n"
      "Cookie: a=b\r\n"
      "Cookie: c=d\r\n"
      "\r\n");
  EXPECT_EQ(request.head,
            "GET /a HTTP/1.1\r\n"
            "Host: Example.test\r\n"
            "Accept: text/html\r\n"
            "X-Other: stays\r\n"
            "Cookie: a=b\r\n"
            "Cookie: c=d\r\n"
            "\r\n");
  EXPECT_EQ(request.credentials, "Basic QTpC");
}

TEST(ParseHttpRequest, NeverLetsConnectionNameTheBodysLengthAway) {
  const HttpRequest request = parsed(post("Content-Length: 5\r\nConnection: content-length, host, close\r\n"));
  EXPECT_EQ(request.head, "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
  const HttpRequest chunked = parsed(post("Transfer-Encoding: Chunked\r\nConnection: transfer-encoding\r\n"));
  EXPECT_EQ(chunked.head, "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(ParseHttpRequest, TellsWhereTheBodyEnds) {
  EXPECT_TRUE(parsed(get("")).body.done());
  EXPECT_TRUE(parsed(post("Content-Length: 0\r\n")).body.done());
  EXPECT_EQ(parsed(post("Content-Length: 007\r\n")).body.most(), 7U);
  EXPECT_EQ(parsed(post("Content-Length: 999999999999999999\r\n")).body.most(), 999'999'999'999'999'999U);
  EXPECT_FALSE(parsed(post("Transfer-Encoding: chunked\r\n")).body.done());
}

TEST(ParseHttpRequest, RefusesABodyOfTwoReadings) {
  for (const char* fields : {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                             "Content-Length: 5\r\nContent-Length: 5\r\n",
                             "Content-Length: 5\r\nContent-Length: 6\r\n",
                             "Content-Length: 5, 5\r\n",
                             "Content-Length: 5,6\r\n",
                             "Content-Length: +5\r\n",
                             "Content-Length: -5\r\n",
                             "Content-Length: 0x5\r\n",
                             "Content-Length: 5 5\r\n",
                             "Content-Length: 5;\r\n",
                             "Content-Length:\r\n",
                             "Content-Length: 9999999999999999999\r\n",
                             "Content-Length: 18446744073709551621\r\n",
                             "Transfer-Encoding: gzip, chunked\r\n",
                             "Transfer-Encoding: chunked, chunked\r\n",
                             "Transfer-Encoding: chunked, identity\r\n",
                             "Transfer-Encoding: identity\r\n",
                             "Transfer-Encoding: xchunked\r\n",
                             "Transfer-Encoding: \"chunked\"\r\n",
                             "Transfer-Encoding: chunked;q=1\r\n",
                             "Transfer-Encoding:\r\n",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
                             "Transfer-Encoding: \013chunked\r\n"}) {
    EXPECT_EQ(refused(post(fields)), 400U) << fields;
  }
  EXPECT_EQ(refused("POST http://a.test/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400U);
}

TEST(ParseHttpRequest, RefusesLinesOfTwoReadings) {
  const std::string texts[] = {
      get("X: a\r\n folded\r\n"),
      get("X: a\r\n\tfolded\r\n"),
      get(" X: a\r\n"),
      get("X : a\r\n"),
      get("X\t: a\r\n"),
      get(": a\r\n"),
      get("X\r\n"),
      get("X: a\nY: b\r\n"),
      get("X: a\rY: b\r\n"),
      get("X: a\r\r\n"),
      get(std::string("X: a\0b\r\n", 8)),
      get("X: a\x01\r\n"),
      get("X: a\x7f\r\n"),
      get("X\xc3\xa9: a\r\n"),
      get("X(: a\r\n"),
      "GET http://a.test/ HTTP/1.1\nHost: a.test\n\n",
      "GET  http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
      "GET http://a.test/  HTTP/1.1\r\nHost: a.test\r\n\r\n",
      "GET\thttp://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
      "GET http://a.test/ x HTTP/1.1\r\nHost: a.test\r\n\r\n",
      "G(T http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
      "GET http://a.test/\r\n\r\n",
      std::string(33, 'M') + " http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
  };
  for (const std::string& text : texts) EXPECT_EQ(refused(text), 400U) << text;
}

TEST(ParseHttpRequest, TellsAnotherVersionFromALineThatIsNone) {
  for (const char* line : {"PRI * HTTP/2.0", "GET http://a.test/ HTTP/1.2", "GET http://a.test/ HTTP/0.9",
                           "GET http://a.test/ HTTP/9.1"}) {
    EXPECT_EQ(refused(std::string(line) + "\r\nHost: a.test\r\n\r\n"), 505U) << line;
  }
  for (const char* line :
       {"GET a b HTTP/1.1", "GET a b HTTP/2.0", "GET http://a.test/ http/1.1", "GET http://a.test/ HTTP/1.1 ",
        "GET http://a.test/ HTTP/1.10", "GET http://a.test/ HTTP/11", "GET http://a.test/ HTTPS/1.1",
        "GET http://a.test/ x", "GET http://a.test/ ", "GET http://a.test/", "GET", "get HTTP/1.1"}) {
    EXPECT_EQ(refused(std::string(line) + "\r\nHost: a.test\r\n\r\n"), 400U) << line;
  }
}

TEST(ParseHttpRequest, CountsForwardsOfTraceAndOptions) {
  for (const std::string method : {"TRACE", "OPTIONS"}) {
    const std::string front = method + " http://a.test/ HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: ";
    EXPECT_EQ(parsed(front + "10\r\n\r\n").head, method + " / HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 9\r\n\r\n");
    EXPECT_EQ(refused(front + "0\r\n\r\n"), 501U) << "nobody behind is to get it";
    for (const char* none : {"", "-1", "x", "9999999999999999999", "1\r\nMax-Forwards: 1"}) {
      EXPECT_EQ(refused(front + none + "\r\n\r\n"), 400U) << none;
    }
  }
  EXPECT_EQ(parsed(get("Max-Forwards: 0\r\n")).head, "GET / HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 0\r\n\r\n");
}

TEST(ParseHttpRequest, AsksInItsOwnVersion) {
  const HttpRequest request =
      parsed("POST http://a.test/ HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(request.head, "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\nConnection: close\r\n\r\n")
      << "a client of HTTP/1.0 waits for no 100";
}

TEST(ParseHttpRequest, RefusesABareLineEndAtOnce) {
  EXPECT_EQ(refused("GET http://a.test/ HTTP/1.1\n"), 400U) << "its end would be waited for in vain";
  EXPECT_EQ(refused(std::string("GET\0", 4)), 400U);
}

TEST(ParseHttpRequest, RefusesAHostOfTwoReadings) {
  EXPECT_EQ(refused("GET http://a.test/ HTTP/1.1\r\n\r\n"), 400U);
  EXPECT_EQ(refused("GET http://a.test/ HTTP/1.0\r\n\r\n"), 0U) << "HTTP/1.0 has no Host";
  for (const char* fields : {"Host: b.test\r\n", "Host: a.test:81\r\n", "Host:\r\n", "Host: a.test, b.test\r\n",
                             "Host: a.test\r\nHost: a.test\r\n", "Host: a.test\r\nhost: b.test\r\n",
                             "Host: x@a.test\r\n", "Host: a.test/\r\n"}) {
    EXPECT_EQ(refused(std::string("GET http://a.test/ HTTP/1.1\r\n") + fields + "\r\n"), 400U) << fields;
  }
  EXPECT_EQ(refused("GET http://a.test/ HTTP/1.1\r\nHost: A.TEST:80\r\n\r\n"), 0U);
  EXPECT_EQ(refused("CONNECT a.test:443 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400U);
}

TEST(ParseHttpRequest, IsNoWebServer) {
  for (const char* target : {"/", "/proxy.pac", "//a.test/", "*", "a.test", "a.test:80"}) {
    EXPECT_EQ(refused(std::string("GET ") + target + " HTTP/1.1\r\nHost: a.test\r\n\r\n"), 400U) << target;
  }
  EXPECT_EQ(refused("OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n"), 400U);
  EXPECT_EQ(refused("GET https://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"), 501U);
  EXPECT_EQ(refused("connect a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"), 400U) << "methods have one spelling";
  EXPECT_EQ(refused("TRACE http://a.test/ HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\n"), 400U);
}

TEST(ParseHttpRequest, BoundsWhatItReads) {
  const std::string line = "GET http://a.test/" + std::string(kMaxRequestLine, 'x');
  EXPECT_EQ(refused(line), 414U);
  EXPECT_EQ(refused(line + " HTTP/1.1\r\nHost: a.test\r\n\r\n"), 414U);
  EXPECT_EQ(refused(get("X: " + std::string(kMaxRequestHead, 'x') + "\r\n")), 431U);
  EXPECT_EQ(refused("GET http://a.test/ HTTP/1.1\r\nX: " + std::string(kMaxRequestHead, 'x')), 431U);
  std::string fields;
  for (int i = 0; i < 63; ++i) fields += "X: y\r\n";
  EXPECT_EQ(refused(get(fields)), 0U);
  EXPECT_EQ(refused(get(fields + "X: y\r\n")), 431U);
}

TEST(ParseHttpRequest, KnowsWhetherTheConnectionStays) {
  EXPECT_TRUE(parsed(get("")).keep_alive);
  EXPECT_FALSE(parsed(get("Connection: Close\r\n")).keep_alive);
  EXPECT_FALSE(parsed(get("Connection: upgrade, close\r\nUpgrade: h2c\r\n")).keep_alive);
  EXPECT_FALSE(parsed(get("Proxy-Connection: close\r\n")).keep_alive);
  EXPECT_FALSE(parsed("GET http://a.test/ HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(parsed("GET http://a.test/ HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
  EXPECT_EQ(parsed("GET http://a.test/ HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").head,
            "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
}

TEST(ParseHttpRequest, TakesConnectForATunnel) {
  const HttpRequest request =
      parsed("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_TRUE(request.connect);
  EXPECT_EQ(request.body.most(), 5U) << "where it is refused, these bytes are no request";
  EXPECT_EQ(request.target.to_string(), "a.test:443");
  EXPECT_EQ(parsed("CONNECT [::1]:443 HTTP/1.0\r\n\r\n").target.to_string(), "[::1]:443");
  for (const char* target : {"a.test", "a.test:0", "a.test:65536", "[fe80::1%25eth0]:443", "[fe80::1%eth0]:443",
                             "http://a.test:443/", "u@a.test:443", "/"}) {
    EXPECT_EQ(refused(std::string("CONNECT ") + target + " HTTP/1.1\r\nHost: x\r\n\r\n"), 400U) << target;
  }
}

TEST(ParseHttpRequest, KnowsWhatMayBeSentAgain) {
  EXPECT_TRUE(parsed(get("")).repeatable);
  EXPECT_TRUE(parsed("OPTIONS http://a.test HTTP/1.1\r\nHost: a.test\r\n\r\n").repeatable);
  EXPECT_FALSE(parsed(post("")).repeatable);
  EXPECT_FALSE(parsed(get("Content-Length: 1\r\n")).repeatable);
  const HttpRequest head = parsed("HEAD http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n");
  EXPECT_TRUE(head.repeatable && head.asks_head);
}

TEST(ParseHttpRequest, WritesAsteriskForOptionsOfTheWholeServer) {
  EXPECT_EQ(parsed("OPTIONS http://a.test HTTP/1.1\r\nHost: a.test\r\n\r\n").head,
            "OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n");
  EXPECT_EQ(parsed("OPTIONS http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n").head,
            "OPTIONS / HTTP/1.1\r\nHost: a.test\r\n\r\n");
}

TEST(ParseHttpRequest, BoundsEmptyLinesAsItDoesHeads) {
  std::string lines;
  while (lines.size() < kMaxRequestHead) lines += "\r\n";
  EXPECT_EQ(refused(lines), 431U);
  lines.resize(lines.size() - 2);
  EXPECT_TRUE(std::holds_alternative<protocol::Need>(parse_http_request(bytes_of(lines))));
  EXPECT_EQ(refused(lines + "GET http://a.test/ HTTP/1.0\r\n\r\n"), 431U);
}

}  // namespace
}  // namespace ss::local
