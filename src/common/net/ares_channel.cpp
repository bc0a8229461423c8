#include "ares_channel.hpp"

#include <arpa/nameser.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace ss::net {

namespace {

/// More addresses than anybody tries; what an answer holds beyond them is left out.
constexpr int kMaxRecords = 64;
/// Rounds over all name servers. c-ares doubles the time from round to round, so two rounds take three times the first
/// one's.
constexpr int kRounds = 2;
constexpr int kRoundLengths = 1 + 2;

ResolveStatus status_of(int ares_status) {
  switch (ares_status) {
    case ARES_SUCCESS:
      return ResolveStatus::found;
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
    case ARES_EBADNAME:
      return ResolveStatus::not_found;
    case ARES_ETIMEOUT:
      return ResolveStatus::timed_out;
    default:
      return ResolveStatus::failed;
  }
}

IpAddress address_of(const ares_addrttl& record) {
  IpAddress::V4 bytes;
  std::memcpy(bytes.data(), &record.ipaddr, bytes.size());
  return IpAddress(bytes);
}

IpAddress address_of(const ares_addr6ttl& record) {
  IpAddress::V6 bytes;
  std::memcpy(bytes.data(), &record.ip6addr, bytes.size());
  return IpAddress(bytes);
}

struct Records {
  ResolveAnswer answer;
  Duration ttl{0};
};

template <class Record, class Parse>
Records records_of(Parse parse, const unsigned char* message, int length) {
  std::array<Record, kMaxRecords> records;
  int count = kMaxRecords;
  const int status = parse(message, length, nullptr, records.data(), &count);
  Records out;
  out.answer.status = status_of(status);
  if (status != ARES_SUCCESS) return out;
  int ttl = count > 0 ? records[0].ttl : 0;
  for (int i = 0; i < count; ++i) {
    const Record& record = records[static_cast<std::size_t>(i)];
    out.answer.addresses.push_back(address_of(record));
    ttl = std::min(ttl, record.ttl);
  }
  if (count <= 0) out.answer.status = ResolveStatus::not_found;
  out.ttl = std::chrono::seconds(std::max(ttl, 0));
  return out;
}

/// c-ares wants the name servers as a list; this one points into the vector that holds it.
std::vector<ares_addr_port_node> nodes_of(const std::vector<Endpoint>& nameservers) {
  std::vector<ares_addr_port_node> nodes(nameservers.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const IpAddress& address = nameservers[i].address;
    nodes[i].next = i + 1 < nodes.size() ? &nodes[i + 1] : nullptr;
    nodes[i].family = address.is_v4() ? AF_INET : AF_INET6;
    std::memcpy(&nodes[i].addr, address.bytes().data(), address.bytes().size());
    nodes[i].udp_port = nodes[i].tcp_port = nameservers[i].port;
  }
  return nodes;
}

/// How many name servers the file names, as c-ares itself reads it. At least 1: without any it asks this machine.
int count_nameservers(std::string& resolv_conf) {
  ares_options options{};
  options.resolvconf_path = resolv_conf.data();
  ares_channel channel = nullptr;
  if (ares_init_options(&channel, &options, ARES_OPT_RESOLVCONF) != ARES_SUCCESS) return 1;
  int count = 0;
  ares_addr_port_node* first = nullptr;
  if (ares_get_servers_ports(channel, &first) == ARES_SUCCESS) {
    for (const ares_addr_port_node* node = first; node != nullptr; node = node->next) ++count;
    ares_free_data(first);
  }
  ares_destroy(channel);
  return std::max(count, 1);
}

}  // namespace

/// One of c-ares' sockets in Asio's reactor. c-ares closes it; we only let go.
struct AresChannel::Socket {
  Socket(asio::io_context& io, AresChannel* of) : descriptor(io), channel(of) {}

  IoDescriptor descriptor;
  AresChannel* channel;  ///< null once c-ares has closed it: a wake-up may already be on its way then
  bool read_wanted = false;
  bool write_wanted = false;
  bool read_waiting = false;
  bool write_waiting = false;
};

struct AresChannel::Question {
  AresChannel& channel;
  Asker& asker;
  Family family;
};

std::unique_ptr<AresChannel> AresChannel::open(asio::io_context& io, Timers& timers,
                                               const std::vector<Endpoint>& nameservers, const std::string& resolv_conf,
                                               Duration deadline) {
  // Its initialisation is not thread-safe, and each worker comes through here.
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  if (library != ARES_SUCCESS) return nullptr;
  std::unique_ptr<AresChannel> channel(new AresChannel(io, timers, deadline / 20));
  if (channel->start(nameservers, resolv_conf, deadline) != ARES_SUCCESS) return nullptr;
  return channel;
}

int AresChannel::start(const std::vector<Endpoint>& nameservers, std::string resolv_conf, Duration deadline) {
  const int servers = nameservers.empty() ? count_nameservers(resolv_conf) : static_cast<int>(nameservers.size());
  const auto time_of_all = std::chrono::duration_cast<std::chrono::milliseconds>(deadline).count();
  ares_options options{};
  options.resolvconf_path = resolv_conf.data();
  options.timeout = std::max(static_cast<int>(time_of_all) / (servers * kRoundLengths), 1);
  options.tries = kRounds;
  options.sock_state_cb = on_socket;
  options.sock_state_cb_data = this;
  const int status = ares_init_options(
      &channel_, &options, ARES_OPT_RESOLVCONF | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  if (status != ARES_SUCCESS) {
    channel_ = nullptr;
    return status;
  }
  if (nameservers.empty()) return ARES_SUCCESS;
  std::vector<ares_addr_port_node> nodes = nodes_of(nameservers);
  return ares_set_servers_ports(channel_, nodes.data());
}

AresChannel::~AresChannel() {
  if (channel_ != nullptr) ares_destroy(channel_);
}

void AresChannel::ask(const std::string& name, Family family, Asker& asker) {
  ++under_way_;
  auto* question = new Question{*this, asker, family};  // on_answer, which always comes, deletes it
  // ares_query takes the name as it is; ares_search would try the domains of resolv.conf with it.
  ares_query(channel_, name.c_str(), ns_c_in, family == Family::v4 ? ns_t_a : ns_t_aaaa, on_answer, question);
  if (under_way_ > 0 && !running()) timers_.start(*this, tick_);
}

void AresChannel::on_answer(void* question, int status, int /*timeouts*/, unsigned char* message, int length) {
  const std::unique_ptr<Question> asked(static_cast<Question*>(question));
  --asked->channel.under_way_;
  Records records;
  records.answer.status = status_of(status);
  if (status == ARES_SUCCESS) {
    records = asked->family == Family::v4 ? records_of<ares_addrttl>(ares_parse_a_reply, message, length)
                                          : records_of<ares_addr6ttl>(ares_parse_aaaa_reply, message, length);
  }
  asked->asker.answered(std::move(records.answer), records.ttl);
}

/// Lets c-ares see which of its tries have taken too long.
void AresChannel::expired() noexcept {
  ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  if (under_way_ > 0) timers_.start(*this, tick_);
}

void AresChannel::on_socket(void* self, ares_socket_t descriptor, int read, int write) {
  static_cast<AresChannel*>(self)->socket_changed(descriptor, read != 0, write != 0);
}

void AresChannel::socket_changed(int descriptor, bool read, bool write) {
  auto found = sockets_.find(descriptor);
  if (!read && !write) {
    if (found == sockets_.end()) return;
    found->second->channel = nullptr;
    found->second->descriptor.release();
    sockets_.erase(found);
    return;
  }
  if (found == sockets_.end()) {
    auto socket = std::make_shared<Socket>(io_, this);
    boost::system::error_code error;
    socket->descriptor.assign(descriptor, error);
    // c-ares cannot be told; the question ends by its deadline.
    if (error) return;
    found = sockets_.emplace(descriptor, std::move(socket)).first;
  }
  found->second->read_wanted = read;
  found->second->write_wanted = write;
  wait(found->second);
}

void AresChannel::wait(const std::shared_ptr<Socket>& socket) {
  if (socket->read_wanted && !socket->read_waiting) {
    socket->read_waiting = true;
    socket->descriptor.async_wait(IoDescriptor::wait_read, [socket](const boost::system::error_code& error) {
      socket->read_waiting = false;
      if (error || socket->channel == nullptr) return;
      ares_process_fd(socket->channel->channel_, socket->descriptor.native_handle(), ARES_SOCKET_BAD);
      if (socket->channel != nullptr) socket->channel->wait(socket);
    });
  }
  if (socket->write_wanted && !socket->write_waiting) {
    socket->write_waiting = true;
    socket->descriptor.async_wait(IoDescriptor::wait_write, [socket](const boost::system::error_code& error) {
      socket->write_waiting = false;
      if (error || socket->channel == nullptr) return;
      ares_process_fd(socket->channel->channel_, ARES_SOCKET_BAD, socket->descriptor.native_handle());
      if (socket->channel != nullptr) socket->channel->wait(socket);
    });
  }
}

}  // namespace ss::net
