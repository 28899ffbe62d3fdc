#include <fmt/format.h>

#include "../quantities.h"
#include "../table.h"
#include "../view.h"

namespace weir::verbs {

namespace {

std::string share_text(const Json& spent, double total) {
  return total > 0 ? percent_text(100 * spent.number_or(0) / total) : percent_text(std::nullopt);
}

}  // namespace

Page draw_summary(const Json& answer) {
  const double error_rate = answer["error_rate"].number_or(0);
  Line counts;
  add_count(counts, answer["total_requests"], "request");
  add_count(counts, answer["total_errors"], "error", fmt::format(" ({})", percent_text(error_rate)),
            style_of_error_rate(error_rate) == Style::plain ? Style::strong : style_of_error_rate(error_rate));
  add_fact(counts, count_text(answer["slow_queries_count"].number()), "slow",
           answer["slow_queries_count"].number_or(0) > 0 ? Style::warning : Style::strong);
  add_fact(counts, rate_text(answer["requests_per_minute"].number()), "a minute");
  add_fact(counts, count_text(answer["in_flight"].number()), "in flight");
  counts.push_back({"   " + span_text(answer), Style::faint});
  if (answer["total_requests"].number_or(0) == 0) return {counts};

  Line durations;
  for (const char* name : {"p50", "p90", "p95", "p99", "max"}) {
    durations.push_back({fmt::format("{}{} ", durations.empty() ? "" : "   ", name), Style::faint});
    durations.push_back({duration_text(answer[fmt::format("{}_duration", name)].number()), Style::strong});
  }
  return {counts, durations};
}

Page draw_stats(const Json& answer, std::size_t width) {
  Page page = draw_summary(answer);
  const auto& routes = answer["endpoint_stats"].members();
  if (routes.empty()) {
    const bool is_all = answer["window"].text() == "all";
    add_note(page, answer["total_requests"].number_or(0) > 0 ? "no route to show"
                   : is_all ? "no traffic yet: send a request through weir, then ask again"
                            : "no request in this window");
    return page;
  }
  // The share is of all that was asked for, also where a limit shows only some of it.
  const double total =
      answer["avg_duration"].number_or(0) * answer["total_requests"].number_or(0);
  using Align = Column::Align;
  Table table({{"ROUTE", Align::left, 24},
               {"REQUESTS"},
               {"PER MIN", Align::right, 0, 4},
               {"ERRORS"},
               {"P50", Align::right, 0, 1},
               {"P95", Align::right, 0, 3},
               {"P99"},
               {"MAX", Align::right, 0, 5},
               {"SLOW", Align::right, 0, 6},
               {"TIME", Align::right, 0, 2}});
  for (const auto& [name, route] : routes) {
    const double error_rate = route["error_rate"].number_or(0);
    table.add({{name, Style::strong},
               {count_text(route["total_requests"].number())},
               {rate_text(route["requests_per_minute"].number())},
               {percent_text(error_rate), style_of_error_rate(error_rate)},
               {duration_text(route["p50_duration"].number())},
               {duration_text(route["p95_duration"].number())},
               {duration_text(route["p99_duration"].number())},
               {duration_text(route["max_duration"].number())},
               warning_count(route["slow_count"]),
               {share_text(route["time_spent"], total)}});
  }
  page.push_back({});
  append(page, table.page(width));
  return page;
}

}  // namespace weir::verbs
