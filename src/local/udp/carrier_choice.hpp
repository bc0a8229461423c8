#pragma once

#include <list>
#include <optional>

#include "local_session.hpp"
#include "ss/base/address.hpp"
#include "ss/net/sleep.hpp"
#include "ss/net/task.hpp"
#include "ss/net/timers.hpp"
#include "ss/protocol/client_packets.hpp"
#include "ss/relay/environment.hpp"
#include "udp/carrier_probe.hpp"

namespace ss::local {

/// Which carrier the associations of one worker use where nobody has said ("udp_over_tcp": "auto"): packets, as long as
/// they get through to ss-server and back.
///
/// What comes tells first: a packet of the server within kSilence of one that was sent needs no probe. Else ss-local
/// asks (carrier_probe.hpp), in packets, then by UDP over TCP. Where TCP alone brings an answer it carries from now on,
/// and packets are asked again every kRetry until one comes back. Where neither does the server or the resolvers are
/// out of reach, or the server does not know UDP over TCP: nothing changes. Without an association nothing is asked.
///
/// Owner: the worker's service, one for each listener; outlives its sessions. Threads: the worker's; each finds out for
/// itself. Cost: a timer every kSilence while packets are sent.
class CarrierChoice {
 public:
  /// What uses the carrier that was chosen.
  class Follower {
   public:
    /// `over_tcp` is another now. Must not leave from inside this call.
    virtual void choice_changed() = 0;

   protected:
    ~Follower() = default;
  };
  using Place = std::list<Follower*>::iterator;

  /// Lifetime: everything given outlives this.
  CarrierChoice(relay::Environment& env, const SessionRules& rules, protocol::ClientPacketKeys& keys)
      : env_(env), server_(rules.server), probe_(env, rules, keys), silence_(*this) {}
  CarrierChoice(const CarrierChoice&) = delete;
  CarrierChoice& operator=(const CarrierChoice&) = delete;

  Place join(Follower& follower);
  void leave(Place place);

  [[nodiscard]] bool over_tcp() const { return over_tcp_; }
  /// The address of ss-server that answered a probe in packets last.
  [[nodiscard]] const std::optional<Endpoint>& answering() const { return answering_; }

  /// Packets were sent for an association.
  void sent() {
    unanswered_ = true;
    if (!silence_.running()) expect_answer();
  }
  /// Packets of the server came for one.
  void heard() {
    heard_ = true;
    unanswered_ = false;
  }

  static constexpr Duration kSilence = std::chrono::seconds(2);
  /// How long traffic without any answer goes on after a probe that was answered, or that told nothing.
  static constexpr Duration kTrusted = std::chrono::seconds(60);
  static constexpr Duration kUndecided = std::chrono::seconds(10);
  static constexpr Duration kRetry = std::chrono::seconds(60);

 private:
  /// Runs from the first packet of a while to its end.
  class Silence final : public net::Timer {
   public:
    explicit Silence(CarrierChoice& choice) : choice_(choice) {}

   private:
    void expired() noexcept override { choice_.end_silence(); }
    CarrierChoice& choice_;
  };

  void expect_answer();
  void end_silence();
  net::Task<> probe();
  net::Task<> judge();
  net::Task<> retry_packets();
  void choose(bool over_tcp);

  relay::Environment& env_;
  Server& server_;
  CarrierProbe probe_;
  Silence silence_;
  std::list<Follower*> followers_;  // in the order in which they came
  std::optional<Endpoint> answering_;
  MonoTime trusted_until_;
  MonoTime next_retry_;
  net::Sleep* pause_ = nullptr;  // of the probe that is under way
  bool heard_ = false;           // since the while began
  bool unanswered_ = false;      // something was sent, and nothing has come since
  bool over_tcp_ = false;
  bool probing_ = false;
  bool abandoned_ = false;  // the last follower left while it was under way
};

}  // namespace ss::local
