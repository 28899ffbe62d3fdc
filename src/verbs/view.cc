#include "view.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <weir/base/check.h>

#include "quantities.h"

namespace weir::verbs {

namespace {

// As in the verdict on health.
constexpr double kWarningRate = 5;
constexpr double kBadRate = 10;

constexpr std::array<View, count_of<Subject>()> kViews = {{
    {Subject::stats, "/admin/performance/stats", draw_stats, "time_spent"},
    {Subject::routes, "/admin/performance/routes", draw_routes},
    {Subject::slow, "/admin/performance/slow-queries", draw_slow},
    {Subject::errors, "/admin/performance/errors", draw_errors},
    {Subject::health, "/admin/performance/health", draw_health},
    {Subject::users, "/admin/performance/users", draw_users},
    {Subject::tenants, "/admin/performance/tenants", draw_tenants},
    {Subject::services, "/admin/performance/services", draw_services},
    {Subject::system, "/admin/performance/system", draw_system},
    {Subject::cache, "/admin/cache/stats", draw_cache},
    {Subject::marks, "/admin/performance/marks", draw_marks},
    {Subject::networks, "/admin/performance/networks", draw_networks},
    {Subject::events, "/admin/performance/events", draw_events},
}};

}  // namespace

const View& view_of(Subject subject) {
  const auto* found =
      std::find_if(kViews.begin(), kViews.end(), [&](const View& view) { return view.subject == subject; });
  WEIR_CHECK(found != kViews.end(), "every subject has a view");
  return *found;
}

void add_fact(Line& line, std::string value, std::string_view label, Style style) {
  if (!line.empty()) line.push_back({"   "});
  line.push_back({harmless(value), style});
  line.push_back({fmt::format(" {}", label), Style::faint});
}

void add_count(Line& line, const Json& count, std::string_view thing, std::string_view more, Style style) {
  add_fact(line, count_text(count.number()), plural(count.number_or(0), thing).append(more), style);
}

std::string plural(double count, std::string_view thing) { return fmt::format("{}{}", thing, count == 1 ? "" : "s"); }

void add_note(Page& page, std::string text) {
  if (!page.empty()) page.push_back({});
  page.push_back({{harmless(text)}});
}

void append(Page& page, Page more) {
  page.insert(page.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Style style_of_error_rate(double percent) {
  if (percent > kBadRate) return Style::bad;
  return percent >= kWarningRate ? Style::warning : Style::plain;
}

Style style_of_state(std::string_view state) {
  if (state == "healthy") return Style::good;
  if (state == "unhealthy") return Style::bad;
  return state == "unknown" ? Style::plain : Style::warning;
}

Style style_of_status(double status) {
  if (status >= 500 || status == 0) return Style::bad;
  return status >= 400 ? Style::warning : Style::plain;
}

Span warning_count(const Json& count) {
  return {count_text(count.number()), count.number_or(0) > 0 ? Style::warning : Style::plain};
}

std::string span_text(const Json& answer) {
  const std::string_view window = answer["window"].text();
  if (!window.empty() && window != "all") return fmt::format("over the last {}", window);
  const std::string_view since = answer["since"].text();
  return since.empty() ? std::string("since the start or reset") : fmt::format("since {}", local_time_text(since));
}

}  // namespace weir::verbs
