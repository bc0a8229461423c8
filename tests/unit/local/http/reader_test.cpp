#include "http/reader.hpp"

#include "unit/relay/fixture.hpp"

namespace ss::local::test {
namespace {

using namespace std::chrono_literals;
using For = HttpReader::For;

class HttpReaderWait : public relay::test::Fixture {
 protected:
  class Told final : public net::Waiter {
   public:
    void complete(net::WaitOutcome outcome) override { outcomes.push_back(outcome); }
    std::vector<net::WaitOutcome> outcomes;
  };
  void TearDown() override {
    near->cancel();
    reader->cancel();
    pass(1s);
    reader.reset();
    Fixture::TearDown();
  }
  /// @return  what the one who waits has been told.
  std::vector<net::WaitOutcome> told() {
    pass(10ms);
    return std::exchange(waiter.outcomes, {});
  }

  using Outcomes = std::vector<net::WaitOutcome>;
  const Outcomes ready{net::WaitOutcome::ready};
  const Outcomes cancelled{net::WaitOutcome::cancelled};
  const Outcomes nothing{};
  relay::test::Peer client{network};
  std::unique_ptr<net::Stream> near = client.take_near();
  std::optional<HttpReader> reader{std::in_place, env, *near};
  Told waiter;
};

TEST_F(HttpReaderWait, IsReadyAtOnceWhereThereIsSomething) {
  reader->wait(waiter, For::now);
  EXPECT_TRUE(waiter.outcomes.empty()) << "but not from inside the call";
  EXPECT_EQ(told(), ready);
}

TEST_F(HttpReaderWait, IsReadyWhenTheClientSpeaks) {
  reader->wait(waiter, For::client);
  EXPECT_EQ(told(), nothing);
  client.say(bytes_of("GET"));
  EXPECT_EQ(told(), ready);
}

TEST_F(HttpReaderWait, IsReadyWhenItIsWoken) {
  for (const For what : {For::client, For::wake}) {
    reader->wake();
    reader->wait(waiter, what);
    EXPECT_EQ(told(), nothing) << "nobody waited when it was woken";
    reader->wake();
    reader->wake();
    EXPECT_EQ(told(), ready) << "once, and not cancelled";
  }
}

TEST_F(HttpReaderWait, EndsWithACancel) {
  for (const For what : {For::client, For::wake}) {
    reader->wait(waiter, what);
    near->cancel();
    reader->cancel();
    EXPECT_EQ(told(), cancelled);
  }
}

}  // namespace
}  // namespace ss::local::test
