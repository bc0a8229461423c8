#pragma once

#include <array>
#include <memory>
#include <span>

#include "ss/base/bytes.hpp"
#include "ss/net/datagram.hpp"

namespace ss::relay {

/// The areas of a worker through which all datagrams pass: received into the one, written into the other, within one
/// turn. What a batch consists of lies here too, so that an idle socket owns no array.
///
/// Nothing in it lives across a suspension. Pages that no batch has reached cost nothing. Owner: the worker. Threads:
/// the worker's.
class DatagramScratch {
 public:
  /// Room for what a full receive becomes when it is sealed, in several sends where it does not fit one.
  static constexpr std::size_t kWriteArea = std::size_t{512} * 1024;

  DatagramScratch()
      : receive_area_(std::make_unique_for_overwrite<std::uint8_t[]>(net::Datagram::kReceiveArea)),
        write_area_(std::make_unique_for_overwrite<std::uint8_t[]>(kWriteArea)),
        arrays_(std::make_unique<Arrays>()) {}
  DatagramScratch(const DatagramScratch&) = delete;
  DatagramScratch& operator=(const DatagramScratch&) = delete;

  /// The right to use the areas until the end of a plain function, as Scratch::Turn.
  class Turn {
   public:
    explicit Turn(DatagramScratch& scratch) : scratch_(scratch) {
      SS_ASSERT(!scratch_.taken_);
      scratch_.taken_ = true;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { scratch_.taken_ = false; }

    /// Receives one batch.
    std::span<net::Received> receive(net::Datagram& socket) {
      const std::size_t n =
          socket.try_receive({scratch_.receive_area_.get(), net::Datagram::kReceiveArea}, scratch_.arrays_->received);
      return std::span(scratch_.arrays_->received).first(n);
    }
    /// Receives one buffer: a datagram, or several that the kernel has joined.
    std::span<net::Received> receive_one(net::Datagram& socket) {
      const std::size_t n =
          socket.try_receive({scratch_.receive_area_.get(), net::Datagram::kReceiveSlot}, scratch_.arrays_->received);
      return std::span(scratch_.arrays_->received).first(n);
    }
    [[nodiscard]] Bytes write_area() const { return {scratch_.write_area_.get(), kWriteArea}; }
    [[nodiscard]] std::span<net::Outgoing> outgoing() const { return scratch_.arrays_->outgoing; }

   private:
    DatagramScratch& scratch_;
  };

 private:
  struct Arrays {
    std::array<net::Received, net::Datagram::kMaxBatch> received;
    std::array<net::Outgoing, net::Datagram::kMaxBatch> outgoing;
  };

  std::unique_ptr<std::uint8_t[]> receive_area_;
  std::unique_ptr<std::uint8_t[]> write_area_;
  std::unique_ptr<Arrays> arrays_;
  bool taken_ = false;
};

}  // namespace ss::relay
