#include "ss/ops/help.hpp"

#include <fmt/core.h>

#include "ss/cipher/aead.hpp"
#include "ss/version.hpp"

namespace ss::ops {

namespace {

constexpr std::string_view kRunServer =
    R"(Usage: ss-server -c FILE                       the Shadowsocks server
       ss-server COMMAND [OPTION]...           COMMAND: check, genkey or link
  -c, --config FILE         configuration, JSON; the options below go before it
  -s, --server HOST         listen on HOST; may be repeated
  -p, --server-port PORT    listen on PORT
  -m, --method METHOD       cipher, e.g. 2022-blake3-aes-256-gcm
      --key-file FILE       key or password; or $SS_PASSWORD, or the systemd
                            credential "password", or:
  -k, --password KEY        works, but the process list shows it for a moment
      --key BASE64          raw master key instead of a password
  -b, --local-address ADDR  source address of outgoing connections
  -i, --interface NAME      network interface of outgoing connections
  -d, --dns ADDR[,ADDR]     nameservers
  -t, --timeout SECONDS     half-closed and silent for so long: ended
  -6, --ipv6-first  --fast-open  --no-delay  --reuse-port  --mptcp
  -u, --udp                 TCP and UDP; or -U, --udp-only: UDP alone
      --workers N           threads; without it one per core
  -n, --nofile N            limit of open files
  -f, --pid-file FILE       where the process ID is written
  -v, --verbose             the same as --log-level debug
      --log-level LEVEL     trace, debug, info, warn, error or off
      --log-format FORMAT   text or json
  -h, --help  -V, --version
)";

constexpr std::string_view kRunLocal =
    R"(Usage: ss-local "ss://..."  or  ss-local -c FILE   the SOCKS5 proxy on this side
       ss-local check -c FILE                  look at the configuration only
  -c, --config FILE         configuration, JSON; the options below go before it
      --url LINK            the same as the link alone
  -s, --server HOST         name or address of the server
  -p, --server-port PORT    its port
  -m, --method METHOD       cipher, e.g. 2022-blake3-aes-256-gcm
      --key-file FILE       key or password; or $SS_PASSWORD, or the systemd
                            credential "password", or:
  -k, --password KEY        works, but the process list shows it for a moment
      --key BASE64          raw master key instead of a password
  -b, --local-address ADDR  listen on ADDR (127.0.0.1)
  -l, --local-port PORT     listen on PORT (1080)
  -i, --interface NAME  -d, --dns ADDR[,ADDR]  -t, --timeout SECONDS
  -6, --ipv6-first  --fast-open  --no-delay  --reuse-port  --mptcp
  -u, --udp                 TCP and UDP; or -U, --udp-only: UDP alone
      --workers N           threads
  -n, --nofile N            limit of open files
  -f, --pid-file FILE       where the process ID is written
  -v, --verbose             the same as --log-level debug
      --log-level LEVEL     trace, debug, info, warn, error or off
      --log-format FORMAT   text or json
  -h, --help  -V, --version
)";

constexpr std::string_view kCheckServer =
    R"(Usage: ss-server check -c FILE
Reads the configuration as ss-server would, and starts nothing. Prints one line
for each problem: FILE:LINE:COL: key: what is wrong; what to write instead.
Exit code: 0 all is well (there may be warnings), 2 there are errors.
The options of ss-server count here too: ss-server --help lists them.
)";

constexpr std::string_view kCheckLocal =
    R"(Usage: ss-local check -c FILE  or  ss-local check "ss://..."
Reads the configuration as ss-local would, and starts nothing. Prints one line
for each problem: FILE:LINE:COL: key: what is wrong; what to write instead.
Exit code: 0 all is well (there may be warnings), 2 there are errors.
The options of ss-local count here too: ss-local --help lists them.
)";

constexpr std::string_view kGenkey =
    R"(Usage: ss-server genkey [METHOD]
Prints a new key or password of the right form for METHOD. Without METHOD: for
2022-blake3-aes-256-gcm, or 2022-blake3-chacha20-poly1305 where the processor
has no AES instructions.
)";

constexpr std::string_view kLink =
    R"(Usage: ss-server link -c FILE [USER]
Prints the ss:// link of the configuration, for ss-local and other programs;
on a terminal with a QR code of it, for the camera of a phone.
Where the configuration has users: the link of USER, or one line for each.
      --host HOST           name or address by which clients reach the server;
                            needed where `server` names no such address
The link holds the key: who has it can use the server.
)";

}  // namespace

std::string_view help_text(Program program, Command command) {
  const bool server = program == Program::server;
  switch (command) {
    case Command::check:
      return server ? kCheckServer : kCheckLocal;
    case Command::genkey:
      return kGenkey;
    case Command::link:
      return kLink;
    default:
      return server ? kRunServer : kRunLocal;
  }
}

std::string version_text(Program program) {
#if defined(__clang__)
  constexpr std::string_view kCompiler = "clang " __clang_version__;
#else
  constexpr std::string_view kCompiler = "GCC " __VERSION__;
#endif
  return fmt::format("{} {} (commit {}, {})\n{}\n", name_of(program), kVersion, kCommit, kCompiler,
                     cipher::describe_backends());
}

}  // namespace ss::ops
