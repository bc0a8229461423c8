#include "sim/udp_judge.hpp"

#include <algorithm>
#include <utility>

#include "sim/pair_parts.hpp"
#include "ss/protocol/socks5_udp.hpp"

namespace ss::sim {

namespace {

std::size_t count_in(const std::map<std::string, std::size_t, std::less<>>& counts, std::string_view text) {
  const auto found = counts.find(text);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

UdpJudge::UdpJudge(Network& network, std::vector<UdpApplication*> applications, std::set<Endpoint> outsiders)
    : target(network, kTarget),
      resolvers_{UdpPeer(network, kResolver), UdpPeer(network, kOtherResolver)},
      net_(network.datagrams),
      applications_(std::move(applications)),
      outsiders_(std::move(outsiders)) {
  net_.tap = [this](const Endpoint& from, const Endpoint& to, ConstBytes bytes) { see(from, to, bytes); };
  target.when_heard = [this](const UdpPeer::Heard& heard) {
    const std::string answer = answer_to(text_of(heard.bytes));
    answered_[answer] += target.send_as_step(heard.from, bytes_of(answer));
  };
  for (UdpPeer& resolver : resolvers_) {
    resolver.when_heard = [&resolver](const UdpPeer::Heard& heard) { resolver.send(heard.from, heard.bytes); };
  }
}

void UdpJudge::see(const Endpoint& from, const Endpoint& to, ConstBytes bytes) {
  if (net_.is_sealed(from, to)) {
    if (contains(bytes, bytes_of(kSentinel))) fail("payload is readable between the programs");
    return;
  }
  if (to == kTarget) return see_at_target(text_of(bytes));
  for (const UdpPeer& resolver : resolvers_) {
    if (to == resolver.endpoint() || from == resolver.endpoint()) return see_question(bytes);
  }
  for (const UdpApplication* const application : applications_) {
    if (to == application->peer.endpoint()) return see_at(*application, from, bytes);
  }
  if (!is_outsider(from)) fail("a datagram goes where nobody expects one");
}

bool UdpJudge::is_outsider(const Endpoint& from) const {
  return from == kTarget || outsiders_.contains(from) ||
         std::any_of(applications_.begin(), applications_.end(),
                     [&](const UdpApplication* each) { return each->peer.endpoint() == from; });
}

void UdpJudge::see_question(ConstBytes bytes) {
  if (contains(bytes, bytes_of(kSentinel))) fail("a resolver gets what applications say");
}

void UdpJudge::see_at_target(std::string_view text) {
  const auto sender = std::find_if(applications_.begin(), applications_.end(),
                                   [&](const UdpApplication* each) { return each->is_mine(text); });
  const auto sent = sender == applications_.end() ? std::map<std::string, std::size_t>::const_iterator()
                                                  : (*sender)->sent.find(std::string(text));
  if (sender == applications_.end() || sent == (*sender)->sent.end()) {
    return fail("the target gets what no application with an association has sent");
  }
  if (++delivered_[sent->first] > sent->second) fail("the target gets a datagram more often than it was sent");
}

void UdpJudge::see_at(const UdpApplication& application, const Endpoint& from, ConstBytes bytes) {
  const Result<protocol::socks5::UdpDatagram> parsed = protocol::socks5::parse_udp(bytes);
  const bool formed = parsed && bytes[0] == 0 && bytes[1] == 0 && parsed->fragment == 0;
  if (!formed || from != application.bound()) return fail("an application gets what is no answer of its association");
  if (parsed->target != TargetAddress(kTarget.address, kTarget.port)) fail("an answer names another source");
  const std::string_view text = text_of(parsed->payload);
  if (!application.is_mine(text)) return fail("an application gets what is meant for another one");
  if (++answers_delivered_[std::string(text)] > count_in(answered_, text)) {
    fail("an application gets an answer more often than it was given");
  }
}

void UdpJudge::expect_all_of(const UdpApplication& application) {
  for (const auto& [text, copies] : application.sent) {
    const std::string answer = answer_to(text);
    if (count_in(delivered_, text) != copies) return fail("the target misses a datagram though nothing struck it");
    if (count_in(answers_delivered_, answer) != copies) {
      return fail("an application misses an answer though nothing struck it");
    }
  }
}

void UdpJudge::expect_answered_probes(const UdpApplication& application) {
  for (const std::vector<std::string>& probes : application.probes) {
    const bool answered = std::any_of(probes.begin(), probes.end(), [&](const std::string& text) {
      return count_in(answers_delivered_, answer_to(text)) > 0;
    });
    if (!answered) fail("an association no longer works");
  }
}

}  // namespace ss::sim
