#pragma once

#include <ares.h>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "asio.hpp"
#include "ss/net/resolver.hpp"
#include "ss/net/timers.hpp"

namespace ss::net {

/// Questions to one set of name servers, on a worker's loop: c-ares makes the messages and owns the sockets, Asio waits
/// on them.
///
/// Owner: the resolver; must not be destroyed from inside `Asker::answered`. Threads: the worker's.
class AresChannel : private Timer {
 public:
  /// Who waits for one answer.
  class Asker {
   public:
    virtual ~Asker() = default;
    /// @param ttl  of the answer's shortest-lived record; 0 where there is none.
    virtual void answered(ResolveAnswer answer, Duration ttl) noexcept = 0;
  };

  /// @param nameservers  empty = those that the file `resolv_conf` names.
  /// @param deadline  by which the last name server has had its last try.
  /// @return null where c-ares cannot start (no memory, no descriptors).
  static std::unique_ptr<AresChannel> open(asio::io_context& io, Timers& timers,
                                           const std::vector<Endpoint>& nameservers, const std::string& resolv_conf,
                                           Duration deadline);
  AresChannel(const AresChannel&) = delete;
  AresChannel& operator=(const AresChannel&) = delete;
  /// Every question still under way is answered `failed`.
  ~AresChannel() override;

  /// Asks for the absolute `name`. `asker` is answered exactly once, maybe before this returns.
  void ask(const std::string& name, Family family, Asker& asker);

  /// Whether nothing is under way.
  [[nodiscard]] bool idle() const { return under_way_ == 0; }

 private:
  struct Socket;
  struct Question;

  AresChannel(asio::io_context& io, Timers& timers, Duration tick) : io_(io), timers_(timers), tick_(tick) {}
  int start(const std::vector<Endpoint>& nameservers, std::string resolv_conf, Duration deadline);
  void expired() noexcept override;
  void socket_changed(int descriptor, bool read, bool write);
  void wait(const std::shared_ptr<Socket>& socket);
  static void on_socket(void* self, ares_socket_t descriptor, int read, int write);
  static void on_answer(void* question, int status, int timeouts, unsigned char* message, int length);

  asio::io_context& io_;
  Timers& timers_;
  Duration tick_;
  std::size_t under_way_ = 0;
  std::map<int, std::shared_ptr<Socket>> sockets_;
  ares_channel channel_ = nullptr;
};

}  // namespace ss::net
