#include <weir/export/services_json.h>

#include <algorithm>

#include <weir/base/json_writer.h>

#include "figures_json.h"

namespace weir::exporter {

namespace {

void write_check(JsonWriter& json, const std::optional<Service::Check>& check) {
  json.key("last_check");
  if (!check) {
    json.null();
    return;
  }
  json.begin_object().member("timestamp", rfc3339(check->at)).member("good", check->is_good);
  json.member("outcome", check->outcome).member("latency", tidy_seconds(seconds(check->latency))).end_object();
}

void write_traffic(JsonWriter& json, const stats::ServerView* traffic, Nanos measured) {
  static const stats::Figures kNothing;
  const stats::Figures& figures = traffic == nullptr ? kNothing : traffic->figures;
  json.member("total_requests", figures.counts.requests).member("total_errors", figures.counts.errors);
  json.member("error_rate", tidy_percent(figures.error_rate()));
  json.member("requests_per_minute",
              tidy_rate(stats::per_minute(static_cast<double>(figures.counts.requests), measured)));
  write_durations(json, figures.duration);
  json.key("status");
  write_status(json, figures);
  json.key("last_seen");
  if (figures.is_empty()) {
    json.null();
  } else {
    json.value(rfc3339(traffic->last_seen));
  }
}

}  // namespace

std::string services_json(const stats::View& view, std::span<const Service> services, bool is_stale) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("services").begin_array();
  for (const Service& service : services) {
    const auto traffic = std::find_if(view.servers.begin(), view.servers.end(),
                                      [&](const stats::ServerView& server) { return server.server == service.server; });
    json.begin_object().member("type", "upstream").member("upstream", service.upstream).member("url", service.url);
    json.member("state", service.state).member("checked", service.is_checked);
    write_check(json, service.check);
    write_traffic(json, traffic == view.servers.end() ? nullptr : &*traffic, view.measured);
    json.end_object();
  }
  json.end_array().member("count", services.size()).member("window", label(view.window));
  write_bounds(json, view, is_stale);
  json.end_object();
  return out;
}

}  // namespace weir::exporter
