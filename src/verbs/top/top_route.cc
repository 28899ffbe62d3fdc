#include "top_route.h"

#include <fmt/format.h>

#include "../quantities.h"
#include "../table.h"
#include "../view.h"
#include "../views/samples_view.h"

namespace weir::verbs {

namespace {

using Align = Column::Align;

/// `2xx 449   4xx 1`
Line status_line(const Json& status) {
  Line line;
  for (const auto& [name, count] : status.members()) {
    if (count.number_or(0) > 0) add_fact(line, count_text(count.number()), name);
  }
  return line;
}

Page distributions(std::string_view title, const Json& parts, std::size_t width) {
  Table table({{std::string(title), Align::left, 12}, {"AVERAGE"}, {"P95"}, {"P99"}});
  for (const auto& [name, part] : parts.members()) {
    table.add({{name, Style::strong},
               {duration_text(part["avg"].number())},
               {duration_text(part["p95"].number())},
               {duration_text(part["p99"].number())}});
  }
  return table.is_empty() ? Page() : table.page(width);
}

Page caches(const Json& layers, std::size_t width) {
  Table table({{"CACHE", Align::left, 12}, {"HIT RATE"}, {"HITS"}, {"MISSES"}});
  for (const auto& [name, counts] : layers.members()) {
    table.add({{name, Style::strong},
               {percent_text(counts["hit_rate"].number())},
               {count_text(counts["hits"].number())},
               {count_text(counts["misses"].number())}});
  }
  return table.is_empty() ? Page() : table.page(width);
}

void append_apart(Page& page, Page more) {
  if (more.empty()) return;
  page.push_back({});
  append(page, std::move(more));
}

}  // namespace

Page route_page(std::string_view name, const Json& stats, const Json& slow, std::size_t width) {
  Page page = {{{harmless(name), Style::strong}}};
  if (stats.is_null()) {
    page.push_back({{"asking ..."}});
    return page;
  }
  append(page, draw_summary(stats));
  const Line status = status_line(stats["status"]);
  if (!status.empty()) page.push_back(status);
  append_apart(page, distributions("PHASE", stats["phases"], width));
  append_apart(page, distributions("COMPONENT", stats["components"], width));
  append_apart(page, caches(stats["caches"], width));
  if (slow["slow_queries"].items().empty()) {
    add_note(page, "no slow request is kept");
  } else {
    append_apart(page, slow_table(slow["slow_queries"], width));
  }
  return page;
}

}  // namespace weir::verbs
