#include "ss/net/ares_resolver.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

#include "ares_channel.hpp"
#include "asio_worker.hpp"
#include "ss/net/dns_cache.hpp"
#include "ss/net/dns_name.hpp"
#include "ss/net/hosts_file.hpp"
#include "watched_file.hpp"

namespace ss::net {

namespace {

std::atomic<unsigned> under_way_everywhere{0};

/// Takes a place among the questions of the whole process, if there is one.
bool take_place(unsigned most) {
  if (under_way_everywhere.fetch_add(1, std::memory_order_relaxed) < most) return true;
  under_way_everywhere.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

IpAddress loopback_of(Family family) {
  return IpAddress::parse(family == Family::v4 ? "127.0.0.1" : "::1").value();
}

ResolveAnswer answer_from(const std::vector<IpAddress>& addresses, Family family) {
  ResolveAnswer answer;
  std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(answer.addresses),
               [&](const IpAddress& address) { return address.is_v4() == (family == Family::v4); });
  answer.status = answer.addresses.empty() ? ResolveStatus::not_found : ResolveStatus::found;
  return answer;
}

/// Names by hosts file, cache and name servers, in this order.
///
/// A question goes through three owners: `open_` shares it among askers until the deadline or the answer; c-ares holds
/// it until its own end; `ended_` until the loop's next turn, in which the askers are told. So no asker runs inside
/// c-ares or `start`.
class AresResolver final : public Resolver {
 public:
  AresResolver(Worker& worker, ResolverOptions options)
      : io_(io_context_of(worker)),
        timers_(worker.timers()),
        refused_(worker.counters().names_refused),
        options_(std::move(options)),
        hosts_file_(options_.hosts),
        resolv_conf_(options_.resolv_conf) {}
  ~AresResolver() override;

  bool start(const std::string& name, Family family, Query& query, ResolveAnswer& answer) override;

 private:
  using Key = std::pair<std::string, Family>;

  struct Question final : Timer, AresChannel::Asker {
    /// @pre  take_place() gave a place, which goes back with the question.
    Question(AresResolver& of, Key asked) : resolver(of), key(std::move(asked)) {}
    ~Question() override { under_way_everywhere.fetch_sub(1, std::memory_order_relaxed); }
    void answered(ResolveAnswer reply, Duration ttl) noexcept override { resolver.end(*this, std::move(reply), ttl); }
    void expired() noexcept override { resolver.give_up(*this); }

    AresResolver& resolver;
    Key key;
    std::vector<Query*> askers;
    ResolveAnswer answer;
    bool starting = true;
    bool ended = false;
  };

  bool answer_at_once(const Key& key, ResolveAnswer& answer);
  void look_at_files();
  void open_channel();
  void end(Question& question, ResolveAnswer answer, Duration ttl);
  void give_up(Question& question);
  void tell_askers();

  asio::io_context& io_;
  Timers& timers_;
  telemetry::Counter& refused_;
  const ResolverOptions options_;
  WatchedFile hosts_file_;
  WatchedFile resolv_conf_;
  MonoTime next_look_ = MonoTime::min();
  HostsFile hosts_;
  DnsCache cache_;
  std::map<Key, Question*> open_;
  std::vector<std::unique_ptr<Question>> ended_;
  std::shared_ptr<AresResolver*> self_ = std::make_shared<AresResolver*>(this);  ///< null after our end
  std::vector<std::unique_ptr<AresChannel>> retired_;  ///< of older settings, until their questions have ended
  std::unique_ptr<AresChannel> channel_;
};

AresResolver::~AresResolver() {
  *self_ = nullptr;
  // Ends every question that c-ares still holds, so that each asker is told.
  channel_.reset();
  retired_.clear();
  tell_askers();
}

bool AresResolver::start(const std::string& name, Family family, Query& query, ResolveAnswer& answer) {
  auto canonical = canonical_dns_name(name);
  if (!canonical) {
    answer = {ResolveStatus::not_found, {}};
    return true;
  }
  look_at_files();
  Key key(*std::move(canonical), family);
  if (answer_at_once(key, answer)) return true;

  if (const auto same = open_.find(key); same != open_.end()) {
    same->second->askers.push_back(&query);
    return false;
  }
  if (!channel_) open_channel();
  if (!channel_) {
    answer = {ResolveStatus::failed, {}};
    return true;
  }
  if (!take_place(options_.max_questions)) {
    refused_.add();
    answer = {ResolveStatus::refused, {}};
    return true;
  }

  auto owner = std::make_unique<Question>(*this, key);
  Question& question = *owner;
  open_.emplace(std::move(key), &question);
  channel_->ask(question.key.first, family, question);
  question.starting = false;
  if (question.ended) {
    answer = std::move(question.answer);
    return true;
  }
  question.askers.push_back(&query);
  timers_.start(question, options_.deadline);
  static_cast<void>(owner.release());  // c-ares' now, until `end`
  return false;
}

bool AresResolver::answer_at_once(const Key& key, ResolveAnswer& answer) {
  if (is_localhost(key.first)) {
    answer = {ResolveStatus::found, {loopback_of(key.second)}};
    return true;
  }
  if (const auto* addresses = hosts_.find(key.first)) {
    // A name of the file is its own in both families: the other one is nothing that a name server should hear of.
    answer = answer_from(*addresses, key.second);
    return true;
  }
  const ResolveAnswer* kept = options_.use_cache ? cache_.find(key.first, key.second, timers_.now()) : nullptr;
  if (kept == nullptr) return false;
  answer = *kept;
  return true;
}

void AresResolver::look_at_files() {
  const MonoTime now = timers_.now();
  if (now < next_look_) return;
  next_look_ = now + options_.look_every;
  if (hosts_file_.changed()) hosts_ = HostsFile(hosts_file_.read());
  if (options_.nameservers.empty() && resolv_conf_.changed()) open_channel();
}

/// Turns to the name servers that are named now. What the former ones said is not believed any longer: another network
/// may have other names.
void AresResolver::open_channel() {
  auto channel = AresChannel::open(io_, timers_, options_.nameservers, options_.resolv_conf, options_.deadline);
  // Where c-ares cannot start, the former name servers are better than none.
  if (!channel) return;
  if (channel_) retired_.push_back(std::move(channel_));
  channel_ = std::move(channel);
  cache_.clear();
}

void AresResolver::end(Question& question, ResolveAnswer answer, Duration ttl) {
  question.stop();
  question.ended = true;
  question.answer = std::move(answer);
  const auto& [name, family] = question.key;
  if (options_.use_cache) cache_.put(name, family, question.answer, ttl, timers_.now());
  if (const auto open = open_.find(question.key); open != open_.end() && open->second == &question) open_.erase(open);
  if (question.starting) return;

  ended_.emplace_back(&question);
  if (ended_.size() > 1 || *self_ == nullptr) return;
  asio::post(io_, [self = self_] {
    if (*self != nullptr) (*self)->tell_askers();
  });
}

/// The deadline has come. c-ares cannot be told to forget one question; it keeps its place until c-ares is done with
/// it.
void AresResolver::give_up(Question& question) {
  open_.erase(question.key);
  for (Query* asker : std::exchange(question.askers, {})) asker->complete({ResolveStatus::timed_out, {}});
}

void AresResolver::tell_askers() {
  for (const auto& question : std::exchange(ended_, {})) {
    for (Query* asker : std::exchange(question->askers, {})) asker->complete(question->answer);
  }
  std::erase_if(retired_, [](const auto& channel) { return channel->idle(); });
}

}  // namespace

std::unique_ptr<Resolver> make_ares_resolver(Worker& worker, const ResolverOptions& options) {
  return std::make_unique<AresResolver>(worker, options);
}

}  // namespace ss::net
