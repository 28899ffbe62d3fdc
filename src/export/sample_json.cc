#include "sample_json.h"

#include <algorithm>
#include <array>

#include <weir/stats/figures.h>

#include "figures_json.h"

namespace weir::exporter {

namespace {

/// The contract's four first, then the rest; what weir added lies across them and stands apart.
constexpr std::array<stats::Phase, 8> kOrder = {
    stats::Phase::connect,     stats::Phase::send,  stats::Phase::wait,  stats::Phase::receive,
    stats::Phase::client_send, stats::Phase::queue, stats::Phase::retry, stats::Phase::client_read};

double phase_seconds(const stats::Record& record, stats::Phase phase) {
  return tidy_seconds(static_cast<double>(stats::phase_of(record.phases, phase)) * 1e-9);
}

}  // namespace

void write_sample(JsonWriter& json, const stats::Sample& sample, const Legend& legend) {
  const stats::Record& record = sample.record;
  json.begin_object().member("timestamp", rfc3339(sample.ended));
  json.member("method", sample.method.empty() ? label(record.method) : std::string_view(sample.method));
  json.member("route", legend.path(record.route)).member("path", sample.path).member("status", record.status);
  json.member("duration", seconds(Nanos(record.duration_ns)));
  json.key("phases").begin_object();
  for (const stats::Phase phase : kOrder) json.member(label(phase), phase_seconds(record, phase));
  json.end_object();
  write_text_or_null(json, "upstream", legend.server(record.server));
  json.member("bytes_in", record.bytes_in).member("bytes_out", record.bytes_out).member("client", sample.client);
  write_text_or_null(json, "user", sample.user);
  write_text_or_null(json, "request_id", sample.request_id);

  json.member("weir", phase_seconds(record, stats::Phase::weir));
  const bool is_slow = sample.slow_reason != stats::SlowReason::none;
  write_text_or_null(json, "slow_reason", is_slow ? label(sample.slow_reason) : std::string_view());
  if (sample.slow_reason == stats::SlowReason::p99) json.member("usual_p99", seconds(sample.usual_p99));
  write_text_or_null(json, "fault", record.fault == Fault::none ? std::string_view() : label(record.fault));
  write_text_or_null(json, "side", record.fault == Fault::none ? std::string_view() : label(side_of(record.fault)));
  json.member("local_reply", record.has(stats::kLocalReply));
  json.member("reused_connection", record.has(stats::kReusedConnection)).member("retried", record.has(stats::kRetried));
  json.key("failed_attempts").begin_array();
  for (std::size_t i = 0; i < std::min<std::size_t>(record.attempts.count, record.attempts.servers.size()); ++i) {
    json.value(legend.server(record.attempts.servers[i]));
  }
  json.end_array();
  json.member("concurrency", record.concurrency).member("route_concurrency", record.route_concurrency);
  write_text_or_null(json, "tenant", sample.tenant);
  write_text_or_null(json, "trace_id", sample.trace_id);
  write_text_or_null(json, "server_timing", sample.server_timing);
  json.key("components").begin_object();
  for (const auto& [name, taken] : sample.components) json.member(name, seconds(taken));
  json.end_object();
  write_text_or_null(json, "cache", sample.cache_status);
  if (record.has(stats::kStream)) json.member("stream_duration", seconds(Nanos(record.stream_ns)));
  json.end_object();
}

}  // namespace weir::exporter
