#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ss/cipher/aes_block.hpp"
#include "ss/protocol/credentials.hpp"

namespace ss::protocol {

/// The PSKs of users as AES blocks, for the separate headers of their answers: expanded at first use, and at most kMost
/// at once, of which the oldest gives its place to the next.
///
/// Owner: one ServerPackets. Threads: its. Lifetime: the credentials outlive this. Cost: 2 bytes a user, and about
/// 1 KiB for each that is expanded; allocates where one is.
class UserBlocks {
 public:
  static constexpr std::size_t kMost = 256;

  explicit UserBlocks(const ServerCredentials& credentials);

  /// @pre  user is an index into the credentials' users
  /// Lifetime: until the next call.
  cipher::AesBlock& of(std::size_t user);

 private:
  struct Entry {
    std::size_t user;
    cipher::AesBlock block;
  };
  static constexpr std::uint16_t kNowhere = 0xFFFF;

  const ServerCredentials& credentials_;
  std::vector<std::uint16_t> places_;  // of each user, in `entries_`
  std::vector<Entry> entries_;
  std::size_t oldest_ = 0;
};

}  // namespace ss::protocol
