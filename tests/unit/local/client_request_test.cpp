#include "client_request.hpp"

#include <gtest/gtest.h>

#include "unit/protocol/stream_support.hpp"

namespace ss::local {
namespace {

using protocol::socks5::Reply;

const Endpoint kBound{IpAddress(IpAddress::V4{192, 0, 2, 7}), 443};
const Reply kFailures[] = {
    Reply::general_failure,    Reply::not_allowed, Reply::network_unreachable,   Reply::host_unreachable,
    Reply::connection_refused, Reply::ttl_expired, Reply::command_not_supported, Reply::address_type_not_supported};

std::string answer(ClientProtocol protocol, Reply reply, bool timed_out = false, std::string_view why = {}) {
  const AnswerBytes bytes(protocol, reply, kBound, timed_out, why);
  return std::string(text_of(bytes.view()));
}
std::string in_hex(const std::string& hex) {
  return std::string(text_of(protocol::testing::of_hex(hex)));
}

TEST(AnswerBytes, NamesTheBoundAddressToSocks5) {
  EXPECT_EQ(answer(ClientProtocol::socks5, Reply::succeeded), in_hex("05000001c000020701bb"));
  EXPECT_EQ(answer(ClientProtocol::socks5, Reply::not_allowed), in_hex("05020001000000000000"));
}

TEST(AnswerBytes, HasTwoAnswersForSocks4) {
  EXPECT_EQ(answer(ClientProtocol::socks4, Reply::succeeded), in_hex("005a000000000000"));
  for (const Reply reply : kFailures) {
    EXPECT_EQ(answer(ClientProtocol::socks4, reply), in_hex("005b000000000000"));
  }
}

TEST(AnswerBytes, SaysThatATunnelStandsAndNothingToAPlainRequest) {
  EXPECT_EQ(answer(ClientProtocol::http_tunnel, Reply::succeeded), "HTTP/1.1 200 Connection established\r\n\r\n");
  EXPECT_EQ(answer(ClientProtocol::http_plain, Reply::succeeded), "");
}

TEST(AnswerBytes, TellsTheCauseToHttp) {
  const std::pair<Reply, const char*> wanted[] = {{Reply::not_allowed, "403"},
                                                  {Reply::connection_refused, "502"},
                                                  {Reply::host_unreachable, "502"},
                                                  {Reply::network_unreachable, "502"},
                                                  {Reply::general_failure, "502"},
                                                  {Reply::ttl_expired, "504"},
                                                  {Reply::address_type_not_supported, "502"},
                                                  {Reply::command_not_supported, "501"}};
  for (const ClientProtocol protocol : {ClientProtocol::http_tunnel, ClientProtocol::http_plain}) {
    for (const auto& [reply, status] : wanted) {
      EXPECT_EQ(answer(protocol, reply).substr(0, 13), std::string("HTTP/1.1 ") + status + " ");
    }
    EXPECT_EQ(answer(protocol, Reply::host_unreachable, true).substr(0, 13), "HTTP/1.1 504 ");
  }
}

TEST(AnswerBytes, MakesAWholePageThatEndsTheConnection) {
  EXPECT_EQ(answer(ClientProtocol::http_tunnel, Reply::connection_refused),
            "HTTP/1.1 502 Bad Gateway\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 35\r\n"
            "Connection: close\r\n\r\n"
            "the target refused the connection.\n");
  EXPECT_EQ(answer(ClientProtocol::http_plain, Reply::host_unreachable, false, "the server is away"),
            "HTTP/1.1 502 Bad Gateway\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 20\r\n"
            "Connection: close\r\n\r\n"
            "the server is away.\n");
}

}  // namespace
}  // namespace ss::local
