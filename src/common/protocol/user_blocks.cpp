#include "ss/protocol/user_blocks.hpp"

namespace ss::protocol {

UserBlocks::UserBlocks(const ServerCredentials& credentials)
    : credentials_(credentials), places_(credentials.users().size(), kNowhere) {}

cipher::AesBlock& UserBlocks::of(std::size_t user) {
  if (places_[user] != kNowhere) return entries_[places_[user]].block;

  Entry entry{user, cipher::AesBlock(credentials_.users()[user].key)};
  if (entries_.size() < kMost) {
    places_[user] = static_cast<std::uint16_t>(entries_.size());
    return entries_.emplace_back(std::move(entry)).block;
  }
  Entry& leaving = entries_[oldest_];
  places_[leaving.user] = kNowhere;
  places_[user] = static_cast<std::uint16_t>(oldest_);
  oldest_ = (oldest_ + 1) % kMost;
  leaving = std::move(entry);
  return leaving.block;
}

}  // namespace ss::protocol
