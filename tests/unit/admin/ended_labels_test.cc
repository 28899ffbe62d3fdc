#include "ended_labels.h"

#include <doctest/doctest.h>

using namespace weir;
using admin::EndedLabels;

namespace {

std::vector<stats::SeriesView> series_of(std::uint64_t requests, WallTime created = {}) {
  std::vector<stats::SeriesView> list(1);
  list[0].method = Method::get;
  list[0].figures.counts.requests = requests;
  list[0].created = created;
  return list;
}

bool nothing(const exporter::EndedSeries&) { return false; }

}  // namespace

TEST_CASE("Ended labels: one stays for as long as a sample counts for Prometheus") {
  EndedLabels labels;
  const TimePoint now(1000s);
  labels.add("/a", series_of(3), now);
  CHECK(labels.list(now + 299s, nothing).size() == 1);
  CHECK(labels.list(now + 300s, nothing).empty());
}

TEST_CASE("Ended labels: one that is in use again stays as long as it is, and ends as one") {
  EndedLabels labels;
  const TimePoint now(1000s);
  labels.add("/a", series_of(3, WallTime(10s)), now);
  const auto all = [](const exporter::EndedSeries&) { return true; };
  CHECK(labels.list(now + 1h, all).size() == 1);
  labels.add("/a", series_of(4, WallTime(20s)), now + 1h);
  labels.add("/b", series_of(1), now + 1h);
  const auto list = labels.list(now + 1h, nothing);
  REQUIRE(list.size() == 2);
  CHECK(list[0]->path == "/a");
  CHECK(list[0]->series.figures.counts.requests == 7);
  CHECK(list[0]->series.created == WallTime(10s));
  CHECK(labels.list(now + 1h + 5min, nothing).empty());
}

TEST_CASE("Ended labels: they are bounded") {
  EndedLabels labels;
  const TimePoint now(1000s);
  for (std::size_t i = 0; i < EndedLabels::kMost + 10; ++i) labels.add("/" + std::to_string(i), series_of(1), now);
  const auto list = labels.list(now, nothing);
  REQUIRE(list.size() == EndedLabels::kMost);
  CHECK(list.front()->path == "/10");
}
