#include <array>
#include <optional>
#include <utility>

#include "negotiation.hpp"
#include "ss/protocol/socks4.hpp"

namespace ss::local {

namespace socks4 = ss::protocol::socks4;

namespace {

bool is_served(socks4::Command command, const NegotiationRules& rules) {
  // A user ID proves nothing, so where there are users nobody enters this way.
  if (!rules.users.empty()) return false;
  // BIND has two replies with addresses in them; SOCKS5 has it.
  return command == socks4::Command::connect && rules.commands.connect;
}

}  // namespace

net::Task<ClientRequest> negotiate_socks4(Negotiation& client, const NegotiationRules& rules) {
  std::optional<Errc> error;
  std::optional<socks4::Request> request = co_await client.next(&socks4::parse_request, error);
  if (!request && !error) co_return ClientRequest{};
  if (!request || !is_served(request->command, rules)) {
    std::array<std::uint8_t, socks4::kReplyLength> reply{};
    socks4::put_reply(false, reply);
    co_await client.refuse(reply);
    co_return ClientRequest{};
  }
  client.consume(request->length);
  co_return ClientRequest{ClientProtocol::socks4, protocol::socks5::Command::connect, std::move(request->target),
                          client.take_rest()};
}

}  // namespace ss::local
