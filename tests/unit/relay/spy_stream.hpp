#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sim/world.hpp"
#include "ss/net/stream.hpp"

namespace ss::relay::test {

/// One thing that was done to a stream.
struct Deed {
  enum class Kind : std::uint8_t { read, write, fin, reset, closed };
  Kind kind;
  Duration at;            ///< since the world began
  std::size_t bytes = 0;  ///< with read and write: how many moved, over 0
  friend bool operator==(const Deed&, const Deed&) = default;
};

/// What was done to a stream so far, and how it is to behave. Outlives the stream.
struct Watch {
  std::vector<Deed> deeds;
  std::optional<std::size_t> next_write_takes;  ///< of the next write, at most so many bytes are taken
  std::optional<std::size_t> unacknowledged;    ///< what the stream says, instead of the truth
  bool takes_nothing = false;                   ///< while it is so, writes block
  int write_error = 0;                          ///< what every write fails with

  [[nodiscard]] std::size_t count(Deed::Kind kind) const {
    return static_cast<std::size_t>(
        std::count_if(deeds.begin(), deeds.end(), [kind](const Deed& deed) { return deed.kind == kind; }));
  }
  [[nodiscard]] std::size_t bytes(Deed::Kind kind) const {
    std::size_t sum = 0;
    for (const Deed& deed : deeds) sum += deed.kind == kind ? deed.bytes : 0;
    return sum;
  }
  /// When it was done for the first time.
  [[nodiscard]] std::optional<Duration> first(Deed::Kind kind) const {
    for (const Deed& deed : deeds) {
      if (deed.kind == kind) return deed.at;
    }
    return std::nullopt;
  }
};

/// A simulated stream that keeps a record of what is done to it.
class SpyStream final : public net::Stream {
 public:
  SpyStream(std::unique_ptr<net::Stream> inner, sim::World& world, std::shared_ptr<Watch> watch)
      : inner_(std::move(inner)), world_(world), watch_(std::move(watch)) {}
  ~SpyStream() override { note(Deed::Kind::closed); }

  using net::Stream::try_read;
  using net::Stream::try_write;
  net::IoResult try_read(std::span<const Bytes> into) override {
    const net::IoResult got = inner_->try_read(into);
    if (got.bytes > 0) note(Deed::Kind::read, got.bytes);
    return got;
  }
  net::IoResult try_write(std::span<const ConstBytes> from) override {
    if (watch_->write_error != 0) return {net::IoStatus::failed, 0, watch_->write_error};
    if (watch_->takes_nothing) return {};
    net::IoResult sent;
    if (const auto most = std::exchange(watch_->next_write_takes, std::nullopt)) {
      ByteVector part;
      for (const ConstBytes span : from) part.insert(part.end(), span.begin(), span.end());
      part.resize(std::min(part.size(), *most));
      if (!part.empty()) sent = inner_->try_write(part);
    } else {
      sent = inner_->try_write(from);
    }
    if (sent.bytes > 0) note(Deed::Kind::write, sent.bytes);
    return sent;
  }
  void wait(net::Side side, net::Waiter& waiter) override { inner_->wait(side, waiter); }
  void cancel() override { inner_->cancel(); }
  int finish_connect() override { return inner_->finish_connect(); }
  void shut_write() override {
    note(Deed::Kind::fin);
    inner_->shut_write();
  }
  void reset() override {
    note(Deed::Kind::reset);
    inner_->reset();
  }
  [[nodiscard]] std::size_t unacknowledged() const override {
    return watch_->unacknowledged.value_or(inner_->unacknowledged());
  }
  [[nodiscard]] Endpoint local_endpoint() const override { return inner_->local_endpoint(); }
  [[nodiscard]] Endpoint peer_endpoint() const override { return inner_->peer_endpoint(); }

 private:
  void note(Deed::Kind kind, std::size_t bytes = 0) {
    watch_->deeds.push_back({kind, world_.now().time_since_epoch(), bytes});
  }

  std::unique_ptr<net::Stream> inner_;
  sim::World& world_;
  std::shared_ptr<Watch> watch_;
};

}  // namespace ss::relay::test
