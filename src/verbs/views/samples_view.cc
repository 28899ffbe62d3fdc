#include "samples_view.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "../quantities.h"
#include "../table.h"
#include "../view.h"

namespace weir::verbs {

namespace {

/// Less than this share of the whole is not where the time went.
constexpr double kSmallestShare = 0.02;

std::string text_or_dash(const Json& value) { return value.text().empty() ? "-" : std::string(value.text()); }

std::string tag_of(const Json& sample) {
  // What fits no route has no method in its tag either.
  const std::string_view route = sample["route"].text();
  return route.starts_with('/') ? fmt::format("{} {}", sample["method"].text(), route) : std::string(route);
}

std::string status_text(const Json& sample) {
  const double status = sample["status"].number_or(0);
  return status == 0 ? "-" : fmt::format("{:.0f}", status);
}

/// Beside what it is slow.
std::string why_slow(const Json& sample) {
  const std::string_view reason = sample["slow_reason"].text();
  const Json& usual = sample["usual_p99"];
  if (reason.empty()) return "-";
  return usual.number() ? fmt::format("{} {}", reason, duration_text(usual.number())) : std::string(reason);
}

std::string errors_by_class(const Json& answer) {
  std::string out;
  for (const char* kind : {"4xx", "5xx", "none"}) {
    const double count = answer["status"][kind].number_or(0);
    if (count == 0) continue;
    const bool is_none = std::string_view(kind) == "none";
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count_text(count), is_none ? "without a status" : kind);
  }
  return out;
}

std::string own_thresholds(const Json& answer) {
  const double others = answer["own_thresholds"].number_or(0);
  if (others == 0) return {};
  return fmt::format(" ({} {} {} another threshold)", count_text(others), plural(others, "route"), others == 1 ? "has" : "have");
}

/// What a list without rows says: how many there were, whether kept or not.
std::string none_listed(double counted, std::string_view thing, const Json& answer) {
  if (answer["kept"].number_or(0) > 0) return "none shown (--limit 0)";
  if (counted == 0) return fmt::format("no {}", thing);
  return fmt::format("none that is kept fits what you asked for; {} {} counted in all", count_text(counted),
                     plural(counted, thing));
}

}  // namespace

std::string where_time_went(const Json& sample) {
  const double whole = sample["duration"].number_or(0);
  std::vector<std::pair<double, std::string_view>> parts;
  for (const auto& [name, seconds] : sample["phases"].members()) {
    if (seconds.number_or(0) > whole * kSmallestShare) parts.emplace_back(seconds.number_or(0), name);
  }
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string out;
  for (const auto& [seconds, name] : parts) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, duration_text(seconds));
  }
  return out.empty() ? "-" : out;
}

Page slow_table(const Json& samples, std::size_t width) {
  using Align = Column::Align;
  Table table({{fmt::format("TIME ({})", time_zone()), Align::left, 0, 3},
               {"DURATION"},
               {"WHY SLOW", Align::left, 0, 7},
               {"STATUS", Align::right, 0, 2},
               {"REQUEST", Align::left, 20},
               {"WHERE THE TIME WENT", Align::left, 19},
               {"ROUTE", Align::left, 16, 6},
               {"UPSTREAM", Align::left, 12, 9},
               {"CLIENT", Align::left, 0, 5},
               {"USER", Align::left, 8, 4},
               {"REQUEST ID", Align::left, 12, 8}});
  for (const Json& sample : samples.items()) {
    table.add({{local_time_text(sample["timestamp"].text(), width)},
               {duration_text(sample["duration"].number()), Style::strong},
               {why_slow(sample)},
               {status_text(sample), style_of_status(sample["status"].number_or(0))},
               {fmt::format("{} {}", sample["method"].text(), sample["path"].text()), Style::strong},
               {where_time_went(sample)},
               {tag_of(sample)},
               {text_or_dash(sample["upstream"])},
               {text_or_dash(sample["client"])},
               {text_or_dash(sample["user"])},
               {text_or_dash(sample["request_id"]), Style::faint}});
  }
  return table.page(width);
}

Page draw_slow(const Json& answer, std::size_t width) {
  Page page;
  Line counts;
  const double total = answer["slow_queries_count"].number_or(0);
  const double shown = answer["count"].number_or(0);
  add_count(counts, answer["slow_queries_count"], "slow request",
            fmt::format(", of {} and more{}", duration_text(answer["threshold"].number()), own_thresholds(answer)));
  if (shown > 0) counts.push_back({fmt::format("   {} {}", answer["order"].text(), count_text(shown)), Style::faint});
  page.push_back(counts);
  if (answer["slow_queries"].items().empty()) {
    add_note(page, none_listed(total, "slow request", answer));
    return page;
  }
  page.push_back({});
  append(page, slow_table(answer["slow_queries"], width));
  return page;
}

Page draw_errors(const Json& answer, std::size_t width) {
  const double error_rate = answer["error_rate"].number_or(0);
  Page page;
  Line counts;
  add_count(counts, answer["total_errors"], "error",
            fmt::format(" in {} {} ({}) {}", count_text(answer["total_requests"].number()),
                        plural(answer["total_requests"].number_or(0), "request"), percent_text(error_rate),
                        span_text(answer)),
            error_rate > 0 ? Style::bad : Style::strong);
  const std::string classes = errors_by_class(answer);
  if (!classes.empty()) counts.push_back({"   " + classes});
  if (answer["client_aborted"].number_or(0) > 0) {
    add_fact(counts, count_text(answer["client_aborted"].number()), "given up by the client");
  }
  page.push_back(counts);
  if (answer["errors"].items().empty()) {
    add_note(page, none_listed(answer["total_errors"].number_or(0), "error", answer));
    return page;
  }
  using Align = Column::Align;
  Table table({{fmt::format("TIME ({})", time_zone()), Align::left, 0, 3},
               {"STATUS"},
               {"FAULT", Align::left, 14},
               {"DURATION", Align::right, 0, 7},
               {"REQUEST", Align::left, 20},
               {"ROUTE", Align::left, 16, 6},
               {"UPSTREAM", Align::left, 12, 9},
               {"CLIENT", Align::left, 0, 5},
               {"USER", Align::left, 8, 4},
               {"REQUEST ID", Align::left, 12, 8}});
  for (const Json& sample : answer["errors"].items()) {
    table.add({{local_time_text(sample["timestamp"].text(), width)},
               {status_text(sample), style_of_status(sample["status"].number_or(0))},
               {text_or_dash(sample["fault"])},
               {duration_text(sample["duration"].number())},
               {fmt::format("{} {}", sample["method"].text(), sample["path"].text()), Style::strong},
               {tag_of(sample)},
               {text_or_dash(sample["upstream"])},
               {text_or_dash(sample["client"])},
               {text_or_dash(sample["user"])},
               {text_or_dash(sample["request_id"]), Style::faint}});
  }
  page.push_back({});
  append(page, table.page(width));
  return page;
}

}  // namespace weir::verbs
