#include <fmt/format.h>

#include "../quantities.h"
#include "../table.h"
#include "../view.h"

namespace weir::verbs {

namespace {

void add_counts(Table& table, Span name, const Json& counts) {
  table.add({std::move(name),
             {percent_text(counts["hit_rate"].number()), Style::strong},
             {count_text(counts["hits"].number())},
             {count_text(counts["misses"].number())},
             {count_text(counts["unknown"].number())}});
}

}  // namespace

Page draw_cache(const Json& answer, std::size_t width) {
  Page page;
  const auto& layers = answer["layers"].members();
  if (layers.empty()) {
    add_note(page, "no answer has named a cache (Cache-Status, X-Cache; see measure.cache_headers)");
    return page;
  }
  using Align = Column::Align;
  Table table({{"LAYER", Align::left, 20}, {"HIT RATE"}, {"HITS"}, {"MISSES"}, {"UNKNOWN", Align::right, 0, 1}});
  for (const auto& [name, layer] : layers) {
    add_counts(table, {name, Style::strong}, layer);
    for (const auto& [route, counts] : layer["endpoints"].members()) add_counts(table, {"  " + route}, counts);
  }
  append(page, table.page(width));
  return page;
}

}  // namespace weir::verbs
