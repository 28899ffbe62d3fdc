#include <fmt/format.h>

#include "../quantities.h"
#include "../table.h"
#include "../view.h"

namespace weir::verbs {

namespace {

/// A number without a unit, in as many digits as say something.
std::string number_text(const Json& value) {
  const auto number = value.number();
  return number ? fmt::format("{:.4g}", *number) : "-";
}

/// What one such event is: how long on average, how much, how high, how many different ones.
std::string value_text(std::string_view kind, const Json& figures) {
  if (kind == "timing") return duration_text(figures["avg_duration"].number());
  if (kind == "distribution") return number_text(figures["avg"]);
  if (kind == "gauge") return number_text(figures["value"]);
  if (kind == "set") return count_text(figures["members"].number());
  return "";
}

std::string quantile_text(std::string_view kind, std::string_view quantile, const Json& figures) {
  if (kind == "timing") return duration_text(figures[fmt::format("{}_duration", quantile)].number());
  return kind == "distribution" ? number_text(figures[quantile]) : std::string();
}

std::string tags_text(const Json& tags) {
  std::string out;
  for (const auto& [name, value] : tags.members())
    out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value.text());
  return out.empty() ? "without tags" : out;
}

void add_row(Table& table, Span name, std::string_view kind, const Json& figures) {
  const bool is_whole = name.style == Style::strong;
  table.add({std::move(name),
             {is_whole ? std::string(kind) : std::string()},
             {count_text(figures["count"].number())},
             {rate_text(figures["per_minute"].number())},
             {value_text(kind, figures)},
             {quantile_text(kind, "p50", figures)},
             {quantile_text(kind, "p95", figures)},
             {quantile_text(kind, "p99", figures)},
             {local_time_text(figures["last_seen"].text()), Style::faint}});
}

}  // namespace

Page draw_events(const Json& answer, std::size_t width) {
  Page page;
  if (answer["events"].items().empty()) {
    add_note(page, "no event: send one to /admin/performance/events, or name one in count_as of a route");
    return page;
  }
  using Align = Column::Align;
  Table table({{"EVENT", Align::left, 20},
               {"TYPE", Align::left},
               {"COUNT"},
               {"PER MIN", Align::right, 0, 3},
               {"VALUE"},
               {"P50", Align::right, 0, 4},
               {"P95", Align::right, 0, 2},
               {"P99", Align::right, 0, 5},
               {fmt::format("LAST SEEN ({})", time_zone()), Align::left, 0, 1}});
  for (const Json& event : answer["events"].items()) {
    add_row(table, {std::string(event["name"].text()), Style::strong}, event["type"].text(), event);
    for (const Json& series : event["series"].items()) {
      add_row(table, {"  " + tags_text(series["tags"])}, event["type"].text(), series);
    }
  }
  append(page, table.page(width));
  const double malformed = answer["statsd"]["malformed"].number_or(0);
  if (malformed > 0) {
    add_note(page, fmt::format("StatsD: {} {} could not be read (--json shows the newest)", count_text(malformed),
                               plural(malformed, "line")));
  }
  const double simplified = answer["statsd"]["simplified"].number_or(0);
  if (simplified > 0) {
    add_note(page, fmt::format("StatsD: {} {} counted without some tags or sections (--json shows the newest)",
                               count_text(simplified), plural(simplified, "line")));
  }
  return page;
}

}  // namespace weir::verbs
