#include <fmt/format.h>

#include "../quantities.h"
#include "../table.h"
#include "../view.h"

namespace weir::verbs {

namespace {

/// A figure is written by what its name ends in, so that new ones show up without a line here.
std::string figure_text(std::string_view name, const Json& value) {
  if (name.ends_with("_percent")) return percent_text(value.number());
  if (name.ends_with("_bytes")) return size_text(value.number());
  if (name.ends_with("_seconds")) return duration_text(value.number());
  if (name.starts_with("load")) return rate_text(value.number());
  return count_text(value.number());
}

/// `resident_memory_bytes` to `resident memory`.
std::string title_of(std::string_view part, std::string_view name) {
  if (name == "cpu_seconds") return "cpu time";
  // A process may use more than one core, the host no more than all.
  if (name == "cpu_percent") return part == "weir" ? "cpu (of one core)" : "cpu (of all cores)";
  for (const std::string_view unit : {"_percent", "_bytes", "_seconds"}) {
    if (name.ends_with(unit)) name.remove_suffix(unit.size());
  }
  std::string title(name);
  for (char& c : title) c = c == '_' ? ' ' : c;
  return title;
}

void add_figures(Table& table, std::string_view part, const Json& figures) {
  for (const auto& [name, value] : figures.members()) {
    const std::string title = fmt::format("{} {}", part, title_of(part, name));
    if (value.number()) {
      table.add({{title}, {figure_text(name, value), Style::strong}, {""}, {""}});
    } else if (!value.members().empty()) {
      table.add({{title},
                 {figure_text(name, value["current"]), Style::strong},
                 {figure_text(name, value["average"])},
                 {figure_text(name, value["max"])}});
    }
  }
}

}  // namespace

Page draw_system(const Json& answer, std::size_t width) {
  using Align = Column::Align;
  Table table({{"FIGURE", Align::left, 16}, {"NOW"}, {"AVERAGE", Align::right, 0, 1}, {"MAX"}});
  for (const auto& [part, figures] : answer.members()) add_figures(table, part == "process" ? "weir" : part, figures);
  Page page = table.page(width);
  if (const auto every = answer["sampled_every"].number()) {
    const auto samples = answer["samples"].number();
    add_note(page, fmt::format("average and max of {} {}, one every {}", count_text(samples),
                               plural(samples.value_or(0), "reading"), duration_text(every)));
  }
  return page;
}

}  // namespace weir::verbs
