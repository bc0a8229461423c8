#include "sim/udp_application.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/pair_parts.hpp"
#include "ss/protocol/address_codec.hpp"

namespace ss::sim {

using namespace std::chrono_literals;
using net::IoStatus;

namespace {

/// ss-server listens in silence to a stream that it cannot open for as long; what rides on it is lost meanwhile.
constexpr Duration kSilence = 5s;
constexpr Duration kSilenceOverTcp = 75s;
/// Until it is known that packets do not get through: what is said then opens the stream that carries the probes.
constexpr Duration kUntilFoundOut = 12s;
/// Until it has been asked again, twice, whether packets get through: a fault may strike the first time. Sessions that
/// are silent for longer than 120 s are ended.
constexpr Duration kUntilRetried = 190s;
/// Longer than the longest delay that a fault makes, and than a pause between two dials.
constexpr Duration kBetweenProbes = 4s;
/// After the first, ss-local may find out that packets do not get through, which takes 6 s.
constexpr int kProbes = 3;

/// Between datagrams that do not come at once. A fragment does not tell which datagram it belongs to, so one that the
/// network holds back must not come among those of the next.
constexpr Duration kPace = Path::kHold + 5ms;

constexpr std::size_t kAnswers = 2 + 10;  // to the greeting and to the request

ByteVector address_bytes(const TargetAddress& address) {
  ByteVector out(protocol::address_length(address));
  protocol::put_address(address, out);
  return out;
}

TargetAddress target_of(const UdpScenario& scenario) {
  return scenario.by_name ? *TargetAddress::make(kTargetName, kTarget.port)
                          : TargetAddress(kTarget.address, kTarget.port);
}

}  // namespace

std::string answer_to(std::string_view text) {
  std::string answer(text);
  const std::size_t up = answer.find(" up ");
  if (up != std::string::npos) answer.replace(up, 4, " down ");
  return answer;
}

UdpApplication::UdpApplication(Network& network, const UdpScenario& scenario, const Endpoint& at, const Habits& habits)
    : peer(network, at),
      world_(network.world),
      scenario_(scenario),
      head_(std::string(kSentinel) + " up " + habits.letter),
      habits_(habits) {}

net::Task<> UdpApplication::live(std::unique_ptr<net::Stream> control) {
  control_ = control.get();
  ByteVector hello{5, 1, 0, 5, 3, 0};
  const TargetAddress named(IpAddress(), habits_.names_port ? peer.endpoint().port : std::uint16_t{0});
  const ByteVector address = address_bytes(named);
  hello.insert(hello.end(), address.begin(), address.end());
  control->try_write(ConstBytes(hello));
  world_.after(30s, [this] {
    if (!bound_) depart(Departure::shuts);
  });
  std::array<std::uint8_t, 64> room{};
  for (;;) {
    const net::IoResult got = control->try_read(Bytes(room));
    told_.insert(told_.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(got.bytes));
    if (!bound_ && told_.size() >= kAnswers) begin();
    if (got.status == IoStatus::blocked) co_await net::ready(*control, net::Side::read);
    if (got.status == IoStatus::ended || got.status == IoStatus::failed) break;
  }
  control_ = nullptr;
  over_ = true;
  over_since_ = world_.now();
}

void UdpApplication::begin() {
  if (told_[1] != 0 || told_[3] != 0) return;
  bound_ = Endpoint{kLocal.address, static_cast<std::uint16_t>(told_[10] << 8 | told_[11])};
  const std::size_t at_once = scenario_.fragments ? 1 : (habits_.datagrams + 1) / 2;
  for (std::size_t i = 0; i < at_once; ++i) say();
  for (std::size_t i = at_once; i < habits_.datagrams; ++i) {
    world_.after(i * kPace, [this] {
      if (!departed_) say();
    });
  }
  if (habits_.leaves) {
    world_.after(at_once * kPace + 1ms, [this] { depart(*habits_.leaves); });
    return;
  }
  Duration silence = scenario_.over_tcp == config::UdpOverTcp::off ? kSilence : kSilenceOverTcp;
  probe_after(silence);
  if (scenario_.over_tcp == config::UdpOverTcp::automatic) {
    world_.after(kUntilFoundOut, [this] {
      if (!departed_) say();
    });
    probe_after(silence = kUntilRetried);
  }
  world_.after(silence + kProbes * kBetweenProbes, [this] {
    stood_ = control_ != nullptr && !departed_;
    depart(Departure::shuts);
  });
}

std::string UdpApplication::say() {
  std::string text = head_ + std::to_string(said_++) + " ";
  text.resize(scenario_.size + said_, '.');
  std::size_t copies = 0;
  if (scenario_.fragments) {
    const std::size_t third = text.size() / 3;
    const std::size_t first = send(std::string_view(text).substr(0, third), 1);
    const std::size_t second = send(std::string_view(text).substr(third, third), 2);
    const std::size_t last = send(std::string_view(text).substr(2 * third), 0x83);
    copies = std::min({first, second, last});
  } else {
    copies = send(text, 0);
  }
  sent[text] += copies;
  return text;
}

std::size_t UdpApplication::send(std::string_view text, std::uint8_t fragment) {
  ByteVector bytes{0, 0, fragment};
  const ByteVector address = address_bytes(target_of(scenario_));
  bytes.insert(bytes.end(), address.begin(), address.end());
  bytes.insert(bytes.end(), text.begin(), text.end());
  return peer.send_as_step(*bound_, bytes);
}

void UdpApplication::probe_after(Duration silence) {
  world_.after(silence, [this] { probes.emplace_back(); });
  for (int i = 0; i < kProbes; ++i) {
    world_.after(silence + i * kBetweenProbes, [this] { probe(); });
  }
}

void UdpApplication::probe() {
  if (!departed_) probes.back().push_back(say());
}

void UdpApplication::depart(Departure how) {
  if (control_ == nullptr || std::exchange(departed_, true)) return;
  if (how == Departure::shuts) {
    control_->shut_write();
  } else {
    control_->reset();
  }
  if (bound_) world_.after(6s, [this] { say_too_late(); });
}

void UdpApplication::say_too_late() {
  send(head_ + "too late", 0);
}

bool UdpApplication::is_mine(std::string_view text) const {
  return text.starts_with(answer_to(head_)) || text.starts_with(head_);
}

}  // namespace ss::sim
