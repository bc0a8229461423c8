#include "negotiation.hpp"

namespace ss::local {

using relay::Environment;
using relay::LiveSession;

namespace {

/// More than any message of SOCKS, so a client that pipelines its first payload too is read in few turns.
constexpr std::size_t kReadSize = 4096;

bool is_letter(std::uint8_t byte) {
  return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

}  // namespace

net::Task<bool> Negotiation::read() {
  while (!limit_.passed() && !session_.stopping()) {
    const net::WaitOutcome outcome = co_await limit_.ready(net::Side::read);
    if (outcome == net::WaitOutcome::cancelled) continue;
    const net::IoStatus status = read_some();
    if (status == net::IoStatus::blocked) continue;
    co_return status == net::IoStatus::done;
  }
  co_return false;
}

net::IoStatus Negotiation::read_some() {
  const relay::Scratch::Turn turn(env_.scratch);
  const Bytes room = turn.area().first(kReadSize);
  const net::IoResult got = client_.try_read(room);
  inbox_.insert(inbox_.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(got.bytes));
  return got.status;
}

net::Task<ClientRequest> negotiate(Environment& env, LiveSession& session, net::Stream& stream,
                                   const NegotiationRules& rules, Duration limit) {
  Negotiation client(env, session, stream, limit);
  const bool spoke = co_await client.read();
  if (!spoke) co_return ClientRequest{};
  const std::uint8_t first = client.inbox()[0];
  if (rules.socks && first == 5) co_return co_await negotiate_socks5(client, rules);
  if (rules.socks && first == 4) co_return co_await negotiate_socks4(client, rules);
  if (rules.http && is_letter(first)) co_return co_await negotiate_http(client, rules);
  co_return ClientRequest{};
}

}  // namespace ss::local
