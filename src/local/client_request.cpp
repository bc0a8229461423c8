#include "client_request.hpp"

#include <utility>

#include "ss/relay/drain.hpp"

namespace ss::local {

using namespace std::chrono_literals;
namespace socks5 = ss::protocol::socks5;
using protocol::socks5::Reply;

namespace {

constexpr Duration kRefusalGrace = 10s;

struct Page {
  std::string_view status;
  std::string_view sentence;
};

Page page_of(Reply reply, bool timed_out) {
  if (timed_out) return {"504 Gateway Timeout", "the target did not answer in time"};
  switch (reply) {
    case Reply::not_allowed:
      return {"403 Forbidden", "the target is not allowed"};
    case Reply::network_unreachable:
      return {"502 Bad Gateway", "the network of the target cannot be reached"};
    case Reply::host_unreachable:
      return {"502 Bad Gateway", "the target cannot be reached, or its name does not exist"};
    case Reply::connection_refused:
      return {"502 Bad Gateway", "the target refused the connection"};
    case Reply::ttl_expired:
      return {"504 Gateway Timeout", "the way to the target is too long"};
    case Reply::command_not_supported:
      return {"501 Not Implemented", "this is not served here"};
    case Reply::address_type_not_supported:
      return {"502 Bad Gateway", "there is no way to addresses of this family"};
    default:
      return {"502 Bad Gateway", "the connection could not be made"};
  }
}

std::string error_page(Page page) {
  const std::string body = std::string(page.sentence) + ".\n";
  return std::string("HTTP/1.1 ")
      .append(page.status)
      .append("\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\nConnection: close\r\n\r\n")
      .append(body);
}

}  // namespace

AnswerBytes::AnswerBytes(ClientProtocol protocol, Reply reply, const Endpoint& bound, bool timed_out,
                         std::string_view why) {
  const bool success = reply == Reply::succeeded;
  switch (protocol) {
    case ClientProtocol::socks5:
      length_ = static_cast<std::uint8_t>(socks5::put_reply(reply, bound, bytes_));
      return;
    case ClientProtocol::socks4:
      bytes_[1] = success ? 0x5A : 0x5B;
      length_ = 8;
      return;
    case ClientProtocol::http_tunnel:
      if (success) text_ = "HTTP/1.1 200 Connection established\r\n\r\n";
      break;
    case ClientProtocol::http_plain:
      break;
  }
  if (success) return;
  Page page = page_of(reply, timed_out);
  if (!why.empty()) page.sentence = why;
  text_ = error_page(page);
}

bool say(net::Stream& client, ConstBytes message) {
  return message.empty() || client.try_write(message).bytes == message.size();
}

net::Task<> refuse(relay::Environment& env, relay::LiveSession& session, net::Stream& client, ConstBytes message) {
  if (say(client, message)) co_await relay::finish_and_drain(env, session, client, kRefusalGrace);
}

}  // namespace ss::local
