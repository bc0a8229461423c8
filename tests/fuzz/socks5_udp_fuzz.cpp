// Input: the datagrams of one SOCKS5 UDP client, each as [tenths of a second since the one before u8][length
// u16be][datagram].
#include <array>
#include <cstdlib>

#include "ss/protocol/packet.hpp"
#include "ss/protocol/socks5_udp.hpp"

namespace {

using namespace ss::protocol;
using namespace ss::protocol::socks5;

void require(bool condition) {
  if (!condition) std::abort();
}

bool same(ss::ConstBytes a, ss::ConstBytes b) {
  return ss::text_of(a) == ss::text_of(b);
}

/// What a parsed datagram promises.
void check(const UdpDatagram& datagram, ss::ConstBytes bytes) {
  require(kUdpPrefix + datagram.address.size() + datagram.payload.size() == bytes.size());
  require(datagram.address.data() == bytes.data() + kUdpPrefix && datagram.target.port() != 0);
  ss::ByteVector header(kMaxUdpHeader);
  header.resize(put_udp_header(datagram.target, header));
  const auto round = parse_udp(header);
  require(round && round->fragment == 0 && round->target == datagram.target && round->payload.empty());
  require(same(round->address, ss::ConstBytes(header).subspan(kUdpPrefix)));
}

/// The fragments since the last position 1, by position: what a delivery must consist of.
struct Seen {
  void add(const UdpDatagram& datagram) {
    const std::size_t position = datagram.fragment & 0x7F;
    if (position == 1) pieces = {};
    pieces[position].assign(datagram.payload.begin(), datagram.payload.end());
  }
  [[nodiscard]] ss::ByteVector joined(std::size_t last) const {
    ss::ByteVector all;
    for (std::size_t i = 1; i <= last; ++i) all.insert(all.end(), pieces[i].begin(), pieces[i].end());
    return all;
  }

  std::array<ss::ByteVector, 128> pieces;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ss::ByteReader input(ss::ConstBytes(data, size));
  FragmentQueue queue;
  Seen seen;
  ss::MonoTime now{};
  std::uint64_t taken = 0;
  std::uint64_t delivered = 0;
  while (!input.rest().empty()) {
    now += std::chrono::milliseconds(100) * input.u8();
    const ss::ConstBytes bytes = input.take(input.u16be());
    if (!input.ok()) break;
    const auto datagram = parse_udp(bytes);
    if (!datagram) continue;
    check(*datagram, bytes);
    if (datagram->fragment == 0) {
      queue.abandon();
      require(queue.empty());
      continue;
    }
    seen.add(*datagram);
    ++taken;
    const auto whole = queue.take(*datagram, now);
    if (whole) {
      const std::size_t last = datagram->fragment & 0x7F;
      require((datagram->fragment & 0x80) != 0 && whole->size() <= kMaxDatagram);
      require(same(*whole, seen.joined(last)) && queue.empty());
      delivered += last;
    }
    require(queue.empty() || (queue.expires_at() > now && queue.expires_at() <= now + FragmentQueue::kTimer));
    require(delivered + queue.dropped() <= taken);
  }
  queue.expire(now + FragmentQueue::kTimer);
  require(queue.empty() && delivered + queue.dropped() == taken);
  return 0;
}
