#pragma once

#include <optional>

#include "served.hpp"
#include "ss/protocol/pair/frame.hpp"

namespace ss::server {

using protocol::socks5::Reply;

/// Where the clients reach the server.
inline const Endpoint kOwn{IpAddress(IpAddress::V4{203, 0, 113, 9}), 8388};
/// The server's end of the first connection that it makes.
inline const Endpoint kBound{IpAddress(IpAddress::V4{203, 0, 113, 9}), 40'000};

/// Sessions of marked clients, and what they hear.
class Marked : public Served {
 protected:
  using Served::Served;

  /// A client with a marked request on its way.
  struct Client {
    Client(Marked& test, const TargetAddress& to, ConstBytes payload)
        : peer(test.network, kOwn),
          stream(test.request(to, payload, 0s, true)),
          opening(stream.handshake.take_decoder()) {
      test.serve_to(peer);
      peer.say(stream.flight);
    }
    Peer peer;
    Stream stream;
    protocol::testing::Opening opening;
    std::optional<protocol::Encoder> encoder;
    std::size_t fed = 0;
    std::size_t parsed = 0;
  };

  /// Seals what the client says behind its request.
  ByteVector sealed(Client& client, ConstBytes payload) {
    if (!client.encoder) client.encoder.emplace(client.stream.handshake.take_encoder());
    return *protocol::testing::seal_all(*client.encoder, payload, 16'000);
  }

  static TargetAddress target_of(const Endpoint& at) { return {at.address, at.port}; }
  /// Opens what the client has heard since the last look, and takes the frame off that comes next.
  std::optional<protocol::pair::Frame> next_frame(Client& client) {
    open(client);
    EXPECT_TRUE(client.opening.payload.empty() || client.opening.decoder().is_marked());
    const auto frame = protocol::pair::parse_frame(ConstBytes(client.opening.payload).subspan(client.parsed));
    if (!frame.ready()) return std::nullopt;
    client.parsed += frame.value().length;
    return frame.value().frame;
  }
  /// What came behind the frames.
  ByteVector raw(Client& client) {
    open(client);
    const auto begin = client.opening.payload.begin() + static_cast<std::ptrdiff_t>(client.parsed);
    return {begin, client.opening.payload.end()};
  }
  void expect_frame(Client& client, Reply reply, bool dialling = false, const Endpoint& bound = {}) {
    const std::optional<protocol::pair::Frame> frame = next_frame(client);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->reply, reply);
    EXPECT_EQ(frame->dialling, dialling);
    EXPECT_EQ(frame->bound.to_string(), bound.to_string());
  }
  /// Then FIN, and nothing else.
  void expect_refused(Client& client, Reply reply) {
    expect_frame(client, reply);
    EXPECT_TRUE(raw(client).empty());
    EXPECT_TRUE(client.peer.heard_end());
    client.peer.finish();
    pass(kLate);
    EXPECT_EQ(sessions.size(), 0U);
  }

 private:
  void open(Client& client) {
    const ConstBytes heard = ConstBytes(client.peer.hear()).subspan(client.fed);
    client.fed += heard.size();
    constexpr std::size_t kPiece = 32'000;
    for (std::size_t at = 0; at < heard.size(); at += kPiece) {
      EXPECT_TRUE(client.opening.feed(heard.subspan(at, std::min(kPiece, heard.size() - at)), env.clock.unix_now()));
    }
  }
};

}  // namespace ss::server
