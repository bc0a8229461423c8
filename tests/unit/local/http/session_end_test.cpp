#include <fmt/core.h>

#include <cerrno>

#include "http/session.hpp"
#include "unit/local/http/served.hpp"

namespace ss::local::test {
namespace {

using ServeHttp = HttpServed;

TEST_F(ServeHttp, EndsTheConnectionWithAnAnswerThatEndsSo) {
  start();
  say(get(kHostA));
  answer(a, "HTTP/1.1 200 OK\r\n\r\nas long as");
  answer(a, " it lasts");
  EXPECT_EQ(heard(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nas long as it lasts");
  EXPECT_FALSE(client->heard_end());
  a->finish();
  pass(20ms);
  EXPECT_TRUE(client->heard_end());
}

TEST_F(ServeHttp, EndsTheConnectionWhereTheClientWantsIt) {
  start();
  say(get(kHostA, "/", "Connection: close\r\n"));
  EXPECT_EQ(heard(a), got(kHostA, "/", "Connection: close\r\n"));
  answer(a, ok("bye"));
  EXPECT_EQ(heard(), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbye");
  EXPECT_TRUE(client->heard_end());
}

TEST_F(ServeHttp, CarriesBrokenChunksAsAResetToClientsOfHttp10) {
  for (const char* chunks : {"4\r\nabcd\r\n", "4\r\nabcdX", "4\r\nab"}) {
    start();
    say("GET http://" + kHostA + "/ HTTP/1.0\r\n\r\n");
    answer(a, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    answer(a, chunks);
    a->finish();
    pass(100ms);
    EXPECT_TRUE(client->heard_reset()) << chunks;
    renew(a, kA);
  }
}

TEST_F(ServeHttp, EndsBehindAPageForARequestWhoseBodyIsStillToCome) {
  dialer.fails[kA] = ECONNREFUSED;
  dialer.fails[kB] = EACCES;
  const std::pair<std::string, const char*> hosts[] = {{kHostA, "502"}, {kHostB, "403"}};
  for (const auto& [host, status] : hosts) {
    for (const std::string length : {"Content-Length: 100000\r\n", "Transfer-Encoding: chunked\r\n"}) {
      start();
      say(fmt::format("POST http://{0}/ HTTP/1.1\r\nHost: {0}\r\n{1}\r\n", host, length));
      say(get(kHostA));
      const std::string page = heard();
      EXPECT_EQ(page.substr(0, 12), std::string("HTTP/1.1 ") + status);
      EXPECT_NE(page.find("\r\nConnection: close\r\n"), std::string::npos);
      EXPECT_EQ(page.find("HTTP/1.1", 1), std::string::npos) << "what is in a body is no request";
      EXPECT_TRUE(client->heard_end());
      EXPECT_EQ(dialled(), 1U);
      dialer.begun.clear();
    }
  }
}

TEST_F(ServeHttp, SaysThatTheTargetDidNotAnswer) {
  for (const char* part : {"", "HTTP/1.1 200 OK\r\nContent-Le"}) {
    for (const bool by_reset : {false, true}) {
      start();
      say(get(kHostA));
      answer(a, part);
      if (by_reset) {
        a->reset();
      } else {
        a->finish();
      }
      pass(100ms);
      EXPECT_EQ(heard().substr(0, 12), "HTTP/1.1 502") << part;
      EXPECT_TRUE(client->heard_end());
      renew(a, kA);
    }
  }
}

TEST_F(ServeHttp, SaysThatAnAnswerIsNone) {
  const std::string texts[] = {"SSH-2.0-OpenSSH\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nX: " + std::string(64 * 1024 - 20, 'x')};
  for (const std::string& text : texts) {
    start();
    say(get(kHostA));
    answer(a, text);
    EXPECT_EQ(heard().substr(0, 12), "HTTP/1.1 502") << text.substr(0, 60);
    EXPECT_TRUE(a->heard_reset());
    renew(a, kA);
  }
}

TEST_F(ServeHttp, CarriesABrokenAnswerAsAReset) {
  for (const char* text : {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
    start();
    say(get(kHostA));
    answer(a, text);
    a->finish();
    pass(100ms);
    EXPECT_TRUE(client->heard_reset()) << text;
    renew(a, kA);
  }
  start();
  say(get(kHostA));
  answer(a, "HTTP/1.1 200 OK\r\n\r\nto the end");
  a->reset();
  pass(100ms);
  EXPECT_TRUE(client->heard_reset()) << "a reset is no end";
}

TEST_F(ServeHttp, RefusesABodyThatBreaks) {
  start();
  say("POST http://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA + "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd");
  pass(100ms);
  EXPECT_EQ(heard().substr(0, 12), "HTTP/1.1 400");
  EXPECT_TRUE(a->heard_reset());
}

TEST_F(ServeHttp, ResetsTheTargetOfAHalfSentBody) {
  start();
  say("POST http://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA + "\r\nContent-Length: 10\r\n\r\nhalf");
  client->finish();
  pass(100ms);
  EXPECT_TRUE(a->heard_reset());
}

TEST_F(ServeHttp, EndsTheUpstreamOfAClientThatIsGone) {
  start();
  say(get(kHostA));
  client->reset();
  pass(100ms);
  EXPECT_TRUE(a->heard_reset());
  EXPECT_FALSE(served());
}

TEST_F(ServeHttp, EndsBehindAnAnswerThatDidNotWaitForTheBody) {
  start();
  say("POST http://" + kHostA + "/ HTTP/1.1\r\nHost: " + kHostA + "\r\nContent-Length: 100000\r\n\r\npart");
  answer(a, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno\n");
  EXPECT_EQ(heard(), "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n");
  EXPECT_TRUE(client->heard_end());
  say(std::string(50'000, 'x'));
  EXPECT_FALSE(client->heard_reset()) << "the rest is read, so that the answer is not lost";
}

TEST_F(ServeHttp, EndsAConnectionThatNobodyUses) {
  rules.idle = 100s;
  start();
  say(get(kHostA));
  answer(a, ok("one"));
  pass(99s);
  EXPECT_TRUE(served());
  EXPECT_FALSE(client->heard_end());
  pass(2s);
  EXPECT_TRUE(client->heard_end());
  EXPECT_TRUE(a->heard_end());
}

TEST_F(ServeHttp, EndsAConnectionThatNobodyUsesAlsoWithoutAnUpstream) {
  rules.idle = 100s;
  start();
  say(get(kHostA));
  answer(a, ok("one"));
  a->finish();
  pass(99s);
  EXPECT_TRUE(served());
  pass(2s);
  EXPECT_FALSE(served());
}

TEST_F(ServeHttp, BoundsTheTimeOfAHead) {
  for (const bool with_upstream : {true, false}) {
    start();
    say(get(kHostA));
    answer(a, ok("one"));
    if (!with_upstream) a->finish();
    pass(100s);
    for (int i = 0; i < 9; ++i) {
      say("GET h"[i % 5] + std::string());
      pass(1s);
    }
    EXPECT_TRUE(served());
    pass(2s);
    EXPECT_TRUE(client->heard_end());
    if (with_upstream) a->finish();
    client->finish();
    pass(1s);
    EXPECT_FALSE(served());
    renew(a, kA);
  }
}

TEST_F(ServeHttp, EndsWhenItIsStoppedWhereverItStands) {
  const std::string steps[] = {get(kHostA).substr(0, 20), get(kHostA).substr(20), ok("one"), get(kHostB), ok("two")};
  for (std::size_t until = 0; until <= std::size(steps); ++until) {
    start();
    for (std::size_t i = 0; i < until; ++i) {
      if (i == 2) {
        answer(a, steps[i]);
      } else if (i == 4) {
        answer(b, steps[i]);
      } else {
        say(steps[i]);
      }
    }
    sessions.stop_all();
    pass(6s);
    EXPECT_FALSE(served()) << until;
    renew(a, kA);
    renew(b, kB);
  }
}

}  // namespace
}  // namespace ss::local::test
