// Before the first system header: macOS has IPV6_RECVPKTINFO only then.
#define __APPLE_USE_RFC_3542  // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
#include "datagram_control.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "sockaddr.hpp"

namespace ss::net {
namespace {

/// Nothing leaves from a group's address, nor from the address of everybody.
bool is_group(const IpAddress& address) {
  return address.bytes()[0] >= (address.is_v4() ? 224 : 0xff);
}

template <class T>
T content_of(const cmsghdr& part) {
  static_assert(std::is_trivially_copyable_v<T>);
  T content;
  std::memcpy(&content, CMSG_DATA(&part), sizeof content);
  return content;
}

/// Writes one part after what `message` has already.
template <class T>
void append(msghdr& message, DatagramControl& room, int level, int type, const T& content) {
  std::byte* const at = room.bytes.data() + message.msg_controllen;
  cmsghdr head{};
  head.cmsg_level = level;
  head.cmsg_type = type;
  head.cmsg_len = static_cast<decltype(head.cmsg_len)>(CMSG_LEN(sizeof content));
  std::memset(at, 0, CMSG_SPACE(sizeof content));
  std::memcpy(at, &head, sizeof head);
  std::memcpy(CMSG_DATA(reinterpret_cast<cmsghdr*>(at)), &content, sizeof content);
  message.msg_controllen =
      static_cast<decltype(message.msg_controllen)>(message.msg_controllen + CMSG_SPACE(sizeof content));
}

IpAddress own_address(const cmsghdr& part) {
  IpAddress own;
#if defined(IP_PKTINFO)
  if (part.cmsg_level == IPPROTO_IP && part.cmsg_type == IP_PKTINFO) {
    const auto info = content_of<in_pktinfo>(part);
    IpAddress::V4 bytes;
    std::memcpy(bytes.data(), &info.ipi_spec_dst, bytes.size());
    own = IpAddress(bytes);
  }
#endif
#if defined(IPV6_PKTINFO)
  if (part.cmsg_level == IPPROTO_IPV6 && part.cmsg_type == IPV6_PKTINFO) {
    const auto info = content_of<in6_pktinfo>(part);
    IpAddress::V6 bytes;
    std::memcpy(bytes.data(), &info.ipi6_addr, bytes.size());
    own = IpAddress(bytes).unmapped();
  }
#endif
  return is_group(own) ? IpAddress() : own;
}

}  // namespace

Beside parse_control(const msghdr& message) {
  Beside found;
  if (message.msg_controllen == 0) return found;
  for (const cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(part))) {
#if !defined(SS_PORTABLE) && defined(UDP_GRO)
    if (part->cmsg_level == IPPROTO_UDP && part->cmsg_type == UDP_GRO) {
      found.segment = static_cast<std::size_t>(std::max(content_of<int>(*part), 0));
      continue;
    }
#endif
    found.to = own_address(*part);
  }
  return found;
}

void put_control(msghdr& message, DatagramControl& room, Family form, const IpAddress& from, std::size_t segment) {
  message.msg_control = room.bytes.data();
  message.msg_controllen = 0;
#if !defined(SS_PORTABLE) && defined(UDP_SEGMENT)
  if (segment != 0) append(message, room, IPPROTO_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segment));
#else
  static_cast<void>(segment);
#endif
  if (!is_unspecified(from)) {
#if defined(IP_PKTINFO)
    if (form == Family::v4) {
      in_pktinfo info{};
      std::memcpy(&info.ipi_spec_dst, from.bytes().data(), sizeof info.ipi_spec_dst);
      append(message, room, IPPROTO_IP, IP_PKTINFO, info);
    }
#endif
#if defined(IPV6_PKTINFO)
    if (form == Family::v6) {
      in6_pktinfo info{};
      const IpAddress address = from.mapped();
      std::memcpy(&info.ipi6_addr, address.bytes().data(), sizeof info.ipi6_addr);
      append(message, room, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
#endif
  }
  if (message.msg_controllen == 0) message.msg_control = nullptr;
}

void ask_for_own_address(int descriptor, Family form) {
  const int on = 1;
#if defined(IP_PKTINFO)
  if (form == Family::v4) ::setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
#endif
#if defined(IPV6_RECVPKTINFO)
  if (form == Family::v6) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
#endif
}

}  // namespace ss::net
