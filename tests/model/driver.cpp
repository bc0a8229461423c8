// What the codecs of the protocol room make of bytes that somebody else has thought up: tests/model/agree_test.py
// starts this program, and compares its answers with those of a model.
//
// Commands come on stdin, answers go to stdout, each as [length u32be][body]. A body is fields one after another:
// numbers as u64be, byte strings as [length u32be][bytes], lists as [count u64be][strings]. The first is the command's
// name; what follows stands at each command below. A command that cannot be read ends the program.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/chunks.hpp"
#include "ss/protocol/client_handshake.hpp"
#include "ss/protocol/client_packets.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/protocol/server_handshake.hpp"
#include "ss/protocol/server_packets.hpp"

namespace {

using namespace ss;
using namespace ss::protocol;

constexpr std::size_t kMostShown = std::size_t{128} * 1024;  // to a decoder at once

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "model_driver: %s\n", what);
  std::exit(1);
}

const char* name_of(Errc error) {
  switch (error) {
    case Errc::auth_failed:
      return "auth_failed";
    case Errc::nonce_spent:
      return "nonce_spent";
    case Errc::chunk_too_long:
      return "chunk_too_long";
    case Errc::zero_chunk:
      return "zero_chunk";
    case Errc::truncated:
      return "truncated";
    case Errc::short_first_read:
      return "short_first_read";
    case Errc::unknown_user:
      return "unknown_user";
    case Errc::bad_header_type:
      return "bad_header_type";
    case Errc::bad_timestamp:
      return "bad_timestamp";
    case Errc::repeated_salt:
      return "repeated_salt";
    case Errc::forgotten_stamp:
      return "forgotten_stamp";
    case Errc::foreign_salt:
      return "foreign_salt";
    case Errc::bad_padding:
      return "bad_padding";
    case Errc::repeated_packet:
      return "repeated_packet";
    case Errc::foreign_session:
      return "foreign_session";
    case Errc::bad_address_type:
      return "bad_address_type";
    case Errc::bad_domain:
      return "bad_domain";
    case Errc::bad_port:
      return "bad_port";
    default:
      return "of another room";
  }
}

class Command {
 public:
  explicit Command(ConstBytes body) : reader_(body) {}

  std::uint64_t number() {
    const std::uint64_t value = reader_.u64be();
    require(reader_.ok(), "a number is missing");
    return value;
  }
  ConstBytes bytes() {
    std::size_t length = reader_.u16be();
    length = length << 16 | reader_.u16be();
    const ConstBytes taken = reader_.take(length);
    require(reader_.ok(), "a string is missing");
    return taken;
  }
  std::string text() { return std::string(text_of(bytes())); }
  std::vector<ConstBytes> list() {
    std::vector<ConstBytes> all;
    for (std::uint64_t left = number(); left > 0; --left) all.push_back(bytes());
    return all;
  }

 private:
  ByteReader reader_;
};

class Answer {
 public:
  Answer& number(std::uint64_t value) {
    std::array<std::uint8_t, 8> out{};
    put_u64be(out.data(), value);
    body_.insert(body_.end(), out.begin(), out.end());
    return *this;
  }
  Answer& bytes(ConstBytes value) {
    std::array<std::uint8_t, 4> out{};
    put_u32be(out.data(), static_cast<std::uint32_t>(value.size()));
    body_.insert(body_.end(), out.begin(), out.end());
    body_.insert(body_.end(), value.begin(), value.end());
    return *this;
  }
  Answer& text(std::string_view value) { return bytes(bytes_of(value)); }
  Answer& address(const TargetAddress& value) {
    ByteVector out(address_length(value));
    put_address(value, out);
    return bytes(out);
  }
  [[nodiscard]] const ByteVector& body() const { return body_; }

 private:
  ByteVector body_;
};

/// The same bytes for the same seed.
class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : state_(seed) {}
  void fill(Bytes out) override {
    for (std::uint8_t& byte : out) {  // splitmix64, of each number the top byte
      std::uint64_t mixed = state_ += 0x9E3779B97F4A7C15U;
      mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9U;
      mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBU;
      byte = static_cast<std::uint8_t>(mixed >> 56);
    }
  }

 private:
  std::uint64_t state_;
};

class SaltsSeen final : public SaltFilter {
 public:
  SaltVerdict insert(ConstBytes salt, UnixSeconds /*stamp*/, MonoTime /*now*/) override {
    const bool fresh = salts_.emplace(text_of(salt)).second;
    return fresh ? SaltVerdict::fresh : SaltVerdict::repeated;
  }
  [[nodiscard]] std::size_t size() const { return salts_.size(); }

 private:
  std::set<std::string> salts_;
};

const cipher::Method& method_of(const std::string& name) {
  for (const cipher::Method& method : cipher::methods()) {
    if (name == method.name) return method;
  }
  require(false, "there is no such method");
  std::abort();
}

TargetAddress address_of(ConstBytes bytes) {
  const Parsed<ParsedAddress> parsed = parse_address(bytes);
  require(parsed.ready() && parsed.value().length == bytes.size(), "that is no address");
  return parsed.value().address;
}

/// Reads: method, secret, list of the users' secrets.
ServerCredentials server_credentials(Command& command) {
  const cipher::Method& method = method_of(command.text());
  Result<ServerCredentials> made = ServerCredentials::from_password(method, Secret(command.bytes()));
  require(made.has_value(), "the server's secret is refused");
  for (const ConstBytes user : command.list()) {
    require(made->add_user("u", Secret(user)).has_value(), "a user's secret is refused");
  }
  return std::move(*made);
}

/// Reads: method, secret.
ClientCredentials client_credentials(Command& command) {
  const cipher::Method& method = method_of(command.text());
  Result<ClientCredentials> made = ClientCredentials::from_password(method, Secret(command.bytes()));
  require(made.has_value(), "the client's secret is refused");
  return std::move(*made);
}

/// What a decoder makes of reads, with what it has not taken yet in front of each.
class Opened {
 public:
  void feed(Decoder& decoder, ConstBytes read, UnixSeconds now) {
    while (!read.empty() && error_.empty()) {
      const std::size_t fresh = std::min(read.size(), kMostShown - held_.size());
      held_.insert(held_.end(), read.begin(), read.begin() + static_cast<std::ptrdiff_t>(fresh));
      read = read.subspan(fresh);
      Decoder::Payload out;
      const Result<std::size_t> consumed = decoder.open(held_, now, out);
      for (const ConstBytes span : out.view()) plain_.insert(plain_.end(), span.begin(), span.end());
      if (!consumed) {
        error_ = name_of(consumed.error());
        return;
      }
      held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(*consumed));
    }
  }
  void begin_with(ConstBytes payload) { plain_.assign(payload.begin(), payload.end()); }
  void put(const Decoder& decoder, Answer& answer) const {
    answer.bytes(plain_).text(error_).number(error_.empty() && decoder.may_end(held_.size()) ? 1 : 0);
  }

 private:
  ByteVector held_;
  ByteVector plain_;
  std::string error_;
};

void seal_into(Encoder& encoder, ConstBytes payload, UnixSeconds now, ByteVector& wire) {
  ByteVector area(kMostShown);
  while (!payload.empty()) {
    const Encoder::Layout slots = encoder.layout(area, payload.size(), encoder.max_payload());
    std::size_t filled = 0;
    for (const Bytes slot : slots.spans()) {
      const std::size_t part = std::min(slot.size(), payload.size() - filled);
      std::copy_n(payload.begin() + static_cast<std::ptrdiff_t>(filled), part, slot.begin());
      filled += part;
    }
    const Result<ConstBytes> sealed = encoder.seal(area, slots, filled, now);
    require(sealed.has_value(), "an encoder fails");
    wire.insert(wire.end(), sealed->begin(), sealed->end());
    payload = payload.subspan(filled);
  }
}

/// server-stream: method, secret, users, now, list of salts that have been seen, list of reads, seed, list of payloads
/// to answer with. Says: verdict (ok, more, or an error), salts put in; and behind ok: user, target, plaintext, how a
/// later chunk failed, whether the stream may end there, the response.
void server_stream(Command& command, Answer& answer) {
  const ServerCredentials credentials = server_credentials(command);
  const UnixSeconds now = command.number();
  SaltsSeen salts;
  for (const ConstBytes salt : command.list()) static_cast<void>(salts.insert(salt, now, MonoTime{}));
  const std::size_t before = salts.size();
  cipher::KeyCache keys(2);
  ServerHandshake handshake(credentials, keys, false);
  const std::vector<ConstBytes> reads = command.list();
  for (std::size_t at = 0; at < reads.size(); ++at) {
    const Parsed<Request> outcome = handshake.feed(reads[at], now, MonoTime{}, salts);
    if (outcome.needs_more()) continue;
    answer.text(outcome.failed() ? name_of(outcome.error()) : "ok").number(salts.size() - before);
    if (outcome.failed()) return;
    const Request& request = outcome.value();
    answer.number(request.user).address(request.target);
    Decoder decoder = handshake.take_decoder();
    Opened opened;
    opened.begin_with(request.payload);
    opened.feed(decoder, request.rest, now);
    while (++at < reads.size()) opened.feed(decoder, reads[at], now);
    opened.put(decoder, answer);

    SeededEntropy entropy(command.number());
    Encoder encoder = handshake.take_encoder(entropy, MonoTime{}, salts, false);
    ByteVector response;
    for (const ConstBytes payload : command.list()) seal_into(encoder, payload, now, response);
    answer.bytes(response);
    return;
  }
  answer.text("more").number(salts.size() - before);
}

/// client-stream: method, secret, request salt, now, list of reads. Says: plaintext, error, whether it may end there.
void client_stream(Command& command, Answer& answer) {
  const ClientCredentials credentials = client_credentials(command);
  const ConstBytes request_salt = command.bytes();
  const UnixSeconds now = command.number();
  cipher::KeyCache keys(2);
  Decoder decoder = Decoder::opening(credentials.method(), credentials.key(), keys, request_salt, false);
  Opened opened;
  for (const ConstBytes read : command.list()) opened.feed(decoder, read, now);
  opened.put(decoder, answer);
}

/// request: method, secret, now, seed, target, first payload, list of further payloads. Says: the stream.
void request(Command& command, Answer& answer) {
  const ClientCredentials credentials = client_credentials(command);
  const UnixSeconds now = command.number();
  SeededEntropy entropy(command.number());
  const TargetAddress target = address_of(command.bytes());
  cipher::KeyCache keys(2);
  ClientHandshake handshake(credentials, keys, entropy, false);
  ByteVector wire(ClientHandshake::kMaxFirstFlight);
  wire.resize(handshake.first_flight(target, command.bytes(), now, wire));
  Encoder encoder = handshake.take_encoder();
  for (const ConstBytes payload : command.list()) seal_into(encoder, payload, now, wire);
  answer.bytes(wire);
}

/// The associations of one ss-server.
class Server final : public KnownSessions {
 public:
  Server(ServerCredentials credentials, std::uint64_t seed)
      : credentials_(std::move(credentials)),
        entropy_(seed),
        packets_(credentials_, keys_, entropy_, salts_, stamps_) {}

  ServerPacketSession* find(std::size_t user, std::uint64_t session_id) override {
    const auto found = sessions_.find({user, session_id});
    return found == sessions_.end() ? nullptr : &found->second;
  }

  /// server-open: packet, now, seconds on the steady clock. Says: verdict, and behind ok: user, session ID, packet ID,
  /// target, payload.
  void open(Command& command, Answer& answer) {
    const ConstBytes wire = command.bytes();
    const UnixSeconds now = command.number();
    ByteVector packet(wire.begin(), wire.end());
    const Result<ClientPacket> opened =
        packets_.open(packet, now, MonoTime(std::chrono::seconds(command.number())), *this);
    answer.text(opened ? "ok" : name_of(opened.error()));
    if (!opened) return;
    answer.number(opened->user).number(opened->session_id).number(opened->packet_id);
    answer.address(opened->content.address).bytes(opened->content.payload);
    const auto key = std::pair(opened->user, opened->session_id);
    if (opened->session == nullptr) sessions_.try_emplace(key, packets_, *opened);
  }

  /// server-seal: user, session ID, source, payload, whether padded, now. Says: the packet.
  void seal(Command& command, Answer& answer) {
    const std::size_t user = command.number();
    ServerPacketSession* const session = find(user, command.number());
    require(session != nullptr, "there is no such session");
    const TargetAddress source = address_of(command.bytes());
    const ConstBytes payload = command.bytes();
    const bool padded = command.number() != 0;
    ByteVector packet(payload.size() + max_packet_overhead(credentials_.method(), 0));
    packet.resize(session->seal(packets_, {source.ip(), source.port()}, payload, command.number(), padded, packet));
    answer.bytes(packet);
  }

 private:
  ServerCredentials credentials_;
  cipher::KeyCache keys_{8};
  SeededEntropy entropy_;
  SaltsSeen salts_;
  PacketStamps stamps_;
  ServerPackets packets_;
  std::map<std::pair<std::size_t, std::uint64_t>, ServerPacketSession> sessions_;
};

/// One association of ss-local.
class Client {
 public:
  Client(ClientCredentials credentials, std::uint64_t seed)
      : credentials_(std::move(credentials)),
        entropy_(seed),
        packet_keys_(credentials_, keys_, entropy_, salts_),
        session_(packet_keys_) {}

  /// client-open: packet, now, seconds on the steady clock. Says: verdict, and behind ok: source, payload.
  void open(Command& command, Answer& answer) {
    const ConstBytes wire = command.bytes();
    const UnixSeconds now = command.number();
    ByteVector packet(wire.begin(), wire.end());
    const Result<PacketContent> opened = session_.open(packet, now, MonoTime(std::chrono::seconds(command.number())));
    answer.text(opened ? "ok" : name_of(opened.error()));
    if (opened) answer.address(opened->address).bytes(opened->payload);
  }

  /// client-seal: target, payload, now. Says: the packet.
  void seal(Command& command, Answer& answer) {
    const ConstBytes target = command.bytes();
    const ConstBytes payload = command.bytes();
    ByteVector packet(payload.size() + max_packet_overhead(credentials_.method(), credentials_.identity_keys().size()));
    const std::uint16_t port = address_of(target).port();
    packet.resize(session_.seal(target, payload, port, command.number(), packet));
    answer.bytes(packet);
  }

 private:
  ClientCredentials credentials_;
  cipher::KeyCache keys_{8};
  SeededEntropy entropy_;
  SaltsSeen salts_;
  ClientPacketKeys packet_keys_;
  ClientPacketSession session_;
};

class Driver {
 public:
  void serve(Command command, Answer& answer) {
    const std::string name = command.text();
    if (name == "server-stream") {
      server_stream(command, answer);
    } else if (name == "client-stream") {
      client_stream(command, answer);
    } else if (name == "request") {
      request(command, answer);
    } else if (name == "server") {  // method, secret, users, seed
      ServerCredentials credentials = server_credentials(command);
      server_ = std::make_unique<Server>(std::move(credentials), command.number());
    } else if (name == "client") {  // method, secret, seed
      ClientCredentials credentials = client_credentials(command);
      client_ = std::make_unique<Client>(std::move(credentials), command.number());
    } else if (server_ && name == "server-open") {
      server_->open(command, answer);
    } else if (server_ && name == "server-seal") {
      server_->seal(command, answer);
    } else if (client_ && name == "client-open") {
      client_->open(command, answer);
    } else if (client_ && name == "client-seal") {
      client_->seal(command, answer);
    } else {
      require(false, "there is no such command here");
    }
  }

 private:
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
};

/// @return  whether all of `to` came.
bool receive(Bytes to) {
  return to.empty() || std::fread(to.data(), 1, to.size(), stdin) == to.size();
}

void send(ConstBytes bytes) {
  if (!bytes.empty()) std::fwrite(bytes.data(), 1, bytes.size(), stdout);
}

}  // namespace

int main() {
  Driver driver;
  std::array<std::uint8_t, 4> head{};
  while (receive(head)) {
    ByteVector body((std::size_t{get_u16be(head.data())} << 16) | get_u16be(head.data() + 2));
    require(receive(body), "a command is cut short");
    Answer answer;
    driver.serve(Command(body), answer);
    put_u32be(head.data(), static_cast<std::uint32_t>(answer.body().size()));
    send(head);
    send(answer.body());
    std::fflush(stdout);
  }
  return 0;
}
