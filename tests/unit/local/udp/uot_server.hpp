#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ss/protocol/server_handshake.hpp"
#include "ss/protocol/uot.hpp"
#include "unit/local/udp/associated.hpp"
#include "unit/protocol/stream_support.hpp"

namespace ss::local {

/// A frame of UDP over TCP.
inline ByteVector uot_frame(const TargetAddress& address, std::string_view text) {
  ByteVector out(protocol::uot::kMaxFrameHeader);
  out.resize(protocol::uot::put_frame_header(address, text.size(), out));
  return protocol::testing::joined(out, bytes_of(text));
}
/// What stands in front of the first frame: isConnect 0, and a hint that names nobody.
inline ByteVector uot_request() {
  return protocol::testing::of_hex(std::string("0001000000000000"));
}

/// ss-server, as far as one connection of UDP over TCP sees it.
class UotServer {
 public:
  /// Takes the next connection to kSsServer.
  UotServer(relay::test::Fixture& of, const protocol::testing::PairConfig& config, cipher::KeyCache& keys)
      : of_(of),
        keys_(keys),
        credentials_(protocol::testing::server_credentials(config)),
        peer_(of.listener(kSsServer)) {}
  ~UotServer() { peer_->go(); }
  UotServer(const UotServer&) = delete;
  UotServer& operator=(const UotServer&) = delete;

  [[nodiscard]] relay::test::Peer& peer() { return *peer_; }
  /// Takes the connection's first flight. @return its payload; nothing where it is none.
  ByteVector first_flight() {
    handshake_.emplace(credentials_, keys_);
    flight_ = peer_->hear();
    const protocol::Parsed<protocol::Request> request =
        handshake_->feed(flight_, of_.env.clock.unix_now(), of_.world.now(), salts_);
    if (!request.ready()) return {};
    EXPECT_EQ(request.value().target, protocol::uot::magic_target(protocol::uot::Version::v2));
    encoder_.emplace(handshake_->take_encoder(of_.world, of_.world.now(), salts_, false));
    return {request.value().payload.begin(), request.value().payload.end()};
  }
  /// What follows the first flight, opened.
  ByteVector more() {
    if (!up_) up_.emplace(handshake_->take_decoder());
    const ByteVector& all = peer_->hear();
    if (opened_ < flight_.size()) opened_ = flight_.size();
    EXPECT_TRUE(up_->feed(ConstBytes(all).subspan(opened_), of_.env.clock.unix_now()));
    opened_ = all.size();
    return std::exchange(up_->payload, {});
  }
  void answer(ConstBytes bytes, std::size_t chunk = 0x3FFF) {
    peer_->say(*protocol::testing::seal_all(*encoder_, bytes, chunk, 65'536, of_.env.clock.unix_now()));
    of_.pass(std::chrono::milliseconds(100));
  }

 private:
  relay::test::Fixture& of_;
  cipher::KeyCache& keys_;
  protocol::ServerCredentials credentials_;
  protocol::testing::SaltsSeen salts_;
  std::unique_ptr<relay::test::Peer> peer_;
  std::optional<protocol::ServerHandshake> handshake_;
  std::optional<protocol::Encoder> encoder_;
  std::optional<protocol::testing::Opening> up_;
  ByteVector flight_;
  std::size_t opened_ = 0;
};

}  // namespace ss::local
