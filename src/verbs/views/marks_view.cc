#include <fmt/format.h>

#include "../quantities.h"
#include "../table.h"
#include "../view.h"

namespace weir::verbs {

Page draw_marks(const Json& answer, std::size_t width) {
  Page page;
  if (answer["marks"].items().empty()) {
    add_note(page, "no mark: weir marks add NAME when you deploy");
    return page;
  }
  using Align = Column::Align;
  Table table(
      {{fmt::format("TIME ({})", time_zone()), Align::left}, {"MARK", Align::left, 12}, {"NOTE", Align::left, 12}});
  for (const Json& mark : answer["marks"].items()) {
    table.add({{local_time_text(mark["timestamp"].text())},
               {std::string(mark["name"].text()), Style::strong},
               {std::string(mark["text"].text())}});
  }
  append(page, table.page(width));
  return page;
}

}  // namespace weir::verbs
