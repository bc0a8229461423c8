#pragma once

#include <algorithm>
#include <cmath>
#include <deque>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "ss/base/clock.hpp"
#include "ss/base/entropy.hpp"
#include "ss/cipher/base64.hpp"
#include "ss/protocol/chunks.hpp"
#include "ss/protocol/client_handshake.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/protocol/server_handshake.hpp"

/// What the tests of streams share.
namespace ss::protocol::testing {

inline constexpr UnixSeconds kNow = 1'700'000'000;

inline ByteVector of_hex(const std::string& hex) {
  ByteVector bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}
inline ByteVector of_hex(const nlohmann::json& value) {
  return of_hex(value.get<std::string>());
}

inline nlohmann::json vectors(const std::string& file) {
  return nlohmann::json::parse(std::ifstream(std::string(SS_VECTORS "/") + file));
}

inline const cipher::Method& method(const std::string& name) {
  return *cipher::find_method(name);
}

inline Secret secret(std::string_view text) {
  return Secret(bytes_of(text));
}
inline Secret psk(ConstBytes key) {
  return secret(cipher::base64(key));
}

/// `size` bytes that count up from `first`.
inline ByteVector pattern(std::size_t size, std::size_t first = 0) {
  ByteVector bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

inline ByteVector joined(ConstBytes a, ConstBytes b) {
  ByteVector bytes(a.begin(), a.end());
  bytes.insert(bytes.end(), b.begin(), b.end());
  return bytes;
}

inline TargetAddress target(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.front() == '[') host = host.substr(1, host.size() - 2);
  return *TargetAddress::make(host, static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1))));
}

/// Hands out what was put in, and pseudo-random bytes once that is used up.
class ScriptedEntropy final : public Entropy {
 public:
  void fill(Bytes out) override {
    for (std::uint8_t& byte : out) {
      byte = static_cast<std::uint8_t>(random_());
      if (script_.empty()) continue;
      byte = script_.front();
      script_.pop_front();
    }
  }
  void then(ConstBytes bytes) { script_.insert(script_.end(), bytes.begin(), bytes.end()); }
  /// Makes the next uniform(low, high) yield `value`.
  void then_uniform(std::uint32_t low, std::uint32_t high, std::uint32_t value) {
    const std::uint64_t width = std::uint64_t{high} - low + 1;
    const std::uint64_t top = ((std::uint64_t{value} - low) * (std::uint64_t{1} << 32) + width - 1) / width;
    const std::uint64_t bits = top << 32;
    then({reinterpret_cast<const std::uint8_t*>(&bits), sizeof bits});
  }
  [[nodiscard]] bool used_up() const { return script_.empty(); }

 private:
  std::deque<std::uint8_t> script_;
  std::mt19937 random_{1};
};

/// A salt filter that is plainly right.
class SaltsSeen final : public SaltFilter {
 public:
  SaltVerdict insert(ConstBytes salt, UnixSeconds /*stamp*/, MonoTime /*now*/) override {
    const bool fresh = salts_.insert(ByteVector(salt.begin(), salt.end())).second;
    return fresh ? SaltVerdict::fresh : SaltVerdict::repeated;
  }
  [[nodiscard]] std::size_t size() const { return salts_.size(); }

 private:
  std::set<ByteVector> salts_;
};

/// Seals all of `payload` as a pump would: batches of at most `budget` bytes, chunks of at most `chunk`.
inline Result<ByteVector> seal_all(Encoder& encoder, ConstBytes payload, std::size_t chunk, std::size_t budget = 65536,
                                   UnixSeconds now = kNow) {
  ByteVector wire;
  ByteVector area(budget + 4096);
  while (!payload.empty()) {
    const Encoder::Layout layout = encoder.layout(area, budget, std::min(chunk, encoder.max_payload()));
    std::size_t taken = 0;
    for (const Bytes slot : layout.spans()) {
      const std::size_t n = std::min(slot.size(), payload.size() - taken);
      std::copy_n(payload.begin() + static_cast<std::ptrdiff_t>(taken), n, slot.begin());
      taken += n;
    }
    const Result<ConstBytes> sealed = encoder.seal(area, layout, taken, now);
    if (!sealed) return sealed.error();
    wire.insert(wire.end(), sealed->begin(), sealed->end());
    payload = payload.subspan(taken);
  }
  return wire;
}

/// A pump's memory in front of a decoder: what was not consumed is shown again.
class Opening {
 public:
  explicit Opening(Decoder decoder) : decoder_(std::move(decoder)) {}

  /// @return false: the decoder refused; see `error`.
  bool feed(ConstBytes fresh, UnixSeconds now = kNow) {
    ByteVector wire = joined(unconsumed_, fresh);
    Decoder::Payload out;
    const Result<std::size_t> consumed = decoder_.open(wire, now, out);
    std::size_t sum = 0;
    for (const ConstBytes span : out.view()) {
      payload.insert(payload.end(), span.begin(), span.end());
      sum += span.size();
      all_filled = all_filled && !span.empty();
    }
    all_filled = all_filled && sum == out.bytes;
    if (!consumed) {
      error = consumed.error();
      return false;
    }
    unconsumed_.assign(wire.begin() + static_cast<std::ptrdiff_t>(*consumed), wire.end());
    return true;
  }

  /// Feeds `wire` in pieces of `step` bytes.
  bool feed_in_steps(ConstBytes wire, std::size_t step) {
    for (; !wire.empty(); wire = wire.subspan(std::min(step, wire.size()))) {
      if (!feed(wire.first(std::min(step, wire.size())))) return false;
    }
    return true;
  }

  [[nodiscard]] bool may_end() const { return decoder_.may_end(unconsumed_.size()); }
  [[nodiscard]] const Decoder& decoder() const { return decoder_; }

  ByteVector payload;
  std::optional<Errc> error;
  bool all_filled = true;

 private:
  Decoder decoder_;
  ByteVector unconsumed_;
};

/// One method with what both sides need to use it.
struct PairConfig {
  std::string name;  ///< of the case, in test names
  std::string method;
  std::string client;  ///< the client's password
  std::string server;  ///< the server's
  std::vector<std::string> users;
  std::size_t user = 0;  ///< which of them the client is
};

inline ClientCredentials client_credentials(const PairConfig& config) {
  return *ClientCredentials::from_password(method(config.method), secret(config.client));
}
inline ServerCredentials server_credentials(const PairConfig& config) {
  ServerCredentials credentials = *ServerCredentials::from_password(method(config.method), secret(config.server));
  for (const std::string& user : config.users) credentials.add_user("user", secret(user)).value();
  return credentials;
}

/// Every method, alone and with users where it can have them.
inline std::vector<PairConfig> pair_configs() {
  std::vector<PairConfig> all;
  for (const cipher::Method& each : cipher::methods()) {
    PairConfig config{std::string(each.name), std::string(each.name), "barfoo!", "barfoo!", {}, 0};
    std::replace(config.name.begin(), config.name.end(), '-', '_');
    const auto key = [&](std::size_t first) {
      return each.is_2022() ? cipher::base64(pattern(each.key_length, first)) : "password " + std::to_string(first);
    };
    if (each.is_2022()) config.client = config.server = key(1);
    all.push_back(config);
    if (each.family == cipher::Family::plain || (each.is_2022() && !each.identity_headers)) continue;
    config.name += "_with_users";
    config.users = {key(2), key(3), key(4)};
    config.user = 1;
    config.client = each.is_2022() ? config.server + ":" + key(3) : key(3);
    all.push_back(config);
  }
  return all;
}

/// A client and a server that share a key cache, a clock and nothing else.
struct Pair {
  /// @param marked  whether the client's salt is
  explicit Pair(const PairConfig& config, bool marked = false)
      : client_keys(client_credentials(config)),
        server_keys(server_credentials(config)),
        client(client_keys, keys, entropy, marked),
        server(server_keys, keys) {}

  /// The client's first flight.
  ByteVector first_flight(const TargetAddress& to, ConstBytes payload, UnixSeconds now = kNow) {
    ByteVector flight(ClientHandshake::kMaxFirstFlight);
    flight.resize(client.first_flight(to, payload, now, flight));
    return flight;
  }
  Parsed<Request> feed(ConstBytes bytes, UnixSeconds now = kNow) { return server.feed(bytes, now, MonoTime{}, salts); }

  cipher::KeyCache keys{8};
  ScriptedEntropy entropy;
  SaltsSeen salts;
  ClientCredentials client_keys;
  ServerCredentials server_keys;
  ClientHandshake client;
  ServerHandshake server;
};

}  // namespace ss::protocol::testing
