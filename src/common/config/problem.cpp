#include "ss/config/problem.hpp"

#include <algorithm>
#include <cstdio>

namespace ss::config {

std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string out;
  for (const char c : text.substr(0, kLongest)) {
    if (c >= 0x20 && c < 0x7F) {
      out += c;
    } else {
      char escaped[5];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned char>(c));
      out += escaped;
    }
  }
  if (text.size() > kLongest) out += "...";
  return out;
}

void ProblemList::error(const Position& at, std::string_view key, const Complaint& complaint) {
  add(Severity::error, at, key, complaint);
}

void ProblemList::warn(const Position& at, std::string_view key, const Complaint& complaint) {
  add(Severity::warning, at, key, complaint);
}

void ProblemList::add(Severity severity, const Position& at, std::string_view key, const Complaint& complaint) {
  std::string text;
  if (!at.flag.empty()) {
    text = at.flag;
  } else if (!file_.empty()) {
    text = file_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  } else {
    text = "command line";
  }
  text += ": ";
  // A flag says as much as the key that it stands for.
  if (!key.empty() && (at.flag.empty() || at.flag.front() != '-')) text += printable(key) + ": ";
  text += complaint.what;
  if (!complaint.instead.empty()) text += "; " + complaint.instead;
  problems_.push_back({severity, at, std::move(text)});
}

bool ProblemList::has_errors() const {
  return std::any_of(problems_.begin(), problems_.end(),
                     [](const Problem& problem) { return problem.severity == Severity::error; });
}

std::vector<Problem> ProblemList::take() {
  std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
    return a.position.line != b.position.line ? a.position.line < b.position.line
                                              : a.position.column < b.position.column;
  });
  // What several servers have in common is read, and found wrong, once for each.
  const auto same = [](const Problem& a, const Problem& b) { return a.text == b.text; };
  problems_.erase(std::unique(problems_.begin(), problems_.end(), same), problems_.end());
  return std::move(problems_);
}

}  // namespace ss::config
