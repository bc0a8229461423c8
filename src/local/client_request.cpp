#include "client_request.hpp"

#include "http/page.hpp"
#include "ss/protocol/socks4.hpp"
#include "ss/relay/drain.hpp"

namespace ss::local {

using namespace std::chrono_literals;
namespace socks5 = ss::protocol::socks5;
using protocol::socks5::Reply;

namespace {

constexpr Duration kRefusalGrace = 10s;

struct Page {
  unsigned status;
  std::string_view sentence;
};

Page page_of(Reply reply, bool timed_out) {
  if (timed_out) return {504, "the target did not answer in time"};
  switch (reply) {
    case Reply::not_allowed:
      return {403, "the target is not allowed"};
    case Reply::network_unreachable:
      return {502, "the network of the target cannot be reached"};
    case Reply::host_unreachable:
      return {502, "the target cannot be reached, or its name does not exist"};
    case Reply::connection_refused:
      return {502, "the target refused the connection"};
    case Reply::ttl_expired:
      return {504, "the way to the target is too long"};
    case Reply::command_not_supported:
      return {501, "this is not served here"};
    case Reply::address_type_not_supported:
      return {502, "there is no way to addresses of this family"};
    default:
      return {502, "the connection could not be made"};
  }
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
      length_ = static_cast<std::uint8_t>(protocol::socks4::put_reply(success, bytes_));
      return;
    case ClientProtocol::http_tunnel:
      if (success) text_ = "HTTP/1.1 200 Connection established\r\n\r\n";
      break;
    case ClientProtocol::http_plain:
      break;
  }
  if (success) return;
  const Page page = page_of(reply, timed_out);
  text_ = http_page(page.status, why.empty() ? page.sentence : why);
}

bool say(net::Stream& client, ConstBytes message) {
  return message.empty() || client.try_write(message).bytes == message.size();
}

net::Task<> refuse(relay::Environment& env, relay::LiveSession& session, net::Stream& client, ConstBytes message) {
  if (say(client, message)) co_await relay::finish_and_drain(env, session, client, kRefusalGrace);
}

}  // namespace ss::local
