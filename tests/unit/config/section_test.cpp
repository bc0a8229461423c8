#include "ss/config/section.hpp"

#include <gtest/gtest.h>

namespace ss::config {
namespace {

JsonDocument document(std::string_view text) {
  return std::get<JsonDocument>(JsonDocument::parse(text));
}

/// What `check` says about a top-level object, one problem a line.
std::string complaints(std::string_view text, Programs program = Programs::local) {
  const JsonDocument parsed = document(text);
  ProblemList problems("c");
  report_repeated_keys(parsed.root(), {}, problems);
  Section::check(parsed.root(), Scope::top, program, {}, problems);
  std::string out;
  for (const Problem& problem : problems.take()) out += problem.text + '\n';
  return out;
}

TEST(SectionCheck, NamesNearestKeyForUnknownOne) {
  EXPECT_EQ(complaints(R"({"pasword": "x"})"), "c:1:2: pasword: is not a known key; did you mean `password`?\n");
  EXPECT_EQ(complaints(R"({"zzzzzzzz": 1})"),
            "c:1:2: zzzzzzzz: is not a known key; remove it, or begin its name with _ to keep it as a comment\n");
}

TEST(SectionCheck, PassesOverCommentsNullAndTheOtherProgramsKeys) {
  EXPECT_EQ(complaints(R"({"_a": 1, "remarks": 2, "mode": null, "users": 5, "reject": []})"), "");
  EXPECT_EQ(complaints(R"({"local_port": "x", "locals": 5, "socks5_reply": 1})", Programs::server), "");
}

TEST(SectionCheck, RefusesTwoNamesForOneThing) {
  EXPECT_EQ(complaints(R"({"fwmark": 1, "outbound_fwmark": 2})"),
            "c:1:15: outbound_fwmark: means the same as `fwmark`, which is written too; keep one of them\n");
}

TEST(SectionCheck, SortsKeysIntoTheirClasses) {
  EXPECT_EQ(complaints(R"({"mtu": 1400})"), "c:1:2: mtu: has no effect; datagrams of every size are relayed\n");
  EXPECT_EQ(complaints(R"({"daemon": true})"),
            "c:1:12: daemon: is not supported yet; let systemd run it, or write `&` behind the command\n");
  EXPECT_EQ(complaints(R"({"auth": true})"),
            "c:1:10: auth: is not supported; one-time authentication is broken and gone; remove the key\n");
}

TEST(SectionCheck, TakesValuesThatMeanWhatIsDoneAnyway) {
  EXPECT_EQ(complaints(R"({"mtu": 0,
    "daemon": false, "auth": false, "plugin": "", "acl": "", "protocol": "socks",
    "reuse_port": true, "api": "off", "balancer": {}, "plugin_args": []})"),
            "");
}

TEST(SectionCheck, RefusesValuesThatThisReleaseCannotKeep) {
  for (const std::string_view text :
       {R"({"plugin": "obfs-local"})", R"({"acl": "x.acl"})", R"({"api": {"listen": "127.0.0.1:9000"}})",
        R"({"outbound_proxy": "socks5://127.0.0.1:1"})", R"({"tcp_redir": "tproxy"})",
        R"({"online_config": {"config_url": "https://x"}})"}) {
    EXPECT_NE(complaints(text).find(": is not supported yet; "), std::string::npos) << text;
  }
}

TEST(SectionFind, KnowsValuesByProperName) {
  const JsonDocument parsed = document(R"({"nameserver": "9.9.9.9", "timeout": "x"})");
  ProblemList problems("c");
  const Section section = Section::check(parsed.root(), Scope::top, Programs::local, "servers[0].", problems);
  ASSERT_NE(section.find("dns"), nullptr);
  EXPECT_EQ(section.find("dns")->text, "9.9.9.9");
  EXPECT_EQ(section.path_of("dns"), "servers[0].nameserver");
  EXPECT_EQ(section.path_of("mode"), "servers[0].mode");
  EXPECT_EQ(section.find("timeout"), nullptr);
  EXPECT_TRUE(section.is_refused("timeout"));
  EXPECT_FALSE(section.is_refused("mode"));
}

TEST(ReportRepeatedKeys, FindsThemAtEveryDepth) {
  EXPECT_EQ(complaints("{\"mode\": \"tcp_only\",\n \"log\": {\"a\": [{\"b\": 1, \"b\": 1}]}, \"mode\": \"tcp_only\", "
                       "\"_\": 1, \"_\": 2}"),
            "c:2:2: log: has no effect; use --log-level and --log-format\n"
            "c:2:25: log.a[0].b: is written twice, first at 2:17; remove one of them\n"
            "c:2:36: mode: is written twice, first at 1:2; remove one of them\n");
}

TEST(NumberOf, ReadsNumbersAndTextsOfThem) {
  EXPECT_EQ(number_of(JsonValue::of_text("300", {})), 300);
  EXPECT_EQ(number_of(JsonValue::of_text("0.5", {})), 0.5);
  for (const std::string_view text : {"", " 1", "1 ", "1s", "0x10", "+1", "inf", "nan", "1e3"}) {
    EXPECT_EQ(number_of(JsonValue::of_text(text, {})), std::nullopt) << text;
  }
  EXPECT_EQ(number_of(JsonValue::of_boolean(true, {})), std::nullopt);
}

struct ShapeCase {
  Shape shape;
  std::string_view value;
  std::string_view what;  ///< empty where it fits
};

class Misfit : public testing::TestWithParam<ShapeCase> {};

TEST_P(Misfit, SaysWhatTheValueIs) {
  const auto& [shape, value, what] = GetParam();
  const JsonDocument parsed = document(value);
  const std::optional<Complaint> complaint = misfit(parsed.root(), shape);
  EXPECT_EQ(complaint ? complaint->what : "", what) << value;
  if (complaint) {
    EXPECT_TRUE(complaint->instead.starts_with("write ")) << complaint->instead;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, Misfit,
    testing::Values(
        ShapeCase{{Kind::text}, "\"x\"", ""}, ShapeCase{{Kind::text}, "5", "is a number"},
        ShapeCase{{Kind::text}, "\"a\\nb\"", "holds a control character"}, ShapeCase{{Kind::secret}, "123", ""},
        ShapeCase{{Kind::secret}, "1.5", "is a number"}, ShapeCase{{Kind::secret}, "-1", "is a number"},
        ShapeCase{{Kind::secret}, "[]", "is an array"}, ShapeCase{{Kind::boolean}, "false", ""},
        ShapeCase{{Kind::boolean}, "\"true\"", "is a text"}, ShapeCase{{Kind::boolean}, "1", "is a number"},
        ShapeCase{{Kind::port}, "65535", ""}, ShapeCase{{Kind::port}, "\"1\"", ""},
        ShapeCase{{Kind::port}, "0", "0 is out of range"}, ShapeCase{{Kind::port}, "65536", "65536 is out of range"},
        ShapeCase{{Kind::port}, "-1", "-1 is out of range"},
        ShapeCase{{Kind::port}, "1.5", "1.5 is not a whole number"},
        ShapeCase{{Kind::port}, "\"http\"", "is not a number"}, ShapeCase{{Kind::port}, "true", "is true or false"},
        ShapeCase{{Kind::number, 1, 9, "auto"}, "\"auto\"", ""}, ShapeCase{{Kind::number, 1, 9, "auto"}, "9", ""},
        ShapeCase{{Kind::number, 1, 9, "auto"}, "\"many\"", "is not a number"},
        ShapeCase{{Kind::number, 1, 9}, "10", "10 is out of range"},
        ShapeCase{{Kind::number, 1, 9}, "1e300", "1e+300 is out of range"},
        ShapeCase{{Kind::duration, 0.1, 60}, "0.5", ""}, ShapeCase{{Kind::duration, 0.1, 60}, "\"60\"", ""},
        ShapeCase{{Kind::duration, 0.1, 60}, "0", "0 is out of range"}, ShapeCase{{Kind::fraction, 0, 1}, "0.5", ""},
        ShapeCase{{Kind::fraction, 0, 1}, "\"1\"", ""},
        ShapeCase{{Kind::fraction, 0, 1}, "1.01", "1.01 is out of range"},
        ShapeCase{{Kind::ports}, "\"40000-40100\"", ""}, ShapeCase{{Kind::ports}, "\"off\"", ""},
        ShapeCase{{Kind::ports}, "false", ""}, ShapeCase{{Kind::ports}, "1", ""},
        ShapeCase{{Kind::ports}, "\"2-1\"", "is not a range of ports"},
        ShapeCase{{Kind::ports}, "1.5", "is not a range of ports"}, ShapeCase{{Kind::ports}, "[]", "is an array"},
        ShapeCase{{Kind::choice, 0, 0, "a|b"}, "\"b\"", ""},
        ShapeCase{{Kind::choice, 0, 0, "a|b"}, "\"c\"", "is none of the known words"},
        ShapeCase{{Kind::choice, 0, 0, "a|b"}, "true", "is true or false"}, ShapeCase{{Kind::texts}, "\"a\"", ""},
        ShapeCase{{Kind::texts}, "[\"a\", \"b\"]", ""}, ShapeCase{{Kind::texts}, "[\"a\", 1]", "entry 1 is a number"},
        ShapeCase{{Kind::texts}, "{}", "is an object"}, ShapeCase{{Kind::objects}, "[{}]", ""},
        ShapeCase{{Kind::objects}, "[{}, []]", "entry 1 is an array"}, ShapeCase{{Kind::objects}, "{}", "is an object"},
        ShapeCase{{Kind::object}, "{}", ""}, ShapeCase{{Kind::object}, "[]", "is an array"},
        ShapeCase{{Kind::any}, "[1]", ""}));

}  // namespace
}  // namespace ss::config
