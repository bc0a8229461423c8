#include "replay_store.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>

#include "ss/ops/errno_text.hpp"
#include "ss/protocol/header2022.hpp"
#include "ss/protocol/replay/recent_salt_set.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::server {

using net::MapResult;
using protocol::SaltRing;

namespace {

constexpr std::string_view kMagic = "shadowsocks-asio replay store 1\n";
constexpr std::size_t kPage = 4096;

/// 2022: salts of 62 s at 8,400 connections a second; at more, a restart takes the oldest stamps for forgotten.
constexpr std::size_t kTimedSalts = std::size_t{1} << 19;

std::size_t salts_of(const cipher::Method& method) {
  return method.is_2022() ? kTimedSalts : protocol::RecentSaltSet::kCapacity;
}

std::size_t ring_bytes(const cipher::Method& method, std::size_t shards) {
  return SaltRing::bytes_for(method.salt_length(), salts_of(method) / shards);
}

/// What is wrong with the file, and what to do about it.
std::string sentence_for(const MapResult& result) {
  switch (result.problem) {
    case MapResult::Problem::none:
      break;
    case MapResult::Problem::system:
      return std::string(result.failed_at) + ": " + ops::errno_text(result.error);
    case MapResult::Problem::in_use:
      return "another ss-server has it open; give each its own";
    case MapResult::Problem::no_file:
      return "is no regular file; name one, or one that does not exist yet";
    case MapResult::Problem::foreign:
      return "belongs to another user; start the program as that user, or name another file";
    case MapResult::Problem::open_to_all:
      return "may be read or written by other users; `chmod 600` it";
    case MapResult::Problem::other:
      return "holds something else, and was left as it is; name another file";
  }
  return {};
}

/// A text in a field of fixed size, with zeros behind it.
template <std::size_t N>
std::array<char, N> field(std::string_view text) {
  std::array<char, N> bytes{};
  std::copy_n(text.begin(), std::min(text.size(), N), bytes.begin());
  return bytes;
}

/// Whether these are one start of the machine: by its clocks, so that a step of the wall clock makes another one of it.
/// Who may not look into /proc/sys, as in the systemd unit, cannot ask the kernel.
bool is_same_start(UnixSeconds a, UnixSeconds b) {
  constexpr UnixSeconds kRounding = 2;
  return std::max(a, b) - std::min(a, b) <= kRounding;
}

}  // namespace

struct ReplayStore::Head {
  std::array<char, 32> magic;
  std::array<char, 32> method;
  UnixSeconds machine_started;
  std::uint64_t whole;
  UnixSeconds newest_packet_stamp;
  UnixSeconds gap;
};

ReplayStore::Opened ReplayStore::open(const std::string& path, const cipher::Method& method, std::size_t shards,
                                      const Clock& clock) {
  static_assert(sizeof(Head) <= kPage && sizeof(Head::magic) == kMagic.size());
  const std::size_t rings = method.is_2022() ? shards : 2 * shards;
  MapResult opened = net::MappedFile::open(path, kPage + rings * ring_bytes(method, shards), kMagic);
  if (!opened.file) return {nullptr, sentence_for(opened)};
  return {std::unique_ptr<ReplayStore>(new ReplayStore(std::move(opened), method, shards, clock)), {}};
}

ReplayStore::ReplayStore(MapResult opened, const cipher::Method& method, std::size_t shards, const Clock& clock)
    : file_(std::move(opened.file)),
      salt_length_(method.salt_length()),
      ring_bytes_(server::ring_bytes(method, shards)),
      shards_(shards) {
  const auto name = field<sizeof(Head::method)>(method.name);
  const UnixSeconds now = clock.unix_now();
  const UnixSeconds machine_started = now - static_cast<UnixSeconds>(clock.since_boot() / std::chrono::seconds(1));
  const bool same_method = head().method == name;
  std::string why;
  if (opened.is_new) {
    why = "it is new";
  } else if (!same_method) {
    why = "it was of another method";
  } else if (head().whole == 0 && !is_same_start(head().machine_started, machine_started)) {
    why = "the machine was started again, and what came last may not have reached the disk";
  }
  if (!same_method) {
    const Bytes behind = file_->bytes().subspan(sizeof(Head::magic));
    std::fill(behind.begin(), behind.end(), 0);
  }
  // What somebody has recorded may run as far ahead.
  if (!why.empty()) head().gap = now + protocol::kMaxClockDifference;
  if (why.empty() && head().gap + protocol::kMaxClockDifference >= now) why = "it was new a minute ago";
  if (!why.empty()) gap_ = {why, head().gap};
  head().method = name;
  head().machine_started = machine_started;
  head().whole = 0;
  // Should the machine stop before the system writes it by itself, the disk must not go on saying the opposite.
  sync();
}

/// Called when every worker has ended.
ReplayStore::~ReplayStore() {
  if (!sync()) return;
  head().whole = 1;
  sync();
}

bool ReplayStore::sync() {
  const int error = file_->sync();
  if (error != 0) telemetry::log_warn("replay_store: cannot be written to the disk: {}", ops::errno_text(error));
  return error == 0;
}

ReplayStore::Head& ReplayStore::head() const {
  return *reinterpret_cast<Head*>(file_->bytes().data());
}

SaltRing ReplayStore::ring(std::size_t index) const {
  return SaltRing(file_->bytes().subspan(kPage + index * ring_bytes_, ring_bytes_), salt_length_);
}

UnixSeconds& ReplayStore::newest_packet_stamp() const {
  return head().newest_packet_stamp;
}

}  // namespace ss::server
