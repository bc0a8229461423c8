#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "client.hpp"

namespace ss::bench {

/// How long each of many things took.
class Latencies {
 public:
  Latencies() { taken_.reserve(1 << 20); }

  /// One that began at `since` has ended now.
  void add(Clock::time_point since) {
    taken_.push_back(std::chrono::duration<double, std::micro>(Clock::now() - since).count());
  }
  [[nodiscard]] std::size_t count() const { return taken_.size(); }

  /// `, "p50_us": …, "p99_us": …, "p999_us": …` of a JSON object; 0 each where nothing was added. Sorts.
  [[nodiscard]] std::string figures() {
    std::sort(taken_.begin(), taken_.end());
    char text[96];
    std::snprintf(text, sizeof text, ", \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f", at(0.5), at(0.99),
                  at(0.999));
    return text;
  }

 private:
  [[nodiscard]] double at(double part) const {
    if (taken_.empty()) return 0;
    return taken_[static_cast<std::size_t>(part * static_cast<double>(taken_.size() - 1))];
  }

  std::vector<double> taken_;  // us
};

}  // namespace ss::bench
