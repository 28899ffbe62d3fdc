#include <fmt/format.h>

#include "../quantities.h"
#include "../table.h"
#include "../view.h"

namespace weir::verbs {

Page draw_routes(const Json& answer, std::size_t width) {
  Page page;
  Line counts;
  const Json& known = answer["known"].is_null() ? answer["count"] : answer["known"];
  add_count(counts, known, "route");
  if (answer["count"].number_or(0) < known.number_or(0)) add_fact(counts, count_text(answer["count"].number()), "shown");
  add_fact(counts, count_text(answer["max_routes"].number()), "at most");
  page.push_back(counts);
  if (answer["routes"].items().empty()) {
    add_note(page, "no route yet: name some in routes:, or send traffic through weir, which learns them");
    return page;
  }
  using Align = Column::Align;
  Table table({{"ROUTE", Align::left, 24},
               {"FROM", Align::left},
               {"GROUP", Align::left, 8, 3},
               {"REQUESTS"},
               {"PATHS", Align::right, 0, 2},
               {"WHY", Align::left, 20, 1}});
  for (const Json& route : answer["routes"].items()) {
    const std::string source = std::string(route["source"].text()) + (route["pinned"].is_true() ? ", pinned" : "");
    table.add({{std::string(route["pattern"].text()), Style::strong},
               {source},
               {std::string(route["group"].text())},
               {count_text(route["total_requests"].number())},
               {count_text(route["distinct_paths"].number())},
               {std::string(route["explain"].text()), Style::faint}});
  }
  page.push_back({});
  append(page, table.page(width));
  return page;
}

}  // namespace weir::verbs
