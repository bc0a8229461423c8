#pragma once

// What this room uses of Asio, precompiled. Its code is compiled once, in asio.cpp. Nothing in include/ss may include
// this.
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace ss::net {

namespace asio = boost::asio;

/// The executor is known, so that no object and no waiting operation carries a type-erased one.
using IoExecutor = asio::io_context::executor_type;
/// A socket as the reactor sees it: a descriptor to wait on. Reading and writing are our own system calls.
using IoDescriptor = asio::posix::basic_stream_descriptor<IoExecutor>;
using IoTimer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;

}  // namespace ss::net
