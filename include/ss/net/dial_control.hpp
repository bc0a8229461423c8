#pragma once

namespace ss::net {

/// Lets somebody end an operation of another coroutine early. One control serves one operation at a time, and any
/// number in turn.
///
/// Owner: whoever may cancel; lives at least as long as the operation. Threads: the worker's.
class DialControl {
 public:
  /// Completes the operation soon, with `cancelled`; not from inside this call. One that begins later ends at once.
  void cancel() {
    cancelled_ = true;
    if (running_) running_->start_cancel();
  }
  [[nodiscard]] bool cancelled() const { return cancelled_; }

  /// For the operations: what `cancel` calls while they run.
  class Target {
   public:
    virtual void start_cancel() noexcept = 0;

   protected:
    ~Target() = default;
  };
  void set_target(Target* running) { running_ = running; }

 private:
  Target* running_ = nullptr;
  bool cancelled_ = false;
};

}  // namespace ss::net
