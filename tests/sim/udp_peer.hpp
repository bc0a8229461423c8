#pragma once

#include <functional>
#include <vector>

#include "sim/network.hpp"

namespace ss::sim {

/// A plain UDP socket at one endpoint: a client, a target or a stranger of a test. It is never full, and struck only
/// where it says so.
class UdpPeer final : private DatagramSink {
 public:
  struct Heard {
    Endpoint from;
    ByteVector bytes;
    MonoTime time;
  };

  /// @pre  the endpoint is free: ends the program otherwise.
  UdpPeer(Network& network, const Endpoint& at);
  UdpPeer(const UdpPeer&) = delete;
  UdpPeer& operator=(const UdpPeer&) = delete;
  ~UdpPeer() override;

  void send(const Endpoint& to, ConstBytes bytes) { net_.post(at_, to, bytes); }
  void send(const Endpoint& to, std::string_view text) { send(to, bytes_of(text)); }
  /// The same as a step of the world, which may be struck by what befalls datagrams on their way.
  /// @return  how many of it are to arrive: 0, 1 or 2.
  std::size_t send_as_step(const Endpoint& to, ConstBytes bytes);
  /// Lives on at another endpoint: sends from there, and hears what comes there and nothing that comes to the old one.
  /// @pre  as for the constructor.
  void roam(const Endpoint& to);

  [[nodiscard]] const Endpoint& endpoint() const { return at_; }
  /// What came, as text.
  [[nodiscard]] std::vector<std::string> texts() const;

  std::vector<Heard> heard;
  /// Called with each datagram, after it stands in `heard`; a target answers here.
  std::function<void(const Heard&)> when_heard;

 private:
  bool take(const Endpoint& from, const Endpoint& to, ByteVector bytes) override;

  DatagramNet& net_;
  Endpoint at_;
};

}  // namespace ss::sim
