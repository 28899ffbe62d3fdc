#include <fmt/format.h>

#include "../quantities.h"
#include "../table.h"
#include "../view.h"

namespace weir::verbs {

namespace {

Span check_cell(const Json& service) {
  const Json& check = service["last_check"];
  if (check.is_null()) return {service["checked"].is_true() ? "to come" : "none", Style::faint};
  return {fmt::format("{} in {}", check["outcome"].text(), duration_text(check["latency"].number())),
          check["good"].is_true() ? Style::plain : Style::bad};
}

}  // namespace

Page draw_services(const Json& answer, std::size_t width) {
  Page page;
  using Align = Column::Align;
  Table table({{"UPSTREAM", Align::left, 8, 5},
               {"SERVER", Align::left, 22},
               {"STATE", Align::left},
               {"LAST CHECK", Align::left, 14},
               {"REQUESTS", Align::right, 0, 1},
               {"ERRORS"},
               {"P50", Align::right, 0, 2},
               {"P99", Align::right, 0, 4},
               {fmt::format("LAST USED ({})", time_zone()), Align::left, 0, 3}});
  for (const Json& service : answer["services"].items()) {
    const std::string state(service["state"].text());
    const double error_rate = service["error_rate"].number_or(0);
    table.add({{std::string(service["upstream"].text())},
               {std::string(service["url"].text()), Style::strong},
               {state, style_of_state(state)},
               check_cell(service),
               {count_text(service["total_requests"].number())},
               {percent_text(error_rate), style_of_error_rate(error_rate)},
               {duration_text(service["p50_duration"].number())},
               {duration_text(service["p99_duration"].number())},
               {local_time_text(service["last_seen"].text()), Style::faint}});
  }
  if (table.is_empty()) {
    add_note(page, "no service");
    return page;
  }
  append(page, table.page(width));
  return page;
}

}  // namespace weir::verbs
