#include "http/reader.hpp"

#include <utility>

namespace ss::local {

using net::WaitOutcome;

void HttpReader::wait(net::Waiter& waiter, For what) {
  SS_ASSERT(waiter_ == nullptr);
  waiter_ = &waiter;
  if (what == For::now) complete_soon(WaitOutcome::ready);
  if (what != For::client) return;
  on_client_ = true;
  client_.wait(net::Side::read, client_ready_);
}

void HttpReader::wake() {
  if (on_client_) {
    woken_ = true;
    client_.cancel();
  } else if (waiter_ != nullptr) {
    complete_soon(WaitOutcome::ready);
  }
}

void HttpReader::cancel() {
  if (waiter_ != nullptr && !on_client_) complete_soon(WaitOutcome::cancelled);
}

void HttpReader::complete_soon(WaitOutcome outcome) {
  if (due_) return;
  due_ = outcome;
  env_.timers.start(soon_, Duration::zero());
}

void HttpReader::complete() {
  const WaitOutcome outcome = *std::exchange(due_, std::nullopt);
  std::exchange(waiter_, nullptr)->complete(outcome);
}

void HttpReader::client_ready(WaitOutcome outcome) {
  on_client_ = false;
  if (std::exchange(woken_, false)) outcome = WaitOutcome::ready;
  std::exchange(waiter_, nullptr)->complete(outcome);
}

}  // namespace ss::local
