#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/udp_application.hpp"
#include "sim/udp_peer.hpp"

namespace ss::sim {

/// Sees every datagram of a run as it is sent, and says what is wrong with it.
///
/// Owner: the run; outlives the world's events. Threads: one.
class UdpJudge {
 public:
  /// @param outsiders  who may send to whomever they like, beside the applications and the target.
  UdpJudge(Network& network, std::vector<UdpApplication*> applications, std::set<Endpoint> outsiders);

  /// Everything that `application` sent has arrived, and so have the answers, once.
  void expect_all_of(const UdpApplication& application);
  /// Of its probes that follow each other closely one, at least, was answered.
  void expect_answered_probes(const UdpApplication& application);
  void fail(std::string_view what) {
    if (violation_.empty()) violation_ = what;
  }
  /// The first thing that was wrong, or empty.
  [[nodiscard]] const std::string& violation() const { return violation_; }

  UdpPeer target;

 private:
  using Counts = std::map<std::string, std::size_t, std::less<>>;

  void see(const Endpoint& from, const Endpoint& to, ConstBytes bytes);
  void see_question(ConstBytes bytes);
  void see_at_target(std::string_view text);
  void see_at(const UdpApplication& application, const Endpoint& from, ConstBytes bytes);
  [[nodiscard]] bool is_outsider(const Endpoint& from) const;

  std::array<UdpPeer, 2> resolvers_;
  DatagramNet& net_;
  const std::vector<UdpApplication*> applications_;
  const std::set<Endpoint> outsiders_;
  Counts delivered_;          // to the target
  Counts answered_;           // by the target, as often as it is to arrive
  Counts answers_delivered_;  // to applications
  std::string violation_;
};

}  // namespace ss::sim
