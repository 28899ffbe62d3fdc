#include "query.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include <weir/stats/window.h>

using namespace weir;
using admin::Query;
using admin::QueryReader;

TEST_CASE("Query: names and values are decoded") {
  const Query query("?route=GET%20%2Fa%2f%7Bid%7D&group=a+b&flag&empty=&x=1&x=2");
  CHECK(query.find("route") == "GET /a/{id}");
  CHECK(query.find("group") == "a b");
  CHECK(query.find("x") == "2");
  CHECK(query.find("flag") == "");
  CHECK(query.find("empty") == "");
  CHECK(!query.find("none"));
  CHECK(!Query("").find(""));
}

TEST_CASE("Query: what cannot be decoded stays as it is") {
  const Query query("a=100%&b=%zz&c=%4&=d&&&");
  CHECK(query.find("a") == "100%");
  CHECK(query.find("b") == "%zz");
  CHECK(query.find("c") == "%4");
}

TEST_CASE("QueryReader: reads what is right") {
  const Query query("window=5m&limit=20&min=200ms&also=0.25&method=patch");
  QueryReader reader(query);
  CHECK(reader.choice("window", stats::Window::all) == stats::Window::five_minutes);
  CHECK(reader.whole("limit", 50, 100) == 20);
  CHECK(reader.duration("min", Nanos(0)) == 200ms);
  CHECK(reader.duration("also", Nanos(0)) == 250ms);
  CHECK(reader.method("method") == Method::patch);
  CHECK(reader.whole("absent", 50, 100) == 50);
  CHECK(reader.is_ok());
}

TEST_CASE("QueryReader: the first mistake is told with what would be right") {
  const Query query("limit=-1&window=2m&min=fast&method=FETCH");
  QueryReader reader(query);
  CHECK(reader.whole("limit", 50, 100) == 50);
  CHECK(reader.problem() == "limit: \"-1\" cannot be used (write a whole number from 0 to 100)");
  reader.choice("window", stats::Window::all);
  CHECK(reader.problem().starts_with("limit:"));

  QueryReader window(query);
  window.choice("window", stats::Window::all);
  CHECK(window.problem() == "window: \"2m\" cannot be used (write one of 1m, 5m, 1h, 1d, all)");
  QueryReader min(query);
  min.duration("min", Nanos(0));
  CHECK(!min.is_ok());
  QueryReader method(query);
  method.method("method");
  CHECK(!method.is_ok());
}

TEST_CASE("QueryReader: no number is taken for what it is not") {
  for (const char* text : {"limit=101", "limit=1.5", "limit=+1", "limit=0x10", "limit=99999999999999999999"}) {
    const Query query(text);
    QueryReader reader(query);
    CHECK(reader.maybe_whole("limit", 100) == std::nullopt);
    CHECK(!reader.is_ok());
  }
  for (const char* text : {"min=nan", "min=inf", "min=-1", "min=1e300"}) {
    const Query query(text);
    QueryReader reader(query);
    CHECK(reader.duration("min", 1s) == 1s);
    CHECK(!reader.is_ok());
  }
}

namespace {

/// What a call that takes `known` says of `text`; empty where nothing is wrong.
std::string problem_with(std::string_view text, std::vector<std::string_view> known) {
  const Query query(text);
  QueryReader reader(query);
  reader.refuse_others(known);
  return reader.problem();
}

}  // namespace

TEST_CASE("QueryReader: what would pass for obeyed is refused") {
  CHECK(problem_with("window=5m&group=api&path", {"window", "limit"}) ==
        "group: \"api\" cannot be used (leave it out: this answer is for all routes)");
  CHECK(problem_with("window=5m&group=api&path", {"window", "group"}) ==
        "path: \"\" cannot be used (this call takes window, group)");
  CHECK(problem_with("window=5m&group=api&path", {"window", "group", "path"}).empty());
}

TEST_CASE("QueryReader: a name that is not known is told with the one that was meant") {
  CHECK(problem_with("windw=5m", {"window", "limit"}) ==
        "windw: \"5m\" cannot be used (did you mean window? this call takes window, limit)");
  CHECK(problem_with("Limit=5", {"window", "limit"}) ==
        "Limit: \"5\" cannot be used (did you mean limit? this call takes window, limit)");
  CHECK(problem_with("li%6Dit%20=5", {"window", "limit"})
            .starts_with("limit : \"5\" cannot be used (did you mean limit?"));
  CHECK(problem_with("_=1", {}) == "_: \"1\" cannot be used (this call takes no parameters)");
  CHECK(problem_with("route=/a", {}) == "route: \"/a\" cannot be used (this call takes no parameters)");
  CHECK(problem_with("=1", {"window"}) == ": \"1\" cannot be used (this call takes window)");
  CHECK(problem_with(std::string(5000, 'a') + "=1", {"window"}).size() < 200);
}

TEST_CASE("QueryReader: a parameter that is there twice is refused, even with the same value") {
  for (const char* text : {"window=5m&window=1h", "window=5m&limit=1&window=5m", "window=&window=5m", "window&window",
                           "window=5m&%77indow=1h"}) {
    CAPTURE(text);
    CHECK(problem_with(text, {"window", "limit"})
              .ends_with("cannot be used (it is there more than once: write it once)"));
  }
}

TEST_CASE("QueryReader: what is empty is no parameter") {
  for (const char* text : {"", "?", "&", "?&&", "window=5m&", "&window=5m&&"}) {
    CAPTURE(text);
    CHECK(problem_with(text, {"window"}).empty());
  }
}

TEST_CASE("QueryReader: a parameter without a value is not taken for one that is absent") {
  for (const char* text : {"p=", "p", "x=1&p=&y=2", "%70="}) {
    CAPTURE(text);
    const Query query(text);
    const auto problem = [&](auto read) {
      QueryReader reader(query);
      read(reader);
      return reader.problem();
    };
    CHECK(problem([](QueryReader& reader) { reader.text("p"); }) ==
          "p: \"\" cannot be used (write a value, or leave it out)");
    CHECK(problem([](QueryReader& reader) { CHECK(reader.whole("p", 5, 9) == 5); }) ==
          "p: \"\" cannot be used (write a whole number from 0 to 9)");
    CHECK(problem([](QueryReader& reader) { CHECK(!reader.maybe_whole("p", 9)); }) ==
          "p: \"\" cannot be used (write a whole number from 0 to 9)");
    CHECK(problem([](QueryReader& reader) { CHECK(reader.duration("p", 1s) == 1s); }).starts_with("p: \"\" cannot"));
    CHECK(problem([](QueryReader& reader) { CHECK(!reader.method("p")); }).starts_with("p: \"\" cannot be used (write"));
    CHECK(problem([](QueryReader& reader) { reader.statuses("p"); }).starts_with("p: \"\" cannot be used (write"));
    CHECK(problem([](QueryReader& reader) { reader.choice("p", stats::Window::all); })
              .starts_with("p: \"\" cannot be used (write one of "));
    CHECK(problem([](QueryReader& reader) { reader.maybe_choice<stats::Window>("p"); })
              .starts_with("p: \"\" cannot be used (write one of "));
    CHECK(problem([](QueryReader& reader) { CHECK(reader.text("other").empty()); }).empty());
  }
}
