#include <weir/proto/statsd/line.h>

#include <string>

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::proto::statsd;
using stats::EventKind;
using stats::Tags;

namespace {

Line taken(std::string_view text) {
  Line line;
  INFO(text);
  CHECK(parse_line(text, line) == Outcome::taken);
  REQUIRE_FALSE(line.amounts.empty());
  return line;
}

double amount(std::string_view text) { return taken(text).amounts[0].value; }

Outcome outcome(const std::string& text) {
  Line line;
  return parse_line(text, line);
}

}  // namespace

TEST_CASE("StatsD line: every type, its value and its unit") {
  const Line counter = taken("page.views:3|c");
  CHECK(counter.event.name == "page.views");
  CHECK(counter.event.kind == EventKind::counter);
  CHECK(counter.amounts[0].value == 3);
  CHECK(amount("stock:-7|c") == -7);
  CHECK(amount("x:+1.5e3|c") == 1500);
  CHECK(taken("render:320|ms").event.kind == EventKind::timing);
  CHECK(amount("render:320|ms") == doctest::Approx(0.32));
  CHECK(amount("render:0.5|ms") == doctest::Approx(0.0005));
  CHECK(taken("size:2048|h").event.kind == EventKind::distribution);
  CHECK(amount("size:2048|d") == 2048);
  CHECK(taken("visitors:ada:1|s").event.kind == EventKind::set);
  CHECK(taken("visitors:ada:1|s").event.member == "ada:1");
}

TEST_CASE("StatsD line: a sign before a gauge's value changes it by so much") {
  CHECK(taken("queue:17|g").event.kind == EventKind::gauge);
  CHECK_FALSE(taken("queue:17|g").amounts[0].is_delta);
  const Line down = taken("queue:-4|g");
  CHECK(down.amounts[0].is_delta);
  CHECK(down.amounts[0].value == -4);
  const Line up = taken("queue:+4.5|g");
  CHECK(up.amounts[0].is_delta);
  CHECK(up.amounts[0].value == 4.5);
  CHECK_FALSE(taken("stock:-4|c").amounts[0].is_delta);
}

TEST_CASE("StatsD line: sample rates and tags, in any order, and what has no meaning here") {
  const Line line =
      taken("hits:1|c|@0.1|#plan:pro,beta,url:http://x,empty:,,le:1|c:0123abc|T1656581400|e:it-1|card:low");
  CHECK(line.event.sample_rate == 0.1);
  CHECK(line.event.tags == Tags{{"beta", "true"}, {"plan", "pro"}, {"tag_le", "1"}, {"url", "http://x"}});
  CHECK(taken("hits:1|c|#a:b|@0.5").event.sample_rate == 0.5);
  CHECK(taken("hits:1|c|@1.0").event.sample_rate == 1);
  CHECK(taken("hits:1|c").event.tags.empty());
}

TEST_CASE("StatsD line: several values in one line are several events") {
  const Line line = taken("render:1:2.5:40|ms|@0.5|#a:b");
  REQUIRE(line.amounts.size() == 3);
  CHECK(line.amounts[2].value == doctest::Approx(0.04));
}

TEST_CASE("StatsD line: nothing of one line is left in the next") {
  Line line;
  CHECK(parse_line("a:1:2|c|@0.1|#x:y", line) == Outcome::taken);
  CHECK(parse_line("b:1|c", line) == Outcome::taken);
  CHECK(line.amounts.size() == 1);
  CHECK(line.event.sample_rate == 1);
  CHECK(line.event.tags.empty());
}

TEST_CASE("StatsD line: events and service checks of DogStatsD are told apart") {
  CHECK(outcome("_e{5,4}:title|text|#a:b") == Outcome::event);
  CHECK(outcome("_sc|check|0|h:web") == Outcome::service_check);
}

TEST_CASE("StatsD line: what cannot be read is refused by what is wrong with it") {
  for (const char* text : {":1|c", "a\tb:1|c", "\xff:1|c"}) CHECK_MESSAGE(outcome(text) == Outcome::bad_name, text);
  CHECK(outcome(std::string(201, 'x') + ":1|c") == Outcome::bad_name);
  for (const char* text :
       {"a", "a:|c", "a:x|c", "a:1x|c", "a: 1|c", "a:nan|c", "a:inf|g", "a:1e400|c", "a:--1|c", "a:+-1|g", "a:0x10|c",
        "a:1e16|c", "a:-1|ms", "a:-9.1e9|h", "a:1e13|ms", "a:9.1e9|d", "a:1:|c", "a::1|c", "a:|s"}) {
    CHECK_MESSAGE(outcome(text) == Outcome::bad_value, text);
  }
  CHECK(outcome("a:" + std::string(257, 'x') + "|s") == Outcome::bad_value);
  for (const char* text : {"a:1", "a:1|", "a:1|x", "a:1|C", "a:1|cc", "a:1||c"}) {
    CHECK_MESSAGE(outcome(text) == Outcome::bad_type, text);
  }
  for (const char* text : {"a:1|c|@", "a:1|c|@0", "a:1|c|@-0.1", "a:1|c|@1.1", "a:1|c|@x", "a:1|c|@1e-7"}) {
    CHECK_MESSAGE(outcome(text) == Outcome::bad_sample_rate, text);
  }
  for (const char* text : {"a:1|c|zz:future|@2", "a:1|c|#:x|@0", "a:1|c||@x"}) {
    CHECK_MESSAGE(outcome(text) == Outcome::bad_sample_rate, text);
  }
}

TEST_CASE("StatsD line: what is beside name, value, type and rate never costs the sample") {
  Line line;
  CHECK(parse_line("a:7:8|c|#:x,ok:1", line) == Outcome::tags_dropped);
  CHECK(line.amounts.size() == 2);
  CHECK(line.event.tags == Tags{{"ok", "1"}});
  CHECK(parse_line("a:7|c|@0.5|#first:1,x:" + std::string(129, 'y') + "," + std::string(300, 'z') +
                       ":1,b\x01:1,c:\xff,last:2|c:me",
                   line) == Outcome::tags_dropped);
  CHECK(line.event.tags == Tags{{"first", "1"}, {"last", "2"}});
  CHECK(line.event.sample_rate == 0.5);
  CHECK(parse_line("a:1|d|#a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t", line) == Outcome::tags_dropped);
  CHECK(line.event.tags.size() == stats::kMostTags);
  CHECK(parse_line("a:1|c|#a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p", line) == Outcome::taken);
  for (const char* text :
       {"a:1|c|0.1", "a:1|c||@0.1", "a:1|c|T", "a:1|c|Tx", "a:1|c|zz:future", "a:1|c|#a:b|\xff\xfe|e:x", "a:1|c|c"}) {
    CHECK_MESSAGE(parse_line(text, line) == Outcome::section_dropped, text);
    CHECK(line.amounts.size() == 1);
  }
  CHECK(parse_line("a:1|c|zz|#:x", line) == Outcome::section_dropped);
}

TEST_CASE("StatsD line: a distribution may be below zero, a time may not") {
  CHECK(amount("drift:-3.5|d") == -3.5);
  CHECK(amount("drift:-0.25|h") == -0.25);
  CHECK(taken("drift:-1:2:-3|d").amounts.size() == 3);
  CHECK(outcome("drift:-1|ms") == Outcome::bad_value);
}
