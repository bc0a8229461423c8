#include "datagrams.hpp"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <poll.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace ss::bench {

namespace {

constexpr std::size_t kMaxSegments = 64;
constexpr std::size_t kMaxBytes = 65'507;
constexpr int kSocketBuffer = 16 * 1024 * 1024;

using Control = std::array<char, CMSG_SPACE(sizeof(int))>;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// Losses shall be those of what is measured: as much as the system allows, and beyond that for root.
void enlarge(int fd) {
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kSocketBuffer, sizeof kSocketBuffer) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kSocketBuffer, sizeof kSocketBuffer);
  }
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &kSocketBuffer, sizeof kSocketBuffer) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof kSocketBuffer);
  }
}

std::size_t segment_of(msghdr& head, std::size_t whole) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&head); part != nullptr; part = CMSG_NXTHDR(&head, part)) {
    if (part->cmsg_level != SOL_UDP || part->cmsg_type != UDP_GRO) continue;
    int segment = 0;
    std::memcpy(&segment, CMSG_DATA(part), sizeof segment);
    return static_cast<std::size_t>(segment);
  }
  return whole;
}

void put_segment(msghdr& head, Control& room, std::size_t segment) {
  head.msg_control = room.data();
  head.msg_controllen = CMSG_SPACE(sizeof(std::uint16_t));
  cmsghdr* const part = CMSG_FIRSTHDR(&head);
  part->cmsg_level = SOL_UDP;
  part->cmsg_type = UDP_SEGMENT;
  part->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
  const auto size = static_cast<std::uint16_t>(segment);
  std::memcpy(CMSG_DATA(part), &size, sizeof size);
}

bool same_place(const sockaddr_in& a, const sockaddr_in& b) {
  return a.sin_port == b.sin_port && a.sin_addr.s_addr == b.sin_addr.s_addr;
}

}  // namespace

int open_udp(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  const sockaddr_in address = loopback(port);
  if (fd < 0 || setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof on) != 0 ||
      bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("a UDP socket");
    std::exit(1);
  }
  enlarge(fd);
  return fd;
}

int open_udp_to(std::uint16_t port) {
  const int fd = open_udp(0);
  const sockaddr_in address = loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  return fd;
}

void receive_singly(int fd) {
  const int off = 0;
  setsockopt(fd, SOL_UDP, UDP_GRO, &off, sizeof off);
}

std::span<const Segments> DatagramReader::receive(int fd) {
  std::array<mmsghdr, kBuffers> messages{};
  std::array<iovec, kBuffers> pieces;
  std::array<Control, kBuffers> controls;
  for (std::size_t i = 0; i < kBuffers; ++i) {
    pieces[i] = {area_.data() + i * kBuffer, kBuffer};
    msghdr& head = messages[i].msg_hdr;
    head.msg_name = &got_[i].peer;
    head.msg_namelen = sizeof got_[i].peer;
    head.msg_iov = &pieces[i];
    head.msg_iovlen = 1;
    head.msg_control = controls[i].data();
    head.msg_controllen = controls[i].size();
  }
  const int count = recvmmsg(fd, messages.data(), kBuffers, MSG_DONTWAIT, nullptr);
  // An error is that of an older send, or there is nothing: the poller comes back either way.
  if (count <= 0) return {};
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const std::size_t bytes = messages[i].msg_len;
    got_[i].bytes = {area_.data() + i * kBuffer, bytes};
    got_[i].segment = segment_of(messages[i].msg_hdr, bytes);
  }
  return std::span(got_).first(static_cast<std::size_t>(count));
}

bool DatagramWriter::joins_last(const Segments& what, const sockaddr_in* to) const {
  if (!joins_ || count_ == 0) return false;
  const Message& last = messages_[count_ - 1];
  if (last.connected != (to == nullptr) || (to != nullptr && !same_place(last.to, *to))) return false;
  const std::size_t bytes = last.bytes + what.bytes.size();
  return what.segment == last.segment && last.bytes % last.segment == 0 && bytes <= kMaxBytes &&
         bytes <= kMaxSegments * last.segment;
}

void DatagramWriter::add(const Segments& what, const sockaddr_in* to) {
  if (what.bytes.empty()) return;
  if (!joins_last(what, to)) {
    messages_[count_++] = {what.segment, 0, 0, to != nullptr ? *to : sockaddr_in{}, to == nullptr};
  }
  Message& message = messages_[count_ - 1];
  message.bytes += what.bytes.size();
  ++message.pieces;
  pieces_[pieces_used_++] = {what.bytes.data(), what.bytes.size()};
}

void DatagramWriter::send(int fd) {
  std::array<mmsghdr, kMessages> heads;
  std::array<Control, kMessages> controls;
  std::size_t piece = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    Message& message = messages_[i];
    msghdr& head = heads[i].msg_hdr;
    head = {};
    if (!message.connected) {
      head.msg_name = &message.to;
      head.msg_namelen = sizeof message.to;
    }
    head.msg_iov = &pieces_[piece];
    head.msg_iovlen = message.pieces;
    piece += message.pieces;
    if (message.bytes > message.segment) put_segment(head, controls[i], message.segment);
  }
  bool failed = false;
  for (std::size_t at = 0; at < count_;) {
    const int sent = sendmmsg(fd, &heads[at], static_cast<unsigned>(count_ - at), MSG_DONTWAIT);
    if (sent > 0) {
      at += static_cast<std::size_t>(sent);
      failed = false;
    } else if (errno == EAGAIN) {
      pollfd wanted{fd, POLLOUT, 0};
      poll(&wanted, 1, 10);
    } else if (errno != EINTR && std::exchange(failed, !failed)) {
      ++at;  // the first error may have been that of an older datagram, the second one is its own
    }
  }
  count_ = 0;
  pieces_used_ = 0;
}

}  // namespace ss::bench
