#include "unit/local/http/served.hpp"

namespace ss::local::test {
namespace {

using NegotiateHttp = HttpServed;

std::string connect(const std::string& host, const std::string& fields = "") {
  return "CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n";
}
const std::string kEstablished = "HTTP/1.1 200 Connection established\r\n\r\n";
const std::string kCredentials = "Proxy-Authorization: Basic Ym9iOmJ1aWxkZXI=\r\n";

TEST_F(NegotiateHttp, MakesATunnel) {
  start();
  say(connect(kHostB, "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_EQ(heard().substr(0, 12), "HTTP/1.1 400") << "a tunnel has no body, but two lengths are two lengths";
  start();
  say(connect(kHostB) + "pipelined");
  EXPECT_EQ(heard(), kEstablished);
  EXPECT_EQ(heard(b), "pipelined");
  answer(b, "HTTP/1.1 is not looked at");
  EXPECT_EQ(heard(), "HTTP/1.1 is not looked at");
  say("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(heard(b), "GET / HTTP/1.1\r\n\r\n");
  client->finish();
  pass(20ms);
  EXPECT_TRUE(b->heard_end());
  answer(b, "half-closed");
  EXPECT_EQ(heard(), "half-closed");
}

TEST_F(NegotiateHttp, MakesATunnelBehindPlainRequests) {
  start();
  say(get(kHostA));
  answer(a, ok("one"));
  say(connect(kHostB) + "more");
  EXPECT_EQ(heard(), ok("one") + kEstablished);
  EXPECT_EQ(heard(b), "more");
  answer(b, "raw");
  EXPECT_EQ(heard(), "raw");
}

TEST_F(NegotiateHttp, SaysWhyThereIsNoTunnel) {
  start();
  say(connect("198.51.100.9:443"));
  EXPECT_EQ(heard().substr(0, 12), "HTTP/1.1 502");
  EXPECT_TRUE(client->heard_end());
}

TEST_F(NegotiateHttp, AsksForCredentialsOnTheSameConnection) {
  rules.users.push_back({"bob", Secret(bytes_of("builder"))});
  for (const bool tunnel : {false, true}) {
    start();
    say(tunnel ? connect(kHostB) : get(kHostA));
    std::string page = heard();
    EXPECT_EQ(page.substr(0, 12), "HTTP/1.1 407");
    EXPECT_NE(page.find("\r\nProxy-Authenticate: Basic realm=\"ss-local\", charset=\"UTF-8\"\r\n"), std::string::npos);
    EXPECT_NE(page.find("\r\nConnection: keep-alive\r\n"), std::string::npos);
    say(tunnel ? connect(kHostB, "Proxy-Authorization: Basic eDp5\r\n")
               : get(kHostA, "/", "Proxy-Authorization: Basic eDp5\r\n"));
    EXPECT_EQ(heard(), page) << "wrong ones are answered as missing ones are";
    EXPECT_EQ(dialled(), 0U);
    say(tunnel ? connect(kHostB, kCredentials) : get(kHostA, "/", kCredentials));
    if (tunnel) {
      EXPECT_EQ(heard(), kEstablished);
    } else {
      EXPECT_EQ(heard(a), got(kHostA)) << "which stay here";
    }
    dialer.begun.clear();
  }
}

TEST_F(NegotiateHttp, AsksForCredentialsWithEveryRequest) {
  rules.users.push_back({"bob", Secret(bytes_of("builder"))});
  start();
  say(get(kHostA, "/", kCredentials));
  answer(a, ok("one"));
  EXPECT_EQ(heard(), ok("one"));
  say(get(kHostA, "/2"));
  EXPECT_EQ(heard().substr(0, 12), "HTTP/1.1 407");
  EXPECT_EQ(heard(a), got(kHostA)) << "and nothing of the second request";
  const std::unique_ptr<Peer> old = std::exchange(a, listener(kA));
  say("HEAD http://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA + "\r\n\r\n");
  const std::string page = heard();
  EXPECT_EQ(page.substr(page.size() - 4), "\r\n\r\n") << "HEAD has no body, or the next answer would be misread";
  say(get(kHostA, "/3", kCredentials));
  EXPECT_EQ(heard(a), got(kHostA, "/3"));
}

TEST_F(NegotiateHttp, EndsTheConnectionOfABodyWithoutCredentials) {
  rules.users.push_back({"bob", Secret(bytes_of("builder"))});
  start();
  say("POST http://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA + "\r\nContent-Length: 40\r\n\r\n" + get(kHostA));
  const std::string page = heard();
  EXPECT_EQ(page.substr(0, 12), "HTTP/1.1 407");
  EXPECT_NE(page.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_EQ(page.find("HTTP/1.1", 1), std::string::npos) << "what is in a body is no request";
  EXPECT_TRUE(client->heard_end());
  EXPECT_EQ(dialled(), 0U);
}

TEST_F(NegotiateHttp, EndsTheConnectionOfATunnelWithoutCredentialsBehindWhichMoreStands) {
  rules.users.push_back({"bob", Secret(bytes_of("builder"))});
  const std::string inner = get(kHostA, "/", kCredentials);
  for (const std::string& asked : {connect(kHostB, "Content-Length: " + std::to_string(inner.size()) + "\r\n"),
                                   connect(kHostB, "Transfer-Encoding: chunked\r\n"), connect(kHostB) + inner}) {
    start();
    say(asked);
    say(inner);
    const std::string page = heard();
    EXPECT_EQ(page.substr(0, 12), "HTTP/1.1 407");
    EXPECT_NE(page.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_TRUE(client->heard_end());
    EXPECT_EQ(dialled(), 0U) << "what was meant for the target of a tunnel is no request";
  }
}

TEST_F(NegotiateHttp, RefusesWithAPageAndDialsNobody) {
  const std::pair<std::string, const char*> refused[] = {
      {"GET / HTTP/1.1\r\nHost: localhost:1080\r\n\r\n", "400"},
      {"GET http://" + kHostA + "/ HTTP/1.1\r\nHost: other\r\n\r\n", "400"},
      {"GET https://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA + "\r\n\r\n", "501"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
      {"GET " + std::string(9'000, 'x'), "414"},
      {"nonsense\n", "400"},
      {"GET a b HTTP/1.1\r\n\r\n", "400"},
      {"TRACE http://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA + "\r\nMax-Forwards: 0\r\n\r\n", "501"},
      {get(kHostA, "/", "Content-Length: 1\r\nContent-Length: 1\r\n"), "400"},
  };
  for (const auto& [text, status] : refused) {
    start();
    say(text);
    EXPECT_EQ(heard().substr(0, 12), std::string("HTTP/1.1 ") + status) << text.substr(0, 60);
    EXPECT_TRUE(client->heard_end());
    EXPECT_EQ(dialled(), 0U);
  }
}

TEST_F(NegotiateHttp, GivesUpAfterTenSeconds) {
  start();
  for (int i = 0; i < 9; ++i) {
    say("G");
    pass(1s - 20ms);
  }
  EXPECT_TRUE(served());
  pass(1s + kLate);
  EXPECT_FALSE(served());
  EXPECT_EQ(heard(), "");
}

TEST_F(NegotiateHttp, IsNotSpokenWhereTheListenerDoesNot) {
  rules.http = false;
  start();
  say(get(kHostA));
  EXPECT_FALSE(served());
  EXPECT_EQ(heard(), "");
}

}  // namespace
}  // namespace ss::local::test
