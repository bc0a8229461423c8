#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/udp_peer.hpp"
#include "sim/udp_scenario.hpp"
#include "ss/net/stream.hpp"
#include "ss/net/task.hpp"

namespace ss::sim {

/// One application of a run over UDP. It asks for an association, says a few datagrams at once and some one by one,
/// each a step of the world, is silent until every fault and deadline has passed, probes whether the association still
/// works, and leaves; where the carrier is found out it probes again before, long after the path has healed.
///
/// Owner: the run; outlives the world's events. Threads: one.
class UdpApplication {
 public:
  struct Habits {
    char letter = 'A';                               ///< stands in everything that it says
    bool names_port = false;                         ///< its request names the port that it sends from
    std::size_t datagrams = 3;                       ///< that it says before its silence
    std::optional<Departure> leaves = std::nullopt;  ///< with datagrams under way, and goes on sending later
  };
  UdpApplication(Network& network, const UdpScenario& scenario, const Endpoint& at, const Habits& habits);

  /// Lives the control connection to its end.
  net::Task<> live(std::unique_ptr<net::Stream> control);
  /// Ends the control connection, where there is one.
  void depart(Departure how);

  [[nodiscard]] bool is_mine(std::string_view text) const;
  /// Whether it probed its association, which stood from the beginning to its planned end.
  [[nodiscard]] bool stood() const { return stood_; }
  [[nodiscard]] bool is_over() const { return over_; }
  [[nodiscard]] MonoTime over_since() const { return over_since_; }
  /// Where the reply says that the association is; nothing before, or where it was refused.
  [[nodiscard]] const std::optional<Endpoint>& bound() const { return bound_; }

  UdpPeer peer;
  /// What came to ss-local whole, or is about to, and how often.
  std::map<std::string, std::size_t> sent;
  std::vector<std::vector<std::string>> probes;  ///< those that follow each other closely together

 private:
  void begin();
  std::string say();
  std::size_t send(std::string_view text, std::uint8_t fragment);
  void probe_after(Duration silence);
  void probe();
  void say_too_late();

  World& world_;
  const UdpScenario& scenario_;
  const std::string head_;  // of every text
  const Habits habits_;
  std::size_t said_ = 0;
  ByteVector told_;
  std::optional<Endpoint> bound_;
  net::Stream* control_ = nullptr;
  bool departed_ = false;
  bool stood_ = false;
  bool over_ = false;
  MonoTime over_since_{};
};

/// What the target says to `text`.
std::string answer_to(std::string_view text);

}  // namespace ss::sim
