#include <weir/stats/marks.h>

#include <doctest/doctest.h>

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
