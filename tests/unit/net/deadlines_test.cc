#include <weir/net/deadlines.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace weir;
using net::Deadline;
using net::Deadlines;

namespace {

struct Probe final : Deadline {
  void on_deadline() override {
    ++calls;
    if (then) then();
  }
  int calls = 0;
  std::function<void()> then;
};

/// A wheel that stands still unless the test turns it: the loop is never run.
struct Wheel {
  net::Loop loop;
  Deadlines deadlines{loop};
  TimePoint start = Clock::now();
  TimePoint now = start;

  void arm(Probe& probe, Nanos delay) { deadlines.arm(probe, now, delay); }
  void pass(Nanos time) {
    for (const TimePoint end = now + time; now < end;) {
      now = std::min(end, now + Deadlines::kTick);
      deadlines.advance(now);
    }
  }
};

constexpr Nanos kTick = Deadlines::kTick;

}  // namespace

TEST_CASE("Deadlines: never early, at most two ticks late, once, whatever the delay") {
  std::mt19937 random(1);
  Wheel wheel;
  for (int round = 0; round < 60; ++round) {
    const Nanos delay = round == 0 ? Nanos(1) : Nanos(std::uint64_t{random()} * 8);  // up to half a minute
    Probe probe;
    TimePoint called;
    probe.then = [&] { called = wheel.now; };
    wheel.pass(Nanos(random() % 200'000'000));
    const TimePoint armed = wheel.now;
    wheel.arm(probe, delay);
    wheel.pass(delay + 3 * kTick);
    REQUIRE(probe.calls == 1);
    REQUIRE(called >= armed + delay);
    REQUIRE(called <= armed + delay + 2 * kTick);
    wheel.pass(10s);
    REQUIRE(probe.calls == 1);
  }
}

TEST_CASE("Deadlines: one that is pushed out again and again is not called until it is left alone") {
  Wheel wheel;
  Probe probe;
  for (int i = 0; i < 300; ++i) {
    wheel.arm(probe, 1s);
    wheel.pass(100ms);
    REQUIRE(probe.calls == 0);
  }
  wheel.pass(1s);
  CHECK(probe.calls == 1);
}

TEST_CASE("Deadlines: one that is drawn nearer is called at the nearer time") {
  Wheel wheel;
  Probe probe;
  wheel.arm(probe, 60s);
  wheel.pass(1s);
  wheel.arm(probe, 200ms);
  wheel.pass(200ms + 2 * kTick);
  CHECK(probe.calls == 1);
  wheel.pass(70s);
  CHECK(probe.calls == 1);
}

TEST_CASE("Deadlines: disarmed, armed with no delay, or destroyed is not called") {
  Wheel wheel;
  Probe disarmed, none;
  auto destroyed = std::make_unique<Probe>();
  int calls = 0;
  destroyed->then = [&calls] { ++calls; };
  wheel.arm(disarmed, 300ms);
  wheel.arm(none, 300ms);
  wheel.arm(none, Nanos::zero());
  wheel.arm(*destroyed, 300ms);
  wheel.pass(100ms);
  wheel.deadlines.disarm(disarmed);
  destroyed.reset();
  wheel.pass(1s);
  CHECK(disarmed.calls == 0);
  CHECK(none.calls == 0);
  CHECK(calls == 0);
  wheel.arm(disarmed, 100ms);
  wheel.pass(300ms);
  CHECK(disarmed.calls == 1);
}

TEST_CASE("Deadlines: a callback may destroy and disarm others that are due in the same tick") {
  for (const bool destroys_older : {true, false}) {
    Wheel wheel;
    std::vector<std::unique_ptr<Probe>> probes;
    int calls = 0;
    for (int i = 0; i < 5; ++i) {
      probes.push_back(std::make_unique<Probe>());
      wheel.arm(*probes.back(), 200ms);
    }
    for (std::size_t i = 0; i < probes.size(); ++i) {
      probes[i]->then = [&, i] {
        if (++calls > 1) return;
        for (std::size_t j = 0; j < probes.size(); ++j) {
          if (j == i) continue;
          if (destroys_older) {
            probes[j].reset();
          } else {
            wheel.deadlines.disarm(*probes[j]);
          }
        }
      };
    }
    wheel.pass(1s);
    CHECK(calls == 1);
  }
}

TEST_CASE("Deadlines: a callback may arm itself again and others anew") {
  Wheel wheel;
  Probe periodic, other;
  periodic.then = [&] {
    wheel.arm(periodic, 100ms);
    wheel.arm(other, 10s);
  };
  wheel.arm(periodic, 100ms);
  wheel.arm(other, 100ms);
  wheel.pass(3s);
  CHECK(periodic.calls >= 15);
  CHECK(periodic.calls <= 30);
  CHECK(other.calls <= 1);
  const int before = other.calls;
  periodic.then = nullptr;
  wheel.pass(12s);
  CHECK(other.calls == before + 1);
}

TEST_CASE("Deadlines: after a long stall all that is due is called, and nothing else") {
  Wheel wheel;
  std::vector<Probe> due(200);
  for (std::size_t i = 0; i < due.size(); ++i) wheel.arm(due[i], (i + 1) * 97ms);
  Probe later;
  wheel.arm(later, 10min);
  wheel.now += 5min;
  wheel.deadlines.advance(wheel.now);
  for (const Probe& probe : due) CHECK(probe.calls == 1);
  CHECK(later.calls == 0);
  wheel.pass(5min + 2 * kTick);
  CHECK(later.calls == 1);
}

TEST_CASE("Deadlines: what is armed after a stall that nobody has noticed yet is in time") {
  Wheel wheel;
  Probe first, second;
  wheel.arm(first, 1h);
  wheel.now += 30s;  // the loop was held up: no advance
  wheel.arm(second, 1s);
  const TimePoint armed = wheel.now;
  TimePoint called;
  second.then = [&] { called = wheel.now; };
  wheel.pass(2s);
  CHECK(second.calls == 1);
  CHECK(called >= armed + 1s);
  CHECK(called <= armed + 1s + 2 * kTick);
  CHECK(first.calls == 0);
}

TEST_CASE("Deadlines: a wheel that was empty for long starts at the present") {
  Wheel wheel;
  Probe probe;
  wheel.arm(probe, 100ms);
  wheel.pass(1s);
  wheel.now += 1h;
  wheel.arm(probe, 100ms);
  wheel.deadlines.advance(wheel.now);
  CHECK(probe.calls == 1);
  wheel.pass(100ms + 2 * kTick);
  CHECK(probe.calls == 2);
}

TEST_CASE("Deadlines: the wheel may go before what is armed on it") {
  Probe probe;
  {
    Wheel wheel;
    wheel.arm(probe, 1s);
  }
  CHECK(probe.calls == 0);
}
