#include "ss/relay/send_batch.hpp"

namespace ss::relay {

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
    const net::SendResult done = socket_->try_send(turn_.outgoing().first(count_));
    passed_.add(done.sent);
    counters_.packets_dropped.add(count_ - done.sent);
    counters_.packets_too_long.add(done.too_long);
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
