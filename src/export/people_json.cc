#include <weir/base/json_writer.h>
#include <weir/export/performance_json.h>

#include "figures_json.h"

namespace weir::exporter {

namespace {

double time_spent(const stats::PersonCounts& counts) {
  return tidy_seconds(static_cast<double>(counts.time_ns) * 1e-9);
}

void write_person(JsonWriter& json, std::string_view kind, const stats::Person& person) {
  const stats::PersonCounts& counts = person.counts;
  json.begin_object().member(kind, person.name);
  json.member("total_requests", counts.requests).member("total_errors", counts.errors);
  json.member("error_rate", tidy_percent(counts.error_rate())).member("rate_limited", counts.refused);
  json.member("avg_duration", tidy_seconds(counts.mean_seconds())).member("time_spent", time_spent(counts));
  json.member("last_seen", rfc3339(person.last_seen)).member("missed_requests_at_most", person.missed_requests);
  json.end_object();
}

}  // namespace

std::string people_json(const stats::PeopleView& view, stats::Party party, std::string_view source, bool is_stale) {
  const std::string kind(label(party));
  std::string out;
  JsonWriter json(out);
  json.begin_object().key(kind + "s").begin_array();
  for (const stats::Person& person : view.top) write_person(json, kind, person);
  json.end_array().member("count", view.top.size());
  const double active_error = view.is_active_exact ? 0 : stats::PeopleView::kActiveError;
  json.member("active", view.active).member("active_relative_error", active_error);
  json.member("followed", view.followed).key("unlisted_at_most").begin_object();
  json.member("total_requests", view.unlisted.requests).member("total_errors", view.unlisted.errors);
  json.member("rate_limited", view.unlisted.refused).member("time_spent", time_spent(view.unlisted)).end_object();
  write_text_or_null(json, "source", source);
  json.member("sort", label(view.request.order)).member("window", label(view.request.window));
  json.member("since", rfc3339(view.since)).member("as_of", rfc3339(view.as_of.wall));
  if (is_stale) json.member("stale", true);
  json.end_object();
  return out;
}

}  // namespace weir::exporter
