#pragma once

#include <memory>
#include <vector>

#include "asio.hpp"
#include "asio_worker.hpp"
#include "descriptor.hpp"
#include "ss/net/listener.hpp"

namespace ss::net {

/// Accepts on one worker's socket. Kept alive by its own pending wait.
/// Threads: the worker's, but for the constructor.
struct Listeners::AcceptLoop final : std::enable_shared_from_this<AcceptLoop> {
 public:
  AcceptLoop(Worker& worker, Descriptor socket, std::vector<Worker*> workers, const SocketOptions& accepted);

  void start(OnAccept on_accept);
  /// Accepts what is queued, then closes the socket.
  void close();

  Worker& worker() { return worker_; }

 private:
  enum class Batch : std::uint8_t { emptied, full, short_of_descriptors };

  void wait_readable();
  void readable();
  Batch accept_batch();
  void deliver(Descriptor socket);
  Worker& choose_worker();
  void back_off(int error);
  void turn_one_away();
  void note_shortage(int error);

  Worker& worker_;
  IoDescriptor listener_;
  IoTimer pause_;
  Descriptor spare_;
  std::vector<Worker*> workers_;
  SocketOptions accepted_;
  std::shared_ptr<const OnAccept> on_accept_;
  Duration pause_length_{0};
  MonoTime next_line_ = MonoTime::min();
  std::uint64_t errors_since_line_ = 0;
  int last_error_ = 0;
};

}  // namespace ss::net
