#include "http/answer.hpp"

#include "unit/relay/fixture.hpp"

namespace ss::local::test {
namespace {

class HttpAnswerWrite : public relay::test::Fixture {
 protected:
  /// The target says `text`, and the client takes `takes` bytes of what comes of it.
  std::size_t write(const std::string& text, std::size_t takes) {
    client.near().next_write_takes = takes;
    const ConstBytes bytes = bytes_of(text);
    return answer.write(*near, {&bytes, 1}, true).bytes;
  }

  relay::test::Peer client{network};
  std::unique_ptr<net::Stream> near = client.take_near();
  HttpAnswer answer;
};

TEST_F(HttpAnswerWrite, HasBegunWithAPartOfAnInterimAnswerButNotWithAWholeOne) {
  const std::string hint = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  answer.begin({false, true, true});
  EXPECT_EQ(write(hint, 10), hint.size() - 1);
  EXPECT_TRUE(answer.begun()) << "a page behind a part of a head would be a part of it";
  EXPECT_EQ(write(hint.substr(hint.size() - 1), 1000), 1U);
  EXPECT_FALSE(answer.begun()) << "behind a whole one it is the answer";
}

}  // namespace
}  // namespace ss::local::test
