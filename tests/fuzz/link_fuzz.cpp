// Input: the text of an ss:// link. What is read must come out the same after it was written and read again.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "ss/config/link.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using ss::config::Link;
  // A copy of exactly this size, so that a read past its end is seen.
  const std::unique_ptr<char[]> text(new char[size]);
  if (size > 0) std::memcpy(text.get(), data, size);

  const auto parsed = ss::config::parse_link({text.get(), size});
  if (const auto* problem = std::get_if<ss::config::LinkProblem>(&parsed)) {
    require(!problem->part.empty() && !problem->what.empty());
    return 0;
  }
  const Link& link = std::get<Link>(parsed);
  require(link.method != nullptr && link.server.port() != 0);
  const std::string written = ss::config::format_link(link);
  require(std::all_of(written.begin(), written.end(), [](char c) { return c > 0x20 && c < 0x7F; }));
  if (written.size() > 16'384) return 0;  // encoding made it longer than a link may be
  const auto again = ss::config::parse_link(written);
  require(std::holds_alternative<Link>(again));
  const Link& other = std::get<Link>(again);
  require(other.method == link.method && other.server == link.server && other.tag == link.tag);
  require(other.plugin == link.plugin && other.plugin_opts == link.plugin_opts);
  require(ss::equal_in_constant_time(other.password.reveal(), link.password.reveal()));
  return 0;
}
