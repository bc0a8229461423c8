#pragma once

#include <cstdint>
#include <span>

namespace ss::bench {

/// A non-blocking listener on 127.0.0.1; the program ends with a message if there can be none.
int listen_on(std::uint16_t port);
/// The next connection, non-blocking and without Nagle's delay, or -1.
int accept_from(int listener);
/// Begins a connection to 127.0.0.1, non-blocking; -1 with errno set where the kernel refuses at once.
int connect_to(std::uint16_t port);

/// How one transfer went.
enum class Moved : std::uint8_t { some, nothing_yet, ended };
struct Transfer {
  Moved moved;
  std::size_t bytes = 0;
};
Transfer receive(int fd, std::span<std::uint8_t> into);
Transfer send(int fd, std::span<const std::uint8_t> from);

/// The thread's receive buffer of kStep bytes.
std::span<std::uint8_t> scratch();

}  // namespace ss::bench
