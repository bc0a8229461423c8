// What a record, a new key and a subkey cost on each back end: the figures of
// docs/decisions/0003-two-aead-back-ends.md.
#include <benchmark/benchmark.h>

#include <iostream>
#include <string>

#include "ss/cipher/aead.hpp"
#include "ss/cipher/aes_block.hpp"
#include "ss/cipher/blake3.hpp"
#include "ss/cipher/kdf.hpp"
#include "ss/cipher/random.hpp"
#include "ss/cipher/siphash.hpp"

namespace ss::cipher {
namespace {

struct Named {
  const char* name;
  Algorithm algorithm;
  std::size_t key_length;
  std::size_t nonce_length;
};

constexpr Named kAlgorithms[] = {
    {"aes-128-gcm", Algorithm::aes_128_gcm, 16, 12},
    {"aes-192-gcm", Algorithm::aes_192_gcm, 24, 12},
    {"aes-256-gcm", Algorithm::aes_256_gcm, 32, 12},
    {"chacha20-poly1305", Algorithm::chacha20_poly1305, 32, 12},
    {"xchacha20-poly1305", Algorithm::xchacha20_poly1305, 32, 24},
};
// A length chunk; a message; a datagram; the largest chunk of SIP004; of SIP022.
constexpr std::int64_t kSizes[] = {2, 64, 1200, 16383, 65535};

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void seal(benchmark::State& state, Backend backend, const Named& a) {
  use_backend(backend);
  KeyCache cache;
  AeadKey key(cache, a.algorithm, KeyBytes::of_size(a.key_length));
  Nonce nonce(a.nonce_length);
  ByteVector text(static_cast<std::size_t>(state.range(0)));
  ByteVector tag(kTagLength);
  for (auto _ : state) {
    key.seal(nonce.value(), text, tag);
    nonce.advance();
  }
  count_bytes(state);
}

/// In two places, so that every round opens the same sealed bytes.
void open(benchmark::State& state, Backend backend, const Named& a) {
  use_backend(backend);
  KeyCache cache;
  AeadKey key(cache, a.algorithm, KeyBytes::of_size(a.key_length));
  const Nonce nonce(a.nonce_length);
  ByteVector text(static_cast<std::size_t>(state.range(0)));
  ByteVector out(text.size());
  ByteVector tag(kTagLength);
  key.seal(nonce.value(), text, tag);
  for (auto _ : state) {
    if (!key.open_into(nonce.value(), text, tag, out)) state.SkipWithError("a tag did not verify");
  }
  count_bytes(state);
}

/// A key that comes, seals a length chunk and goes: one direction of one connection.
void new_key(benchmark::State& state, Backend backend, const Named& a) {
  use_backend(backend);
  KeyCache cache;
  const KeyBytes raw = KeyBytes::of_size(a.key_length);
  const Nonce nonce(a.nonce_length);
  ByteVector text(2);
  ByteVector tag(kTagLength);
  for (auto _ : state) {
    AeadKey key(cache, a.algorithm, raw);
    key.seal(nonce.value(), text, tag);
  }
}

/// Two keys that take the only slot from each other at every record.
void evicted_key(benchmark::State& state, Backend backend, const Named& a) {
  use_backend(backend);
  KeyCache cache(1);
  const KeyBytes raw = KeyBytes::of_size(a.key_length);
  AeadKey first(cache, a.algorithm, raw);
  AeadKey second(cache, a.algorithm, raw);
  const Nonce nonce(a.nonce_length);
  ByteVector text(2);
  ByteVector tag(kTagLength);
  for (auto _ : state) {
    first.seal(nonce.value(), text, tag);
    std::swap(first, second);
  }
}

void subkey(benchmark::State& state, KeyBytes (*derive)(const KeyBytes&, ConstBytes)) {
  const KeyBytes key = KeyBytes::of_size(32);
  const ByteVector salt(32);
  for (auto _ : state) benchmark::DoNotOptimize(derive(key, salt));
}

void hash_psk(benchmark::State& state) {
  const KeyBytes key = KeyBytes::of_size(32);
  for (auto _ : state) benchmark::DoNotOptimize(psk_hash(key));
}

void blake3_chunk(benchmark::State& state) {
  const ByteVector input(static_cast<std::size_t>(state.range(0)));
  ByteVector out(32);
  for (auto _ : state) benchmark::DoNotOptimize(blake3_hash(input, out));
  count_bytes(state);
}

void siphash_of_a_salt(benchmark::State& state) {
  const ByteVector key(kSipHashKey);
  const ByteVector salt(32);
  for (auto _ : state) benchmark::DoNotOptimize(siphash(key, salt));
}

void aes_block(benchmark::State& state) {
  AesBlock block(KeyBytes::of_size(32));
  ByteVector bytes(16);
  for (auto _ : state) block.encrypt(bytes, bytes);
}

void salt(benchmark::State& state) {
  ByteVector bytes(32);
  for (auto _ : state) kernel_entropy().fill(bytes);
}

void add_aead() {
  for (const Backend backend : {Backend::openssl, Backend::ipsec_mb}) {
    if (!use_backend(backend)) continue;
    for (const Named& a : kAlgorithms) {
      const std::string of = std::string(backend == Backend::openssl ? "openssl/" : "ipsec-mb/") + a.name + "/";
      benchmark::RegisterBenchmark((of + "new_key").c_str(), new_key, backend, a);
      benchmark::RegisterBenchmark((of + "evicted_key").c_str(), evicted_key, backend, a);
      for (const std::int64_t size : kSizes) {
        benchmark::RegisterBenchmark((of + "seal").c_str(), seal, backend, a)->Arg(size);
        benchmark::RegisterBenchmark((of + "open").c_str(), open, backend, a)->Arg(size);
      }
    }
  }
}

void add_others() {
  benchmark::RegisterBenchmark("subkey_2017", subkey, subkey_2017);
  benchmark::RegisterBenchmark("subkey_2022", subkey, subkey_2022);
  benchmark::RegisterBenchmark("psk_hash", hash_psk);
  benchmark::RegisterBenchmark("blake3", blake3_chunk)->Arg(64)->Arg(1024);
  benchmark::RegisterBenchmark("siphash", siphash_of_a_salt);
  benchmark::RegisterBenchmark("aes_block", aes_block);
  benchmark::RegisterBenchmark("salt", salt);
}

}  // namespace
}  // namespace ss::cipher

int main(int argc, char** argv) {
  std::cerr << ss::cipher::describe_backends() << '\n';
  ss::cipher::add_others();
  ss::cipher::add_aead();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
