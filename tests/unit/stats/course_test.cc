#include <weir/stats/course.h>

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

#include "feeding.h"

using namespace weir;
using namespace weir::stats;
using namespace weir::stats::test;

namespace {

Course course_of(Ledger& ledger, Window window, Nanos now) { return ledger.course({window, {}}, at(now)); }

std::uint64_t requests_in(const Course& course) {
  std::uint64_t sum = 0;
  for (const CourseSlice& slice : course.slices) sum += slice.stretch.figures.counts.requests;
  return sum;
}

}  // namespace

TEST_CASE("Course: before the first request there is no slice, and nothing to compare with") {
  Ledger ledger({}, at(0s));
  const Course course = course_of(ledger, Window::minute, 17s);
  CHECK(course.slices.empty());
  CHECK(course.step == 5s);
  CHECK(course.from == at(0s).wall);
  CHECK(course.current.figures.is_empty());
  CHECK(course.current.length == 17s);
  CHECK(!course.before);
}

TEST_CASE("Course: each request is in the slice of its end, and a slice without any is left out") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(1s), 1s);
  feed(ledger, record_at(11s, {.duration = 40ms}), 11s);
  feed(ledger, record_at(14s, {.duration = 80ms, .status = 500}), 14s);
  feed(ledger, record_at(27s), 27s);
  const Course course = course_of(ledger, Window::minute, 28s);
  REQUIRE(course.slices.size() == 3);
  CHECK(course.slices[0].stretch.from == at(0s).wall);
  const Stretch& second = course.slices[1].stretch;
  CHECK(second.from == at(10s).wall);
  CHECK(second.length == 5s);
  CHECK(second.figures.counts.requests == 2);
  CHECK(second.figures.counts.errors == 1);
  CHECK(second.figures.counts.status[5] == 1);
  CHECK(second.figures.duration.min() == 40ms);
  CHECK(second.figures.duration.max() == 80ms);
  const Stretch& newest = course.slices[2].stretch;
  CHECK(newest.from == at(25s).wall);
  CHECK(newest.length == 3s);
  CHECK(course.current.figures.counts.requests == 4);
}

TEST_CASE("Course: its slices add up to the view of the same window, whatever the window and the time") {
  std::mt19937_64 random(7);
  Ledger ledger({}, at(0s));
  Nanos now = 0s;
  for (int i = 0; i < 4000; ++i) {
    now += std::chrono::seconds(random() % 40);
    feed(ledger, random_record(random, now), now);
    if (i % 97 != 0) continue;
    for (const Window window : {Window::minute, Window::five_minutes, Window::hour, Window::day, Window::all}) {
      CAPTURE(label(window));
      const Course course = course_of(ledger, window, now);
      const ViewPtr view = ledger.view({.window = window}, at(now));
      if (window != Window::all || now < 20h) REQUIRE(requests_in(course) == view->total.counts.requests);
      REQUIRE(course.current.figures.counts == view->total.counts);
      REQUIRE(course.current.figures.duration == view->total.duration);
    }
  }
}

TEST_CASE("Course: the stretch before the window is as long as the window and touches it, as near as slices allow") {
  Ledger ledger({}, at(0s));
  for (Nanos t = 0s; t < 3h; t += 1s) feed(ledger, record_at(t), t);
  struct Compared {
    Window window;
    Nanos length;
    Nanos gap;
  };
  constexpr Compared kCompared[] = {
      {Window::minute, 1min, 0s}, {Window::five_minutes, 5min, 1min}, {Window::hour, 1h, 15min}};
  for (const auto& [window, length, gap] : kCompared) {
    CAPTURE(label(window));
    CHECK(course_of(ledger, window, 3h).before->figures.counts.requests == static_cast<std::uint64_t>(length / 1s));
  }
  for (const Nanos now : {Nanos(3h), Nanos(3h + 4s), Nanos(3h + 59s), Nanos(3h + 13min)}) {
    for (const auto& [window, length, gap] : kCompared) {
      CAPTURE(label(window));
      const Course course = course_of(ledger, window, now);
      REQUIRE(course.before);
      CHECK(course.before->length == length);
      CHECK(course.before->to() <= course.from);
      CHECK(course.from - course.before->to() < std::max(gap, Nanos(1)));
    }
  }
  CHECK(!course_of(ledger, Window::day, 4h).before);
  CHECK(!course_of(ledger, Window::all, 4h).before);
}

TEST_CASE("Course: nothing is compared with a time in which weir was not there for all of it") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(1s), 1s);
  CHECK(!course_of(ledger, Window::minute, 119s).before);
  CHECK(course_of(ledger, Window::minute, 120s).before);
  ledger.reset({}, at(130s));
  CHECK(!course_of(ledger, Window::minute, 200s).before);
  CHECK(course_of(ledger, Window::minute, 260s).before);
}

TEST_CASE("Course: a reset starts it anew, and what its first slice covers begins there") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(31s), 31s);
  ledger.reset({}, at(32s));
  CHECK(course_of(ledger, Window::five_minutes, 33s).slices.empty());
  feed(ledger, record_at(34s), 34s);
  const Course course = course_of(ledger, Window::five_minutes, 40s);
  REQUIRE(course.slices.size() == 1);
  CHECK(course.slices[0].stretch.from == at(32s).wall);
  CHECK(course.slices[0].stretch.length == 3s);
}

TEST_CASE(
    "Course: what is remembered of closed slices does not outlive a reset of one route, nor does a merge spoil it") {
  Ledger ledger({}, at(0s));
  for (const std::uint32_t route : {1, 2, 3}) feed(ledger, record_at(1s, {.route = RouteId(route)}), 1s);
  CHECK(requests_in(course_of(ledger, Window::five_minutes, 100s)) == 3);
  ledger.merge_series(RouteId(3), RouteId(2));
  CHECK(requests_in(course_of(ledger, Window::five_minutes, 101s)) == 3);
  ledger.reset({.route = RouteId(1), .method = std::nullopt}, at(102s));
  CHECK(requests_in(course_of(ledger, Window::five_minutes, 102s)) == 2);
}

TEST_CASE("Course: of everything it has the finest slices that reach back to the start") {
  Ledger ledger({}, at(0s));
  CHECK(course_of(ledger, Window::all, 5min).step == 5s);
  CHECK(course_of(ledger, Window::all, 5min + 1s).step == 1min);
  CHECK(course_of(ledger, Window::all, 1h + 1s).step == 15min);
  CHECK(course_of(ledger, Window::all, 72h).from > at(47h).wall);
}

TEST_CASE("Course: only the series that are asked for") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(1s, {.route = RouteId(1)}), 1s);
  feed(ledger, record_at(1s, {.route = RouteId(2)}), 1s);
  const Course course = ledger.course(
      {Window::minute, [](RouteId route, Method) { return route == RouteId(2); }}, at(2s));
  CHECK(requests_in(course) == 1);
  CHECK(!course.has_in_flight);
}

TEST_CASE("Course: how many were under way at once") {
  Ledger ledger({}, at(0s));
  Batch batch;
  batch.add(record_at(1s));
  batch.note_in_flight(7);
  ledger.fold(batch, 0, at(1s));
  const Course course = course_of(ledger, Window::minute, 2s);
  CHECK(course.has_in_flight);
  REQUIRE(course.slices.size() == 1);
  CHECK(course.slices[0].highest_in_flight == 7);
}

TEST_CASE("Course: a wall clock that is set bends nothing, and everything is dated by what it says now") {
  for (const Nanos step : {Nanos(-1h), Nanos(24h), Nanos(-24h), Nanos(400 * 24h)}) {
    CAPTURE(step.count());
    Ledger ledger({}, at(0s));
    for (Nanos t = 0s; t < 10min; t += 1s) feed(ledger, record_at(t), t);
    const auto stepped = [&](Nanos since_start) {
      Moment moment = at(since_start);
      moment.wall += std::chrono::duration_cast<WallTime::duration>(step);
      return moment;
    };
    for (const Window window : {Window::minute, Window::five_minutes, Window::hour, Window::day, Window::all}) {
      CAPTURE(label(window));
      const Course right = ledger.course({window, {}}, at(10min));
      const Course course = ledger.course({window, {}}, stepped(10min));
      CHECK(course.step == right.step);
      CHECK(course.current.length == right.current.length);
      CHECK(course.current.from == right.current.from + step);
      CHECK(course.since == right.since + step);
      CHECK(course.before.has_value() == right.before.has_value());
      if (course.before) CHECK(course.before->length == right.before->length);
      REQUIRE(course.slices.size() == right.slices.size());
      for (std::size_t i = 0; i < course.slices.size(); ++i) {
        CHECK(course.slices[i].stretch.length == right.slices[i].stretch.length);
        CHECK(course.slices[i].stretch.from == right.slices[i].stretch.from + step);
      }
    }
    const ViewPtr right = ledger.view({}, at(10min));
    const ViewPtr view = ledger.view({}, stepped(10min));
    CHECK(view->since == right->since + step);
    CHECK(view->series[0].last_seen == right->series[0].last_seen + step);
    CHECK(view->busy.peak_requests == 60);
    CHECK(view->busy.peak_minute == right->busy.peak_minute + step);
    std::uint64_t by_hour = 0;
    for (const std::uint64_t requests : view->busy.by_hour) by_hour += requests;
    CHECK(by_hour == 600);
    // A minute after the step is one like any other, and a reset then starts at 0.
    for (Nanos t = 10min; t < 11min; t += 1s) {
      Batch batch;
      batch.add(record_at(t));
      ledger.fold(batch, 0, stepped(t));
    }
    CHECK(ledger.view({}, stepped(11min))->busy.peak_requests == 60);
    const ViewPtr minute = ledger.view({.window = Window::minute}, stepped(11min));
    CHECK(per_minute(static_cast<double>(minute->total.counts.requests), minute->measured) ==
          doctest::Approx(60).epsilon(0.1));
    ledger.reset({}, stepped(11min));
    CHECK(ledger.course({Window::all, {}}, stepped(11min + 7s)).current.length == 7s);
  }
}
