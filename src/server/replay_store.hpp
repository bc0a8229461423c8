#pragma once

#include <memory>
#include <optional>
#include <string>

#include "ss/base/clock.hpp"
#include "ss/base/secret.hpp"
#include "ss/cipher/method.hpp"
#include "ss/net/mapped_file.hpp"
#include "ss/protocol/replay/packet_stamps.hpp"
#include "ss/protocol/replay/salt_filter.hpp"
#include "ss/protocol/replay/salt_ring.hpp"

namespace ss::server {

/// What tells replays apart, in a file that outlives the program (docs/decisions/0022).
///
///   page 0        [magic 32 B][method 32 B][machine started u64][whole u64][newest packet stamp u64][gap u64]
///   behind it     a SaltRing for each shard of the streams' salts; SIP004: and one for each of the packets'
///
/// All times are seconds since 1970. `whole` is 1 where the program that had it ended by itself and all of it is on the
/// disk. `gap` is the stamp up to which salts may be missing.
///
/// Owner: the service; outlives the filters. Threads: main's; a ring is its shard's.
class ReplayStore {
 public:
  struct Opened {
    std::unique_ptr<ReplayStore> store;
    std::string problem;  ///< where there is none: what is wrong with the file, and what to do
  };
  /// Opens the file, or makes it.
  static Opened open(const std::string& path, const cipher::Method& method, std::size_t shards, const Clock& clock);
  ~ReplayStore();
  ReplayStore(const ReplayStore&) = delete;
  ReplayStore& operator=(const ReplayStore&) = delete;

  /// Salts that may be missing in it.
  struct Gap {
    std::string why;
    UnixSeconds up_to = 0;  ///< their stamps
  };
  /// Nothing: none that could pass is missing.
  [[nodiscard]] const std::optional<Gap>& gap() const { return gap_; }
  /// Of the streams' salts, and of the SIP004 packets'.
  [[nodiscard]] protocol::SaltRing stream_ring(std::size_t shard) const { return ring(shard); }
  [[nodiscard]] protocol::SaltRing packet_ring(std::size_t shard) const { return ring(shards_ + shard); }
  /// The newest stamp of the 2022 packets that were taken.
  [[nodiscard]] UnixSeconds& newest_packet_stamp() const;

 private:
  struct Head;

  ReplayStore(net::MapResult opened, const cipher::Method& method, std::size_t shards, const Clock& clock);
  bool sync();
  [[nodiscard]] Head& head() const;
  [[nodiscard]] protocol::SaltRing ring(std::size_t index) const;

  std::unique_ptr<net::MappedFile> file_;
  std::size_t salt_length_;
  std::size_t ring_bytes_;
  std::size_t shards_;
  std::optional<Gap> gap_;
};

}  // namespace ss::server
