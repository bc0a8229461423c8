// What one message costs before any of it is relayed: addresses, handshakes, packets, and the memory of salts.
#include <benchmark/benchmark.h>

#include <array>
#include <iostream>
#include <string>
#include <vector>

#include "ss/base/address.hpp"
#include "ss/cipher/aead.hpp"
#include "ss/cipher/base64.hpp"
#include "ss/cipher/random.hpp"
#include "ss/protocol/address_codec.hpp"
#include "ss/protocol/client_handshake.hpp"
#include "ss/protocol/credentials.hpp"
#include "ss/protocol/replay/exact_salt_pool.hpp"
#include "ss/protocol/replay/recent_salt_set.hpp"
#include "ss/protocol/server_handshake.hpp"
#include "ss/protocol/socks5.hpp"

namespace ss::protocol {
namespace {

constexpr UnixSeconds kNow = 1'700'000'000;
constexpr std::int64_t kFull = 1'000'000;  // salts of the last minute on a busy server, or the most that is remembered

Entropy& entropy() {
  return cipher::kernel_entropy();
}

KeyBytes some_key() {
  KeyBytes key = KeyBytes::of_size(KeyBytes::kMax);
  entropy().fill(key.writable());
  return key;
}

TargetAddress a_name() {
  return *TargetAddress::make("www.example.com", 443);
}

Secret password_for(const cipher::Method& method) {
  if (!method.is_2022()) return Secret(bytes_of("a password for a benchmark"));
  return Secret(bytes_of(cipher::base64(ByteVector(method.key_length, 7))));
}

void put_name(benchmark::State& state) {
  const TargetAddress target = a_name();
  ByteVector out(kMaxAddressLength);
  for (auto _ : state) benchmark::DoNotOptimize(put_address(target, out));
}

void parse_name(benchmark::State& state) {
  ByteVector bytes(kMaxAddressLength);
  bytes.resize(put_address(a_name(), bytes));
  for (auto _ : state) benchmark::DoNotOptimize(parse_address(bytes));
}

void parse_socks5_request(benchmark::State& state) {
  ByteVector bytes(3 + kMaxAddressLength);
  bytes = {5, 1, 0};
  bytes.resize(3 + kMaxAddressLength);
  bytes.resize(3 + put_address(a_name(), Bytes(bytes).subspan(3)));
  for (auto _ : state) benchmark::DoNotOptimize(socks5::parse_request(bytes));
}

/// The first flight of a request by name, with a payload of 300 bytes.
void client_flight(benchmark::State& state, const cipher::Method& method) {
  const ClientCredentials credentials = *ClientCredentials::from_password(method, password_for(method));
  cipher::KeyCache keys;
  const TargetAddress target = a_name();
  const ByteVector payload(300);
  ByteVector flight(ClientHandshake::kMaxFirstFlight);
  for (auto _ : state) {
    ClientHandshake handshake(credentials, keys, entropy(), false);
    benchmark::DoNotOptimize(handshake.first_flight(target, payload, kNow, flight));
  }
}

/// Opens such a flight, every time another one; a filter that forgets lets them come again.
void server_request(benchmark::State& state, const cipher::Method& method) {
  const ClientCredentials client = *ClientCredentials::from_password(method, password_for(method));
  const ServerCredentials server = *ServerCredentials::from_password(method, password_for(method));
  cipher::KeyCache keys;
  const ByteVector payload(300);
  std::vector<ByteVector> flights(64, ByteVector(ClientHandshake::kMaxFirstFlight));
  for (ByteVector& flight : flights) {
    ClientHandshake handshake(client, keys, entropy(), false);
    flight.resize(handshake.first_flight(a_name(), payload, kNow, flight));
  }
  RecentSaltSet salts(some_key(), 1);
  std::size_t turn = 0;
  for (auto _ : state) {
    ServerHandshake handshake(server, keys, false);
    if (!handshake.feed(flights[turn++ % flights.size()], kNow, {}, salts).ready()) state.SkipWithError("not opened");
  }
}

/// A salt is drawn and put in, where as many as the argument says are remembered.
template <class Filter>
void insert_salt(benchmark::State& state) {
  Filter salts(some_key());
  std::array<std::uint8_t, 32> salt{};
  const auto fresh = [&salt] { entropy().fill(salt); };
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    fresh();
    benchmark::DoNotOptimize(salts.insert(salt, 1, {}));
  }
  for (auto _ : state) {
    fresh();
    if (salts.insert(salt, 1, {}) != SaltVerdict::fresh) state.SkipWithError("taken for a known one");
  }
}

void add_all() {
  benchmark::RegisterBenchmark("put_address/name", put_name);
  benchmark::RegisterBenchmark("parse_address/name", parse_name);
  benchmark::RegisterBenchmark("socks5/parse_request", parse_socks5_request);
  for (const char* name : {"aes-256-gcm", "chacha20-ietf-poly1305", "2022-blake3-aes-256-gcm"}) {
    const cipher::Method& method = *cipher::find_method(name);
    benchmark::RegisterBenchmark((std::string(name) + "/client_flight").c_str(), client_flight, method);
    benchmark::RegisterBenchmark((std::string(name) + "/server_request").c_str(), server_request, method);
  }
  benchmark::RegisterBenchmark("insert_salt/recent", insert_salt<RecentSaltSet>)->Arg(0)->Arg(kFull);
  benchmark::RegisterBenchmark("insert_salt/exact", insert_salt<ExactSaltPool>)->Arg(0)->Arg(kFull);
}

}  // namespace
}  // namespace ss::protocol

int main(int argc, char** argv) {
  std::cerr << ss::cipher::describe_backends() << '\n';
  ss::protocol::add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
