#include "ss/net/port_holder.hpp"

#if defined(__linux__) && !defined(SS_PORTABLE)
#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

#include "sockaddr.hpp"
#endif

namespace ss::net {

#if defined(__linux__) && !defined(SS_PORTABLE)
namespace {

/// Reads the hexadecimal address of /proc/net/{tcp,udp}{,6}: 32-bit words in the machine's byte order.
std::optional<IpAddress> parse_address(std::string_view hex) {
  IpAddress::V6 bytes{};
  if (hex.size() != 8 && hex.size() != 32) return std::nullopt;
  for (std::size_t word = 0; word * 8 < hex.size(); ++word) {
    std::uint32_t value = 0;
    const char* const from = hex.data() + word * 8;
    if (std::from_chars(from, from + 8, value, 16).ptr != from + 8) return std::nullopt;
    std::memcpy(bytes.data() + word * 4, &value, 4);
  }
  if (hex.size() == 32) return IpAddress(bytes);
  IpAddress::V4 v4;
  std::copy_n(bytes.begin(), 4, v4.begin());
  return IpAddress(v4);
}

/// Whether a listener at `held` keeps another from `wanted`. `::` is taken for a dual-stack one, which it nearly always
/// is.
bool clashes(const IpAddress& held, const IpAddress& wanted) {
  if (held.unmapped() == wanted.unmapped()) return true;
  if (held.is_v6() && is_unspecified(held)) return true;
  if (wanted.is_v6() && is_unspecified(wanted)) return true;
  return held.is_v4() == wanted.is_v4() && (is_unspecified(held) || is_unspecified(wanted));
}

/// The socket inodes of what holds the place of `endpoint`.
/// @param state_wanted  of the sockets that do; empty: any.
void find_holders(const char* table, std::string_view state_wanted, const Endpoint& endpoint,
                  std::set<std::string>& inodes) {
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
    fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >> inode;
    const std::size_t colon = local.find(':');
    if ((!state_wanted.empty() && state != state_wanted) || colon == std::string::npos) continue;
    unsigned port = 0;
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), port, 16);
    const std::optional<IpAddress> address = parse_address(std::string_view(local).substr(0, colon));
    if (port == endpoint.port && address && clashes(*address, endpoint.address))
      inodes.insert("socket:[" + inode + "]");
  }
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

bool holds_any(const std::string& process, const std::set<std::string>& inodes) {
  const std::string path = process + "/fd";
  const Folder folder(::opendir(path.c_str()));
  if (!folder) return false;
  while (const dirent* entry = ::readdir(folder.get())) {
    std::array<char, 64> link;
    const ssize_t n = ::readlink((path + "/" + entry->d_name).c_str(), link.data(), link.size());
    if (n > 0 && inodes.contains(std::string(link.data(), static_cast<std::size_t>(n)))) return true;
  }
  return false;
}

std::string name_of_process(const std::string& process) {
  std::ifstream file(process + "/comm");
  std::string name;
  std::getline(file, name);
  // A process names itself: nothing of that may reach a terminal as it is.
  std::erase_if(name, [](char c) { return c < 0x20 || c > 0x7e; });
  return name;
}

}  // namespace

std::string describe_port_holder(const Endpoint& endpoint, Transport transport) {
  std::set<std::string> inodes;
  if (transport == Transport::tcp) {
    constexpr std::string_view kListening = "0A";
    find_holders("/proc/net/tcp", kListening, endpoint, inodes);
    find_holders("/proc/net/tcp6", kListening, endpoint, inodes);
  } else {
    find_holders("/proc/net/udp", "", endpoint, inodes);
    find_holders("/proc/net/udp6", "", endpoint, inodes);
  }
  std::string holders;
  const Folder processes(inodes.empty() ? nullptr : ::opendir("/proc"));
  if (!processes) return holders;
  while (const dirent* entry = ::readdir(processes.get())) {
    const std::string pid = entry->d_name;
    if (pid.find_first_not_of("0123456789") != std::string::npos || !holds_any("/proc/" + pid, inodes)) continue;
    if (!holders.empty()) holders += ", ";
    holders += "pid " + pid + " (" + name_of_process("/proc/" + pid) + ")";
  }
  return holders;
}

#else

std::string describe_port_holder(const Endpoint&, Transport) {
  return {};
}

#endif

}  // namespace ss::net
