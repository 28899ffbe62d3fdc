#include <unistd.h>

#include <doctest/doctest.h>

#include "system_sampler.h"

using namespace weir;
using admin::SystemFigure;

namespace {

const admin::Gauge& gauge(const admin::SystemGauges& gauges, SystemFigure figure) {
  return gauges[static_cast<std::size_t>(figure)];
}

}  // namespace

TEST_CASE("System: CPU is what was spent between two readings") {
  admin::SystemGauges gauges;
  admin::SystemReading before;
  before.cpus = 2;
  add_reading(gauges, before, std::nullopt);
  CHECK(gauge(gauges, SystemFigure::host_cpu_percent).samples == 0);
  admin::SystemReading after = before;
  after.host_total_seconds = 10;  // five seconds of two CPUs
  after.host_busy_seconds = 2.5;
  after.process.cpu_seconds = 1;
  add_reading(gauges, after, before);
  CHECK(gauge(gauges, SystemFigure::host_cpu_percent).current == doctest::Approx(25));
  CHECK(gauge(gauges, SystemFigure::process_cpu_percent).current == doctest::Approx(20));
}

TEST_CASE("System: a gauge keeps current, average and highest") {
  admin::Gauge gauge;
  for (const double value : {2.0, 6.0, 1.0}) gauge.add(value);
  CHECK(gauge.current == 1);
  CHECK(gauge.average() == 3);
  CHECK(gauge.highest == 6);
}

TEST_CASE("System: what is not known yet is null") {
  admin::SystemGauges gauges;
  admin::SystemReading reading;
  add_reading(gauges, reading, std::nullopt);
  const std::string json = system_json(gauges, reading);
  CHECK(json.starts_with(R"({"host":{"cpu_percent":{"current":null,"average":null,"max":null},"load_1m":{"current":0,)"));
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
