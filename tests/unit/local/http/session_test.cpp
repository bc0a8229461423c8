#include "http/session.hpp"

#include <fmt/core.h>

#include <cerrno>

#include "unit/local/http/served.hpp"

namespace ss::local::test {
namespace {

using ServeHttp = HttpServed;

TEST_F(ServeHttp, PassesRequestAndAnswerOn) {
  start();
  say(get("a.test", "/x?y", "Accept: */*\r\nProxy-Connection: keep-alive\r\n"));
  EXPECT_EQ(heard(a), got("a.test", "/x?y", "Accept: */*\r\n"));
  answer(a, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nKeep-Alive: timeout=5\r\nX: y\r\n\r\nhello");
  EXPECT_EQ(heard(), "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\nhello");
}

TEST_F(ServeHttp, KeepsTheUpstreamForTheSameTarget) {
  start();
  for (int i = 0; i < 5; ++i) {
    say(get(kHostA));
    EXPECT_EQ(heard(a), got(kHostA));
    answer(a, ok("body"));
    EXPECT_EQ(heard(), ok("body"));
  }
  EXPECT_EQ(dialled(), 1U);
}

TEST_F(ServeHttp, OpensAnotherUpstreamForAnotherTarget) {
  start();
  say(get(kHostA));
  answer(a, ok("from a"));
  say(get(kHostB));
  EXPECT_EQ(heard(b), got(kHostB));
  EXPECT_EQ(heard(a), got(kHostA)) << "and nothing of the second request";
  EXPECT_TRUE(a->heard_reset() || a->heard_end());
  answer(b, ok("from b"));
  EXPECT_EQ(heard(), ok("from a") + ok("from b"));
}

TEST_F(ServeHttp, AnswersPipelinedRequestsInOrder) {
  start();
  say(get(kHostA, "/1") + get(kHostA, "/2") + get(kHostB, "/3"));
  EXPECT_EQ(heard(a), got(kHostA, "/1")) << "one at a time";
  answer(a, ok("one"));
  EXPECT_EQ(heard(a), got(kHostA, "/2"));
  EXPECT_EQ(dialled(), 1U);
  answer(a, ok("two"));
  EXPECT_EQ(heard(b), got(kHostB, "/3"));
  answer(b, ok("three"));
  EXPECT_EQ(heard(), ok("one") + ok("two") + ok("three"));
}

TEST_F(ServeHttp, TakesEverySplitOfRequestsAndAnswers) {
  const std::string post = "POST http://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA +
                           "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n";
  const std::string request = post + get(kHostA, "/next");
  const std::string first = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndefg\r\n0\r\n\r\n";
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{64}, request.size()}) {
    start();
    for (std::size_t at = 0; at < request.size(); at += step) {
      say(*client, request.substr(at, step));
      pass(2ms);
    }
    pass(20ms);
    EXPECT_EQ(heard(a), "POST / HTTP/1.1\r\nHost: " + kHostA +
                            "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n");
    for (std::size_t at = 0; at < first.size(); at += step) {
      say(*a, first.substr(at, step));
      pass(2ms);
    }
    pass(20ms);
    EXPECT_EQ(heard(), first);
    EXPECT_EQ(heard(a), got(kHostA, "/next"));
    answer(a, ok("end"));
    EXPECT_EQ(heard(), ok("end"));
    client->finish();
    pass(20ms);
    renew(a, kA);
  }
}

TEST_F(ServeHttp, CarriesLargeBodiesBothWays) {
  start();
  const std::string body(300'000, 'x');
  const std::string head = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  const std::string post = "POST http://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA + "\r\n" + head + "\r\n" + body;
  std::string seen, told;
  const std::string reply = ok(body);
  for (std::size_t at = 0; at < post.size();) {
    at += client->offer(bytes_of(post.substr(at, 50'000)));
    pass(20ms);
    seen += heard(a);
  }
  EXPECT_EQ(seen, "POST / HTTP/1.1\r\nHost: " + kHostA + "\r\n" + head + "\r\n" + body);
  for (std::size_t at = 0; at < reply.size();) {
    at += a->offer(bytes_of(reply.substr(at, 50'000)));
    pass(20ms);
    told += heard();
  }
  EXPECT_EQ(told, reply);
}

TEST_F(ServeHttp, KnowsAnswersWithoutABody) {
  start();
  say("HEAD http://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA + "\r\n\r\n");
  answer(a, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_EQ(heard(), "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  say(get(kHostA, "/304"));
  answer(a, "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_EQ(heard(), "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n");
  say(get(kHostA, "/204"));
  answer(a, "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(heard(), "HTTP/1.1 204 No Content\r\n\r\n");
  say(get(kHostA, "/next"));
  EXPECT_EQ(dialled(), 1U);
}

TEST_F(ServeHttp, PassesInterimAnswersOn) {
  start();
  say("POST http://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA +
      "\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(heard(a), "POST / HTTP/1.1\r\nHost: " + kHostA + "\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  answer(a, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(heard(), "HTTP/1.1 100 Continue\r\n\r\n");
  say("12345");
  EXPECT_EQ(heard(a), "12345");
  answer(a, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok("done"));
  EXPECT_EQ(heard(), "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok("done"));
  say(get(kHostA));
  EXPECT_EQ(heard(a), got(kHostA)) << "and the connection stays";
}

TEST_F(ServeHttp, BoundsInterimAnswers) {
  for (const char* version : {"1.0", "1.1"}) {
    start();
    say(fmt::format("GET http://{0}/ HTTP/{1}\r\nHost: {0}\r\n\r\n", kHostA, version));
    const std::string hint = "HTTP/1.1 103 Early Hints\r\nLink: " + std::string(1000, 'x') + "\r\n\r\n";
    int count = 0;
    std::string told;
    while (count < 100 && !a->heard_reset()) {
      answer(a, hint);
      told = heard();
      ++count;
    }
    EXPECT_EQ(count, 64) << "of 1036 bytes each: one more than 64 KiB hold";
    EXPECT_EQ(told.substr(0, 12), "HTTP/1.1 502");
    EXPECT_TRUE(client->heard_end());
    renew(a, kA);
  }
}

TEST_F(ServeHttp, ServesClientsOfHttp10) {
  start();
  say("GET http://" + kHostA + "/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(heard(a), got(kHostA));
  answer(a, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(heard(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi");
  a->finish();
  pass(20ms);
  renew(a, kA);
  say("GET http://" + kHostA + "/2 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(heard(a), got(kHostA, "/2", "Connection: close\r\n"));
  answer(a, "HTTP/1.0 200 OK\r\n\r\nend");
  a->finish();
  pass(20ms);
  EXPECT_EQ(heard(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nend");
  EXPECT_TRUE(client->heard_end());
}

TEST_F(ServeHttp, TakesChunksOffForClientsOfHttp10) {
  const std::string chunks = "4;x=y\r\nabcd\r\n1\r\ne\r\n0\r\nT: x\r\n\r\n";
  const std::string reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, reply.size()}) {
    for (const std::size_t takes : {0U, 20U, 39U, 41U}) {
      start();
      say("GET http://" + kHostA + "/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      client->near().next_write_takes = takes;
      for (std::size_t at = 0; at < reply.size(); at += step) {
        say(*a, reply.substr(at, step));
        pass(2ms);
      }
      pass(100ms);
      EXPECT_EQ(heard(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde") << step << ", " << takes;
      EXPECT_TRUE(client->heard_end());
      EXPECT_TRUE(a->heard_end());
      a->finish();
      client->finish();
      pass(20ms);
      EXPECT_FALSE(served());
      renew(a, kA);
    }
  }
}

TEST_F(ServeHttp, GoesOnOverAnotherUpstreamWhereTheTargetHasEndedIts) {
  start();
  say(get(kHostA));
  answer(a, ok("one"));
  a->finish();
  pass(20ms);
  EXPECT_TRUE(a->heard_end());
  EXPECT_TRUE(served());
  renew(a, kA);
  say(get(kHostA, "/2"));
  EXPECT_EQ(heard(a), got(kHostA, "/2"));
  answer(a, ok("two"));
  EXPECT_EQ(heard(), ok("one") + ok("two"));
}

TEST_F(ServeHttp, LeavesAnUpstreamThatIsToBeClosed) {
  start();
  say(get(kHostA));
  answer(a, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
  const std::unique_ptr<Peer> old = replace(a, kA);
  say(get(kHostA, "/2"));
  EXPECT_EQ(heard(a), got(kHostA, "/2"));
  EXPECT_EQ(heard(), ok("x")) << "the client's own connection stays";
}

TEST_F(ServeHttp, NeverPassesOnWhatStandsBehindAnAnswer) {
  start();
  say(get(kHostA));
  answer(a, ok("one") + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nforged");
  EXPECT_EQ(heard(), ok("one"));
  const std::unique_ptr<Peer> old = replace(a, kA);
  say(get(kHostA, "/2"));
  answer(a, ok("two"));
  EXPECT_EQ(heard(), ok("two"));
}

TEST_F(ServeHttp, SaysWhyTheTargetCannotBeReached) {
  dialer.fails[kA] = ECONNREFUSED;
  dialer.fails[kB] = EACCES;
  const std::pair<std::string, const char*> hosts[] = {
      {kHostA, "502"}, {kHostB, "403"}, {"nowhere.test", "502"}, {"198.51.100.9", "502"}};
  for (const auto& [host, status] : hosts) {
    start();
    say(get(host));
    pass(1s);
    const std::string page = heard();
    EXPECT_EQ(page.substr(0, 12), std::string("HTTP/1.1 ") + status) << host;
    EXPECT_EQ(page.substr(page.size() - 2), ".\n");
  }
  dialer.fails.clear();
  dialer.silent = kA;
  start();
  say(get(kHostA));
  pass(11s);
  EXPECT_EQ(heard().substr(0, 12), "HTTP/1.1 504");
}

TEST_F(ServeHttp, GoesOnBehindATargetThatCannotBeReached) {
  dialer.fails[kA] = ECONNREFUSED;
  start();
  say("HEAD http://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA + "\r\n\r\n");
  const std::string page = heard();
  EXPECT_EQ(page.substr(0, 12), "HTTP/1.1 502");
  EXPECT_EQ(page.substr(page.size() - 4), "\r\n\r\n") << "HEAD has no body";
  say(get(kHostB));
  answer(b, ok("from b"));
  EXPECT_EQ(heard(), ok("from b"));
}

TEST_F(ServeHttp, AsksAgainWhereAKeptUpstreamHadEnded) {
  for (const bool by_reset : {false, true}) {
    start();
    say(get(kHostA));
    answer(a, ok("one"));
    const std::unique_ptr<Peer> old = replace(a, kA);
    say(get(kHostA, "/2"));
    EXPECT_EQ(heard(old), got(kHostA) + got(kHostA, "/2"));
    if (by_reset) {
      old->reset();
    } else {
      old->finish();
    }
    pass(100ms);
    EXPECT_EQ(heard(a), got(kHostA, "/2"));
    answer(a, ok("two"));
    EXPECT_EQ(heard(), ok("one") + ok("two"));
    renew(a, kA);
  }
}

TEST_F(ServeHttp, NeverSendsARequestTwiceThatMayChangeSomething) {
  start();
  say(get(kHostA));
  answer(a, ok("one"));
  say("POST http://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA + "\r\n\r\n");
  a->finish();
  pass(100ms);
  EXPECT_EQ(dialled(), 1U);
  EXPECT_EQ(heard().substr(ok("one").size(), 12), "HTTP/1.1 502");
}

TEST_F(ServeHttp, AnswersAClientThatHasShutItsSide) {
  start();
  say(get(kHostA, "/1") + get(kHostB, "/2"));
  client->finish();
  pass(20ms);
  answer(a, ok("one"));
  EXPECT_EQ(heard(b), got(kHostB, "/2"));
  EXPECT_TRUE(b->heard_end()) << "nothing else will come";
  answer(b, ok("two"));
  b->finish();
  pass(20ms);
  EXPECT_EQ(heard(), ok("one") + ok("two"));
  EXPECT_TRUE(client->heard_end());
  EXPECT_FALSE(served());
}

TEST_F(ServeHttp, WaitsWithAHeadForAClientThatTakesItPiecemeal) {
  const std::string reply = ok("hello", "X: y\r\n");
  for (std::size_t takes = 0; takes < reply.size(); ++takes) {
    start();
    say(get(kHostA));
    client->near().next_write_takes = takes;
    // The head alone: nothing else will come that could push it.
    say(*a, reply.substr(0, reply.size() - 5));
    pass(100ms);
    EXPECT_EQ(heard(), reply.substr(0, reply.size() - 5)) << takes;
    answer(a, "hello");
    EXPECT_EQ(heard(), "hello");
    say(get(kHostA));
    client->near().next_write_takes = takes;
    answer(a, "HTTP/1.1 304 X\r\n\r\n");
    EXPECT_EQ(heard(), "HTTP/1.1 304 X\r\n\r\n") << takes;
    renew(a, kA);
  }
}

}  // namespace
}  // namespace ss::local::test
