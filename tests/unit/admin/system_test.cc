#include <unistd.h>

#include <doctest/doctest.h>

#include "system_sampler.h"

using namespace weir;
using admin::SystemFigure;

namespace {

constexpr TimePoint kNow = TimePoint(30h);

const admin::Gauge& gauge(const admin::SystemGauges& gauges, SystemFigure figure) {
  return gauges[static_cast<std::size_t>(figure)];
}

}  // namespace

TEST_CASE("System: CPU is what was spent between two readings") {
  admin::SystemGauges gauges;
  admin::SystemReading before;
  before.clock = kNow;
  before.cpus = 2;
  add_reading(gauges, before, std::nullopt);
  CHECK(gauge(gauges, SystemFigure::host_cpu_percent).over(stats::Window::all, kNow).samples == 0);
  admin::SystemReading after = before;
  after.host_total_seconds = 10;  // five seconds of two CPUs
  after.host_busy_seconds = 2.5;
  after.process.cpu_seconds = 1;
  add_reading(gauges, after, before);
  CHECK(gauge(gauges, SystemFigure::host_cpu_percent).current() == doctest::Approx(25));
  CHECK(gauge(gauges, SystemFigure::process_cpu_percent).current() == doctest::Approx(20));
}

TEST_CASE("System: a gauge keeps current, average and highest over every window") {
  admin::Gauge gauge;
  gauge.add(90, kNow - 25h);
  gauge.add(50, kNow - 2h);
  gauge.add(20, kNow - 10min);
  for (const double value : {2.0, 6.0, 1.0}) gauge.add(value, kNow - 3s);
  CHECK(gauge.current() == 1);
  const auto span = gauge.over(stats::Window::minute, kNow);
  CHECK(span.average == 3);
  CHECK(span.highest == 6);
  CHECK(span.samples == 3);
  CHECK(gauge.over(stats::Window::five_minutes, kNow).highest == 6);
  CHECK(gauge.over(stats::Window::hour, kNow).highest == 20);
  CHECK(gauge.over(stats::Window::day, kNow).highest == 50);
  CHECK(gauge.over(stats::Window::all, kNow).highest == 90);
  CHECK(gauge.over(stats::Window::all, kNow).samples == 6);
  CHECK(gauge.over(stats::Window::minute, kNow + 2min).samples == 0);
}

TEST_CASE("System: what is not known yet is null") {
  admin::SystemGauges gauges;
  admin::SystemReading reading;
  reading.clock = kNow;
  reading.process.worker_loop_lag_seconds = 0.000123;
  add_reading(gauges, reading, std::nullopt);
  const std::string json = system_json(gauges, reading, stats::Window::hour, kNow, {7, "shop-web", "1.2.3"});
  CHECK(json.find(R"("loop_lag_seconds":{"current":0.000123,"average":0.000123,"max":0.000123})") != std::string::npos);
  CHECK(json.find(R"("window":"1h","samples":1)") != std::string::npos);
  CHECK(json.starts_with(
      R"({"pid":7,"name":"shop-web","version":"1.2.3","host":{"cpu_percent":{"current":null,"average":null,"max":null},"load_1m":{"current":0,)"));
}

TEST_CASE("System: the uptime is that of now, not of the last reading") {
  admin::SystemReading reading;
  reading.clock = kNow;
  reading.at = WallTime(1'000'000s);
  reading.process.start_time_seconds = 999'999.8;
  const auto uptime_after = [&](Nanos passed) {
    const std::string json = system_json({}, reading, stats::Window::all, kNow + passed, {7, "shop-web", "1.2.3"});
    const std::string_view name = "\"uptime_seconds\":";
    const std::size_t begin = json.find(name) + name.size();
    return json.substr(begin, json.find_first_of(",}", begin) - begin);
  };
  CHECK(uptime_after(0s) == "0");
  CHECK(uptime_after(4s) == "4");
  CHECK(uptime_after(4999ms) == "5");
  // The wall clock was set back before the reading.
  reading.at = WallTime(999'990s);
  CHECK(uptime_after(1s) == "0");
}

TEST_CASE("System: this machine and this process can be read") {
  const admin::SystemReading reading = admin::read_system("/");
  CHECK(reading.host_total_seconds > 0);
  CHECK(reading.memory_total_bytes > reading.memory_available_bytes);
  CHECK(reading.disk_total_bytes > 0);
  CHECK(reading.process.resident_bytes > 1 << 20);
  CHECK(reading.process.resident_bytes < reading.process.virtual_bytes);
  CHECK(reading.process.open_fds >= 3);
  CHECK(reading.process.max_fds >= reading.process.open_fds);
  CHECK(reading.process.threads == 1);
  CHECK(reading.process.start_time_seconds > 1.7e9);
}
