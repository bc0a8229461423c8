#pragma once

// What waits on the sockets of a worker: an epoll of its own, or where there is none Asio's reactor.
#if !defined(SS_PORTABLE) && defined(__linux__)
#define SS_EPOLL 1
#include "epoll_poll.hpp"
namespace ss::net {
using SocketPoll = EpollPoll;
}
#else
#include "asio_poll.hpp"
namespace ss::net {
using SocketPoll = AsioPoll;
}
#endif
