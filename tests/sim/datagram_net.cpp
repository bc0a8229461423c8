#include "sim/datagram_net.hpp"

#include <algorithm>

namespace ss::sim {

namespace {

bool matches(const std::optional<Endpoint>& wanted, const Endpoint& endpoint) {
  if (!wanted) return true;
  return wanted->address == endpoint.address && (wanted->port == 0 || wanted->port == endpoint.port);
}

Path struck(Path way, Fault fault) {
  if (fault == Fault::lost) way.lost = kAlways;
  if (fault == Fault::refused) way.refused = kAlways;
  if (fault == Fault::doubled) way.doubled = kAlways;
  if (fault == Fault::reordered) way.reordered = kAlways;
  return way;
}

}  // namespace

const Path& DatagramNet::path(const Endpoint& from, const Endpoint& to) const {
  const auto found = std::find_if(paths_.rbegin(), paths_.rend(), [&](const auto& entry) {
    return matches(entry.first.from, from) && matches(entry.first.to, to);
  });
  return found == paths_.rend() ? everywhere : found->second;
}

void DatagramNet::post(const Endpoint& from, const Endpoint& to, ConstBytes bytes, Fault fault) {
  const Path way = struck(path(from, to), fault);
  ++tally.posted;
  world.note(bytes.size());
  if (tap) tap(from, to, bytes);
  if (world.chance(way.lost)) {
    ++tally.lost;
    return;
  }
  if (world.chance(way.refused)) {
    ++tally.refused;
    bounce(from, to);
    return;
  }
  ByteVector arriving(bytes.begin(), bytes.end());
  bend(way, arriving);
  const Duration delay = way.latency + world.some_delay();
  if (world.chance(way.doubled)) {
    ++tally.doubled;
    arrive_after(delay + world.some_delay(), from, to, arriving);
  }
  if (world.chance(way.reordered)) {
    ++tally.reordered;
    arrive_after(delay + Path::kHold, from, to, std::move(arriving));
    return;
  }
  MonoTime& latest = latest_[{from, to}];
  latest = std::max(latest, world.now() + delay);
  arrive_after(latest - world.now(), from, to, std::move(arriving));
}

void DatagramNet::bend(const Path& way, ByteVector& bytes) {
  if (!bytes.empty() && world.chance(way.cut)) {
    ++tally.cut;
    bytes.resize(world.below(bytes.size()));
  }
  if (!bytes.empty() && world.chance(way.flipped)) {
    ++tally.flipped;
    const std::size_t bit = world.below(bytes.size() * 8);
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
}

void DatagramNet::arrive_after(Duration delay, const Endpoint& from, const Endpoint& to, ByteVector bytes) {
  world.after(delay, [this, from, to, bytes = std::move(bytes)]() mutable { arrive(from, to, std::move(bytes)); });
}

void DatagramNet::arrive(const Endpoint& from, const Endpoint& to, ByteVector bytes) {
  world.note(to.port);
  DatagramSink* const sink = find(to, from);
  if (sink != nullptr && sink->take(from, to, std::move(bytes))) return;
  ++tally.strayed;
  bounce(from, to);
}

void DatagramNet::bounce(const Endpoint& from, const Endpoint& to) {
  world.after(world.some_delay(), [this, from, to] {
    if (DatagramSink* const sender = find(from, to)) sender->bounced(to);
  });
}

bool DatagramNet::bind(const Endpoint& at, DatagramSink& sink, bool shared) {
  Place& place = places_[at];
  if (!place.sinks.empty() && !(place.shared && shared)) return false;
  place.sinks.push_back(&sink);
  place.shared = shared;
  return true;
}

void DatagramNet::unbind(const Endpoint& at, DatagramSink& sink) {
  const auto found = places_.find(at);
  if (found == places_.end()) return;
  std::erase(found->second.sinks, &sink);
  if (found->second.sinks.empty()) places_.erase(found);
}

std::size_t DatagramNet::spread(const Endpoint& from, std::size_t count) {
  return (from.address.bytes().back() + std::size_t{from.port}) % count;
}

DatagramSink* DatagramNet::find(const Endpoint& at, const Endpoint& from) const {
  const auto found = places_.find(at);
  if (found == places_.end()) return nullptr;
  const std::vector<DatagramSink*>& sinks = found->second.sinks;
  return sinks[spread(from, sinks.size())];
}

}  // namespace ss::sim
