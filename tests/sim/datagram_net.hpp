#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sim/world.hpp"
#include "ss/base/address.hpp"
#include "ss/base/bytes.hpp"

namespace ss::sim {

/// 0.0.0.0 or ::
inline bool is_unspecified(const IpAddress& address) {
  return address == IpAddress() || address == IpAddress(IpAddress::V6{});
}

/// What befalls datagrams on their way. Chances are in thousandths; the world's seed decides.
struct Path {
  std::uint32_t lost = 0;
  std::uint32_t refused = 0;     ///< lost, and an ICMP error comes back to the sender's system
  std::uint32_t doubled = 0;     ///< comes a second time, a little later
  std::uint32_t reordered = 0;   ///< held back by kHold, so that those behind it pass
  std::uint32_t cut = 0;         ///< loses bytes at its end, perhaps all of them
  std::uint32_t flipped = 0;     ///< one bit changes
  std::size_t longest = 65'527;  ///< the payload that it takes; a longer one fails with EMSGSIZE where it is sent
  Duration latency{};            ///< beside the small delay that everything has

  static constexpr Duration kHold = std::chrono::milliseconds(5);
};
inline constexpr std::uint32_t kAlways = 1000;

/// From whom to whom. Nothing: anybody; port 0: any port there.
struct Direction {
  std::optional<Endpoint> from = std::nullopt;
  std::optional<Endpoint> to = std::nullopt;
};

/// What befalls the sockets of programs.
struct SocketFaults {
  std::uint32_t blocked = 0;   ///< a send handles only a part of its batch, perhaps nothing
  std::uint32_t spurious = 0;  ///< a wait ends though nothing is there
  std::size_t send_room =
      1'000'000;  ///< datagrams in one socket's send buffer, which they leave after a small delay; at least 1
  std::size_t receive_room =
      std::size_t{208} * 1024;  ///< bytes that may lie unread in one socket, each datagram kWeight more
  bool coalesces = true;        ///< equal-sized datagrams of one sender lie in one buffer, as with UDP_GRO

  static constexpr std::size_t kWeight = 256;
};

/// What became of the datagrams of a run.
struct Tally {
  std::size_t posted = 0;
  std::size_t taken = 0;  ///< by a socket, copies too
  std::size_t lost = 0;
  std::size_t refused = 0;
  std::size_t doubled = 0;
  std::size_t reordered = 0;
  std::size_t cut = 0;
  std::size_t flipped = 0;
  std::size_t strayed = 0;     ///< came where no socket is, or one that is connected to somebody else
  std::size_t overflowed = 0;  ///< came where the queue was full
  std::size_t opened = 0;      ///< sockets that programs opened
  std::size_t open = 0;        ///< those of them that exist
};

/// Where datagrams end.
class DatagramSink {
 public:
  virtual ~DatagramSink() = default;
  /// @return false where this socket does not listen to `from`.
  virtual bool take(const Endpoint& from, const Endpoint& to, ByteVector bytes) = 0;
  /// An ICMP error says that a datagram to `to` did not arrive.
  virtual void bounced(const Endpoint& /*to*/) {}
};

/// The wires between all UDP sockets of a run: who is bound where, and what happens on the way.
///
/// Owner: the Network; outlives every socket. Threads: one.
class DatagramNet {
 public:
  explicit DatagramNet(World& w) : world(w) {}

  /// Sends a datagram that says it is from `from`, whoever that is: where tests inject. It arrives after a small delay,
  /// in the order of its pair of endpoints.
  /// @param fault  befalls it beside what its path has for it: lost, refused, doubled or reordered.
  void post(const Endpoint& from, const Endpoint& to, ConstBytes bytes, Fault fault = Fault::none);

  /// Decides about `direction`; of several that match, the last one set does.
  void set_path(const Direction& direction, const Path& path) { paths_.emplace_back(direction, path); }
  [[nodiscard]] const Path& path(const Endpoint& from, const Endpoint& to) const;

  /// @param shared  with others who share it too: a sender's address and port choose among them (see `spread`).
  /// @return false where the endpoint is taken.
  bool bind(const Endpoint& at, DatagramSink& sink, bool shared = false);
  void unbind(const Endpoint& at, DatagramSink& sink);
  [[nodiscard]] bool is_free(const Endpoint& at) const { return !places_.contains(at); }
  /// Which of `count` sockets that share an endpoint hears `from`, counted in the order of binding.
  static std::size_t spread(const Endpoint& from, std::size_t count);
  /// Whether Shadowsocks is spoken between the two: one of them is in `sealed`.
  [[nodiscard]] bool is_sealed(const Endpoint& a, const Endpoint& b) const {
    return sealed.contains(a) || sealed.contains(b);
  }

  World& world;
  Path everywhere;  ///< for every direction without a path of its own
  SocketFaults sockets;
  Tally tally;
  std::set<Endpoint> sealed;  ///< where Fault::flipped strikes
  /// Sees every datagram that is sent, before anything befalls it.
  std::function<void(const Endpoint& from, const Endpoint& to, ConstBytes bytes)> tap;

 private:
  struct Place {
    std::vector<DatagramSink*> sinks;
    bool shared = false;
  };

  void bend(const Path& path, ByteVector& bytes);
  void arrive_after(Duration delay, const Endpoint& from, const Endpoint& to, ByteVector bytes);
  void arrive(const Endpoint& from, const Endpoint& to, ByteVector bytes);
  void bounce(const Endpoint& from, const Endpoint& to);
  [[nodiscard]] DatagramSink* find(const Endpoint& at, const Endpoint& from) const;

  std::vector<std::pair<Direction, Path>> paths_;
  std::map<Endpoint, Place> places_;
  std::map<std::pair<Endpoint, Endpoint>, MonoTime> latest_;  // arrival of each pair's last datagram in order
};

}  // namespace ss::sim
