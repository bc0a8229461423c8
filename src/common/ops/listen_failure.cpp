#include "ss/ops/listen_failure.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <unordered_set>

#include "ss/ops/errno_text.hpp"
#include "ss/telemetry/log_line.hpp"

namespace ss::ops {

namespace {

namespace fs = std::filesystem;

// The inodes of the sockets that listen on `port`, by proc(5): columns local_address (hex, port last), st (0A =
// listening), inode.
void find_listeners(const char* table, std::uint16_t port, std::unordered_set<std::string>& inodes) {
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream columns(line);
    std::string slot, local, remote, state, queues, timer, retransmits, user, timeout, inode;
    columns >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
    const std::size_t colon = local.rfind(':');
    if (state != "0A" || colon == std::string::npos) continue;
    unsigned found = 0;
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), found, 16);
    if (found == port) inodes.insert(fmt::format("socket:[{}]", inode));
  }
}

bool holds_one_of(const fs::path& process, const std::unordered_set<std::string>& inodes) {
  std::error_code error;
  for (fs::directory_iterator fd(process / "fd", error), end; !error && fd != end; fd.increment(error)) {
    std::error_code unreadable;
    if (inodes.contains(fs::read_symlink(fd->path(), unreadable).string())) return true;
  }
  return false;
}

std::string likely_cause(const Endpoint& endpoint, int error) {
  switch (error) {
    case EADDRINUSE: {
      const std::string holder = port_holder(endpoint.port);
      return holder.empty() ? "another process has the port; `ss -ltnp` names it" : holder + " has the port";
    }
    case EACCES:
    case EPERM:
      return endpoint.port < 1024 ? "ports below 1024 need root or the capability CAP_NET_BIND_SERVICE"
                                  : "a security rule of this system forbids it";
    case EADDRNOTAVAIL:
      return "no network interface of this machine has that address";
    case EAFNOSUPPORT:
      return endpoint.address.is_v6() ? "IPv6 is switched off here" : "IPv4 is switched off here";
    case EMFILE:
    case ENFILE:
      return "the limit of open files is reached; raise `nofile`";
    default:
      return "";
  }
}

}  // namespace

std::string port_holder(std::uint16_t port) {
  std::unordered_set<std::string> inodes;
  find_listeners("/proc/net/tcp", port, inodes);
  find_listeners("/proc/net/tcp6", port, inodes);
  if (inodes.empty()) return {};
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end; process.increment(error)) {
    const std::string pid = process->path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos || !holds_one_of(process->path(), inodes)) continue;
    std::string name;
    std::getline(std::ifstream(process->path() / "comm") >> std::ws, name);
    return fmt::format("{} (pid {})", telemetry::escape_line(name), pid);
  }
  return {};
}

std::string describe_listen_failure(const Endpoint& endpoint, int error) {
  const std::string cause = likely_cause(endpoint, error);
  return fmt::format("cannot listen on {}: {}{}{}", endpoint.to_string(), errno_text(error), cause.empty() ? "" : ": ",
                     cause);
}

}  // namespace ss::ops
