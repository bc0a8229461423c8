#pragma once

#include "ss/base/assert.hpp"

namespace ss::server {

struct Association;

/// A place in a ring of associations; at rest it points nowhere. A list of its own beside them would cost 32 bytes and
/// an allocation for each.
///
/// Owner: its association, or as the head its queue. Threads: the worker's.
template <class Which>
class Place {
 public:
  Place() = default;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  template <class>
  friend class AssociationQueue;
  Place* prev_ = nullptr;
  Place* next_ = nullptr;
};

/// Associations in the order in which they were put in. An association stands in at most one queue by each of its
/// places: `Which` says by which.
///
/// Owner: the table; holds no association. Threads: the worker's. Empty when it goes.
template <class Which>
class AssociationQueue {
 public:
  AssociationQueue() { head_.prev_ = head_.next_ = &head_; }
  AssociationQueue(const AssociationQueue&) = delete;
  AssociationQueue& operator=(const AssociationQueue&) = delete;

  [[nodiscard]] bool empty() const { return head_.next_ == &head_; }
  /// @pre  !empty()
  [[nodiscard]] Association& front() const {
    SS_ASSERT(!empty());
    return static_cast<Association&>(*head_.next_);
  }
  /// Puts `one` at the end, out of the queue that it may stand in.
  void push_back(Place<Which>& one) {
    take_out(one);
    one.prev_ = head_.prev_;
    one.next_ = &head_;
    head_.prev_->next_ = &one;
    head_.prev_ = &one;
  }
  /// Takes `one` out of the queue that it stands in, if any.
  static void take_out(Place<Which>& one) {
    if (one.prev_ == nullptr) return;
    one.prev_->next_ = one.next_;
    one.next_->prev_ = one.prev_;
    one.prev_ = one.next_ = nullptr;
  }

 private:
  Place<Which> head_;
};

/// How long ago the last datagram went: each association stands in one of these.
struct ByAge;
/// The same among those of one user that are awake.
struct ByAgeOfUser;

}  // namespace ss::server
