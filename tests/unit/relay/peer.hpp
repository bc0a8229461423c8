#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "sim/network.hpp"
#include "spy_stream.hpp"

namespace ss::relay::test {

/// `size` bytes that count up from `first`, with a period that no buffer size shares.
inline ByteVector counting(std::size_t size, std::size_t first = 0) {
  ByteVector bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>((first + i) % 251);
  return bytes;
}

inline const Endpoint kFar{IpAddress(IpAddress::V4{192, 0, 2, 7}), 50'000};

/// The far end of a connection of the code under test, moved by hand. The near end is watched.
class Peer {
 public:
  /// A connection that is there already, from `far` to `local`.
  explicit Peer(sim::Network& network, const Endpoint& local = {}, const Endpoint& far = kFar)
      : Peer(std::make_shared<Watch>()) {
    const auto link = std::make_shared<sim::Link>(network.world, network.alive);
    stream_ = std::make_unique<sim::SimStream>(link, 0, far, local, false);
    near_ = std::make_unique<SpyStream>(std::make_unique<sim::SimStream>(link, 1, local, far, false), network.world,
                                        watch_);
  }
  /// A connection that is to come.
  explicit Peer(std::shared_ptr<Watch> watch) : watch_(std::move(watch)) {}
  void accept(std::unique_ptr<net::Stream> stream) { stream_ = std::move(stream); }

  /// The end for the code under test.
  std::unique_ptr<net::Stream> take_near() { return std::move(near_); }
  [[nodiscard]] bool connected() const { return stream_ != nullptr; }
  [[nodiscard]] const Watch& near() const { return *watch_; }
  [[nodiscard]] Watch& near() { return *watch_; }

  /// Sends all of `bytes`.
  void say(ConstBytes bytes) { EXPECT_EQ(offer(bytes), bytes.size()); }
  /// Sends what the connection takes. @return how much that was.
  std::size_t offer(ConstBytes bytes) { return stream_->try_write(bytes).bytes; }
  void finish() { stream_->shut_write(); }
  void reset() { stream_->reset(); }
  void go() { stream_.reset(); }

  /// Takes in what has come. @return everything since the connection began.
  const ByteVector& hear() {
    std::array<std::uint8_t, std::size_t{16} * 1024> room;
    for (;;) {
      const net::IoResult got = stream_->try_read(Bytes(room));
      heard_.insert(heard_.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(got.bytes));
      ended_ = ended_ || got.status == net::IoStatus::ended;
      failed_ = failed_ || got.status == net::IoStatus::failed;
      if (got.status != net::IoStatus::done) return heard_;
    }
  }
  /// Takes in `size` bytes of what has come.
  void hear_only(std::size_t size) {
    const std::size_t at = heard_.size();
    heard_.resize(at + size);
    EXPECT_EQ(stream_->try_read(Bytes(heard_).subspan(at)).bytes, size);
  }
  /// Whether a clean end has come behind what was heard.
  bool heard_end() {
    hear();
    return ended_ && !failed_;
  }
  bool heard_reset() {
    hear();
    return failed_;
  }

 private:
  std::shared_ptr<Watch> watch_;
  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<net::Stream> near_;
  ByteVector heard_;
  bool ended_ = false;
  bool failed_ = false;
};

}  // namespace ss::relay::test
