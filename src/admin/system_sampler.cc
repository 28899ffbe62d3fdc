#include "system_sampler.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <weir/base/json_writer.h>

namespace weir::admin {

namespace {

/// The file system that weir runs from; its history will lie there.
constexpr const char* kDisk = ".";

constexpr std::size_t kFirstOfProcess = static_cast<std::size_t>(SystemFigure::process_cpu_percent);

double as_number(std::uint64_t count) { return static_cast<double>(count); }

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

/// Lags are short: to the microsecond. The rest is to two decimals.
double tidy(SystemFigure figure, double value) {
  const double steps = figure >= SystemFigure::worker_loop_lag_seconds ? 1e6 : 100;
  return std::round(value * steps) / steps;
}

/// Of now: the reading may be seconds old.
double uptime(const SystemReading& reading, TimePoint now) {
  const double then = std::chrono::duration<double>(reading.at.time_since_epoch()).count();
  return std::max(0.0, then - reading.process.start_time_seconds + seconds(now - reading.clock));
}

void write_gauge(JsonWriter& json, SystemFigure figure, const Gauge& gauge, const Gauge::Span& span) {
  const auto write = [&](std::string_view name, double value) {
    json.key(name);
    if (span.samples == 0) {
      json.null();
    } else {
      json.value(tidy(figure, value));
    }
  };
  json.key(label(figure)).begin_object();
  write("current", gauge.current());
  write("average", span.average);
  write("max", span.highest);
  json.end_object();
}

}  // namespace

void add_reading(SystemGauges& gauges, const SystemReading& now, const std::optional<SystemReading>& before) {
  const auto add = [&](SystemFigure figure, double value) {
    gauges[static_cast<std::size_t>(figure)].add(value, now.clock);
  };
  const std::uint64_t memory_used = now.memory_total_bytes - now.memory_available_bytes;
  const std::uint64_t disk_used = now.disk_total_bytes - now.disk_free_bytes;
  add(SystemFigure::host_load_1m, now.load_1m);
  add(SystemFigure::host_memory_percent, percent(as_number(memory_used), as_number(now.memory_total_bytes)));
  add(SystemFigure::host_memory_used_bytes, as_number(memory_used));
  add(SystemFigure::host_disk_percent, percent(as_number(disk_used), as_number(now.disk_total_bytes)));
  add(SystemFigure::host_disk_used_bytes, as_number(disk_used));
  add(SystemFigure::process_resident_memory_bytes, as_number(now.process.resident_bytes));
  add(SystemFigure::process_open_fds, as_number(now.process.open_fds));
  add(SystemFigure::process_threads, now.process.threads);
  add(SystemFigure::worker_loop_lag_seconds, now.process.worker_loop_lag_seconds);
  add(SystemFigure::control_loop_lag_seconds, now.process.control_loop_lag_seconds);
  if (!before) return;
  const double host_passed = now.host_total_seconds - before->host_total_seconds;
  const double own_passed = host_passed / now.cpus;
  if (host_passed <= 0) return;
  add(SystemFigure::host_cpu_percent, percent(now.host_busy_seconds - before->host_busy_seconds, host_passed));
  add(SystemFigure::process_cpu_percent, percent(now.process.cpu_seconds - before->process.cpu_seconds, own_passed));
}

std::string system_json(const SystemGauges& gauges, const SystemReading& reading, stats::Window window, TimePoint now,
                        const Identity& identity) {
  std::string out;
  JsonWriter json(out);
  const auto write_gauges = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      write_gauge(json, static_cast<SystemFigure>(i), gauges[i], gauges[i].over(window, now));
    }
  };
  json.begin_object().member("pid", identity.pid).member("name", identity.name).member("version", identity.version);
  json.key("host").begin_object();
  write_gauges(0, kFirstOfProcess);
  json.member("cpus", reading.cpus).member("memory_total_bytes", reading.memory_total_bytes);
  json.member("disk_total_bytes", reading.disk_total_bytes).end_object();
  json.key("process").begin_object();
  write_gauges(kFirstOfProcess, gauges.size());
  json.member("cpu_seconds", reading.process.cpu_seconds).member("virtual_memory_bytes", reading.process.virtual_bytes);
  json.member("max_fds", reading.process.max_fds);
  json.member("uptime_seconds", std::round(uptime(reading, now)));
  json.end_object().member("window", label(window));
  json.member("samples", gauges[kFirstOfProcess + 1].over(window, now).samples);
  json.member("sampled_every", seconds(SystemSampler::kInterval)).member("as_of", rfc3339(reading.at)).end_object();
  return out;
}

SystemSampler::SystemSampler(net::Loop& loop, net::Work& work, std::function<LoopLag()> take_lag)
    : work_(work), take_lag_(std::move(take_lag)), timer_(loop, [this] { sample(); }) {
  timer_.start(Nanos::zero(), kInterval);
}

void SystemSampler::sample() {
  const auto reading = std::make_shared<SystemReading>();
  const LoopLag lag = take_lag_();
  work_.run([reading] { *reading = read_system(kDisk); },
            [this, reading, lag] {
              reading->process.worker_loop_lag_seconds = seconds(lag.workers);
              reading->process.control_loop_lag_seconds = seconds(lag.control);
              add_reading(gauges_, *reading, reading_);
              reading_ = *reading;
            });
}

}  // namespace weir::admin
