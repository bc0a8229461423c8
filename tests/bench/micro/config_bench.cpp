// What reading a configuration costs, from its text to the plain struct: of one user and of many.
#include <benchmark/benchmark.h>

#include <string>

#include "ss/base/bytes.hpp"
#include "ss/cipher/base64.hpp"
#include "ss/config/load.hpp"

namespace ss::config {
namespace {

std::string key_of(std::size_t number) {
  ByteVector key(32);
  put_u64be(key.data(), number);
  return cipher::base64(key);
}

std::string server_config(std::size_t users) {
  std::string text = R"({"server": "0.0.0.0", "server_port": 8388, "method": "2022-blake3-aes-256-gcm", "password": ")";
  text += key_of(0) + "\", \"users\": [";
  for (std::size_t i = 1; i <= users; ++i) {
    if (i > 1) text += ", ";
    text += R"({"name": "user)" + std::to_string(i) + R"(", "password": ")" + key_of(i) + "\"}";
  }
  return text + "]}";
}

void load(benchmark::State& state) {
  const std::string text = server_config(static_cast<std::size_t>(state.range(0)));
  Sources sources;
  sources.file = File{"config.json", text};
  for (auto _ : state) {
    if (!load_server(sources).config) state.SkipWithError("not read");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

BENCHMARK(load)->Name("load_server/users")->Arg(1)->Arg(100)->Arg(10'000);

}  // namespace
}  // namespace ss::config

BENCHMARK_MAIN();
