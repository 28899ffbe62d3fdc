#include <algorithm>
#include <doctest/doctest.h>

#include <weir/stats/marks.h>

using namespace weir;
using namespace weir::stats;

namespace {

WallTime day(int number) { return WallTime(std::chrono::hours(24 * number)); }

}  // namespace

TEST_CASE("Marks: newest first by what they mark, and of one instant the one that came last") {
  Marks marks;
  marks.add({day(3), "third", ""});
  marks.add({day(1), "first", ""});
  marks.add({day(2), "second", ""});
  marks.add({day(2), "second again", ""});
  std::vector<std::string> names;
  for (const Mark& mark : marks.newest(10)) names.push_back(mark.name);
  CHECK(names == std::vector<std::string>{"third", "second again", "second", "first"});
  CHECK(marks.newest(2).size() == 2);
  CHECK(marks.newest(10, day(2)).size() == 3);
}

TEST_CASE("Marks: the oldest makes room") {
  Marks marks;
  for (int i = 0; i < static_cast<int>(Marks::kMost); ++i) marks.add({day(100 + i), "kept", ""});
  marks.add({day(1), "too old", ""});
  CHECK(marks.newest(5000).size() == Marks::kMost);
  CHECK(marks.newest(5000).back().at == day(100));
  marks.add({day(5000), "newest", ""});
  CHECK(marks.newest(5000).back().at == day(101));
}

TEST_CASE("Marks: where the wall clock is set, what was read off it moves along, and what somebody dated does not") {
  for (const Nanos step : {Nanos(-1h), Nanos(24h), Nanos(-24h), Nanos(400 * 24h)}) {
    Marks marks;
    marks.follow({TimePoint(100s), day(50)});
    marks.add({day(50), "ours", "", true});
    marks.add({day(49), "dated", ""});
    const WallTime stepped = day(50) + 60s + std::chrono::duration_cast<WallTime::duration>(step);
    marks.follow({TimePoint(160s), stepped});
    const std::vector<Mark> ours = marks.newest(10, stepped - 61s);
    REQUIRE(!ours.empty());
    CHECK(std::any_of(ours.begin(), ours.end(),
                      [&](const Mark& mark) { return mark.name == "ours" && mark.at == stepped - 60s; }));
    const std::vector<Mark> all = marks.newest(10);
    CHECK(std::any_of(all.begin(), all.end(), [](const Mark& mark) { return mark.at == day(49); }));
    CHECK(std::is_sorted(all.begin(), all.end(), [](const Mark& a, const Mark& b) { return a.at > b.at; }));
  }
}
