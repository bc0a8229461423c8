#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "client.hpp"
#include "datagrams.hpp"

namespace ss::bench {

/// What the associations of a UDP run share.
struct Echoes {
  /// @param each  datagrams that an association keeps under way; 0: none are sent but by `Association::send`.
  /// @param singly  whether every datagram is sent and received by itself, as by an application that knows no better.
  Echoes(Load& run, std::size_t bytes, unsigned each, bool singly);

  Load& load;
  const std::size_t size;  ///< of a datagram's payload
  const unsigned window;
  const bool plain;
  const std::size_t prefix;  ///< bytes of SOCKS5 in front of it
  std::vector<std::uint8_t> area;
  DatagramReader reader;
  DatagramWriter writer;
  Clock::time_point last_arrival;
  std::uint64_t sent = 0;
  std::uint64_t echoed = 0;  ///< each datagram once, every byte of it as it was sent
};

/// One association: a UDP socket behind a SOCKS5 proxy (straight to the target where `load.via` is 0) that sends
/// numbered datagrams and takes in their echoes. Whatever is not exactly one that is awaited counts as an error.
class Association final : public Handler {
 public:
  /// Begins the association and waits until one datagram has come back; the program ends with a message if none does.
  Association(Echoes& run, unsigned number);
  ~Association() override;
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;

  void ready(std::uint32_t events) override;
  void send(std::size_t count);
  /// Writes off what is under way if nothing has come for long, and fills the window again.
  void recover();

  static constexpr std::size_t kMostAtOnce = 64;

 private:
  static constexpr std::size_t kPrefix = 10;

  void associate();
  void await_first_echo();
  void put(std::uint64_t number, std::uint8_t* at) const;
  void take(std::span<const std::uint8_t> datagram);
  /// Counts out of the window what is so far behind `newest` that it will not come.
  void write_off_before(std::uint64_t newest);
  void fill_window();
  [[nodiscard]] std::uint64_t tag(std::uint64_t number) const { return std::uint64_t{index_} << 48 | number; }

  Echoes& run_;
  unsigned index_;
  int fd_ = -1;
  int control_ = -1;
  std::array<std::uint8_t, kPrefix> prefix_{};
  std::vector<bool> seen_;       // by number; as long as datagrams have been sent
  std::uint64_t first_ = 0;      // what came before belongs to the first echo
  std::uint64_t oldest_ = 0;     // older ones are written off where they have not come
  std::uint64_t under_way_ = 0;  // neither echoed nor written off
  Clock::time_point last_arrival_;
};

}  // namespace ss::bench
