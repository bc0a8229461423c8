#include "udp/auto_carrier.hpp"

#include <utility>

namespace ss::local {

AutoCarrier::AutoCarrier(relay::Environment& env, relay::LiveSession& session, const SessionRules& rules,
                         protocol::ClientPacketKeys& keys, ClientPort& client, std::unique_ptr<net::Datagram> server,
                         CarrierChoice& choice)
    : env_(env),
      session_(session),
      rules_(rules),
      keys_(keys),
      client_(client),
      first_socket_(std::move(server)),
      choice_(choice) {}

net::Task<> AutoCarrier::run() {
  const CarrierChoice::Place place = choice_.join(*this);
  while (!stopping_) {
    std::unique_ptr<net::Datagram> socket = take_socket();
    if (socket) {
      PacketCarrier packets(env_, session_, rules_, keys_, client_, std::move(socket), &choice_);
      packets_ = &packets;
      co_await packets.run();
      packets_ = nullptr;
    } else {
      UotCarrier tcp(env_, rules_, client_);
      tcp_ = &tcp;
      co_await tcp.run();
      tcp_ = nullptr;
    }
  }
  choice_.leave(place);
}

/// @return  null where TCP carries: it is chosen, or no socket can be had, until the choice changes once more.
std::unique_ptr<net::Datagram> AutoCarrier::take_socket() {
  std::unique_ptr<net::Datagram> socket = std::exchange(first_socket_, nullptr);
  if (choice_.over_tcp()) return nullptr;
  int error = 0;
  if (!socket && choice_.answering()) socket = env_.datagrams.open_connected(*choice_.answering(), error);
  return socket;
}

void AutoCarrier::choice_changed() {
  if (packets_ != nullptr && choice_.over_tcp()) packets_->stop();
  if (tcp_ != nullptr && !choice_.over_tcp()) tcp_->stop();
}

void AutoCarrier::stop() {
  stopping_ = true;
  if (packets_ != nullptr) packets_->stop();
  if (tcp_ != nullptr) tcp_->stop();
}

}  // namespace ss::local
