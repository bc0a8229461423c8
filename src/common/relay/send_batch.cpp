#include "ss/relay/send_batch.hpp"

#include <algorithm>

#include "ss/relay/too_long.hpp"

namespace ss::relay {
namespace {

std::size_t longest(std::span<const net::Outgoing> batch) {
  std::size_t most = 0;
  for (const net::Outgoing& datagram : batch) most = std::max(most, datagram.bytes.size());
  return most;
}

}  // namespace

Bytes SendBatch::room(net::Datagram& socket, std::size_t length) {
  SS_ASSERT(length <= DatagramScratch::kWriteArea);
  turn_to(socket);
  if (DatagramScratch::kWriteArea - written_ < length) flush();
  return turn_.write_area().subspan(written_, length);
}

void SendBatch::add(net::Datagram& socket, const net::Outgoing& datagram) {
  turn_to(socket);
  turn_.outgoing()[count_++] = datagram;
  const Bytes area = turn_.write_area();
  // What was written into `room` stays where it is; the next one follows it.
  if (datagram.bytes.data() == area.data() + written_) written_ += datagram.bytes.size();
  if (count_ == turn_.outgoing().size()) flush();
}

void SendBatch::flush() {
  if (count_ > 0) {
    const std::span<const net::Outgoing> batch = turn_.outgoing().first(count_);
    const net::SendResult done = socket_->try_send(batch);
    passed_.add(done.sent);
    env_.counters.packets_dropped.add(count_ - done.sent);
    if (done.too_long > 0) note_too_long(env_, done.too_long, longest(batch), done.fits);
  }
  count_ = 0;
  written_ = 0;
}

void SendBatch::turn_to(net::Datagram& socket) {
  if (socket_ == &socket) return;
  flush();
  socket_ = &socket;
}

}  // namespace ss::relay
