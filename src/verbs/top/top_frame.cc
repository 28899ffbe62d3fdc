#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "../quantities.h"
#include "../table.h"
#include "../view.h"
#include "top_columns.h"
#include "top_route.h"
#include "top_state.h"

namespace weir::verbs {

namespace {

Page help_page() {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kKeys = {{
      {"up, down, k, j, page up, page down", "choose a route, or move through a page"},
      {"home, end", "the first route, the last one"},
      {"Enter", "open the route: where its time goes, its slow requests"},
      {"Esc", "back, or show all routes again"},
      {"/", "show those routes alone whose name has what you type"},
      {"s, >", "order by the next column"},
      {"S, <", "order by the column before"},
      {"w, W", "a longer window, a shorter one: 1m, 5m, 1h, 1d, all"},
      {"Space", "ask at once"},
      {"h, ?, F1", "this help"},
      {"Ctrl-L", "draw anew"},
      {"q, Ctrl-C", "quit"},
  }};
  Table table({{"KEY", Column::Align::left}, {"DOES", Column::Align::left}});
  for (const auto& [key, does] : kKeys) table.add({{std::string(key), Style::strong}, {std::string(does)}});
  return table.page(0);
}

Span cell_of(const TopColumn& column, const Json::Member& route, double total_time) {
  const Json& value = route.value[column.field];
  if (column.field == "tag") return {route.name, Style::strong};
  if (column.field == "error_rate") return {percent_text(value.number()), style_of_error_rate(value.number_or(0))};
  if (column.field == "slow_count") return warning_count(value);
  if (column.field == "time_spent") {
    return {total_time > 0 ? percent_text(100 * value.number_or(0) / total_time) : percent_text(std::nullopt)};
  }
  return {column.text(value.number())};
}

}  // namespace

Frame TopState::frame(std::size_t columns, std::size_t rows) {
  return mode_ == Mode::table ? table_frame(columns, rows) : page_frame(columns, rows);
}

/// Where it looks, how it is, and all routes together.
Page TopState::head() const {
  Line title = {{"weir top", Style::strong}, {"  "}};
  if (trouble_.empty()) {
    const std::string state(health_["status"].text());
    if (const std::string name(health_["name"].text()); !name.empty()) title.push_back({harmless(name) + "  "});
    title.push_back({fmt::format("{}  window {}  every {}  ", url_, window_, every_)});
    title.push_back({harmless(state), style_of_state(state)});
  } else {
    title.push_back({"stale: " + harmless(trouble_), Style::bad});
  }
  Page page = {title};
  if (mode_ == Mode::table) append(page, draw_summary(stats_));
  page.resize(mode_ == Mode::table ? 3 : 1);
  if (is_typing_) {
    page.push_back({{"filter: " + harmless(filter_) + "_", Style::strong}});
  } else if (mode_ == Mode::table && !filter_.empty()) {
    page.push_back({{fmt::format("filter: {}  (Esc shows all)", harmless(filter_)), Style::warning}});
  } else {
    page.push_back({});
  }
  return page;
}

Line TopState::foot() const {
  Line line;
  const auto add = [&](std::string_view key, std::string_view does) {
    line.push_back({fmt::format("{}{}", line.empty() ? "" : "  ", key), Style::strong});
    line.push_back({fmt::format(" {}", does)});
  };
  if (is_typing_) {
    add("Enter", "keep the filter");
    add("Esc", "show all");
    return line;
  }
  // The way out first: a narrow terminal cuts the rest.
  add("q", "quit");
  add("h", "help");
  add("w", "window");
  if (mode_ == Mode::table) {
    add("s", "sort");
    add("/", "filter");
    add("Enter", "open");
  } else {
    add("Esc", "back");
  }
  return line;
}

Page TopState::table(std::size_t columns, const std::vector<const Json::Member*>& routes) const {
  std::vector<Column> titles;
  for (const TopColumn& column : kTopColumns) {
    const bool is_name = column.field == "tag";
    const bool is_order = column.field == sort_;
    // What it is ordered by stays on the screen.
    titles.push_back({.title = std::string(column.title),
                      .align = is_name ? Column::Align::left : Column::Align::right,
                      .narrowest = is_name ? 20U : 0U,
                      .expendable = is_order ? 0 : column.expendable,
                      .title_style = is_order ? Style::good : Style::heading});
  }
  const double total_time = stats_["avg_duration"].number_or(0) * stats_["total_requests"].number_or(0);
  Table table(std::move(titles));
  for (const Json::Member* route : routes) {
    std::vector<Span> cells;
    for (const TopColumn& column : kTopColumns) cells.push_back(cell_of(column, *route, total_time));
    table.add(std::move(cells));
  }
  return table.page(columns);
}

Frame TopState::table_frame(std::size_t columns, std::size_t rows) {
  Frame frame{.page = head(), .selected = std::nullopt};
  const auto routes = shown_routes();
  Page page = table(columns, routes);
  frame.page.push_back(page.front());
  const std::size_t taken = frame.page.size() + 1;
  rows_on_screen_ = rows > taken ? rows - taken : 1;

  const auto found =
      std::find_if(routes.begin(), routes.end(), [&](const auto* route) { return route->name == selected_; });
  if (found != routes.end()) {
    const auto at = static_cast<std::size_t>(found - routes.begin());
    first_row_ = std::clamp(first_row_, at + 1 - std::min(at + 1, rows_on_screen_), at);
  }
  first_row_ = std::min(first_row_, routes.size() - std::min(routes.size(), rows_on_screen_));
  for (std::size_t i = first_row_; i < routes.size() && i < first_row_ + rows_on_screen_; ++i) {
    if (routes[i]->name == selected_) frame.selected = frame.page.size();
    frame.page.push_back(page[i + 1]);
  }
  if (routes.empty()) {
    frame.page.push_back({{stats_.is_null()   ? "asking ..."
                           : filter_.empty() ? "no request in this window"
                                             : "no route has that in its name"}});
  }
  frame.page.resize(std::max(rows, std::size_t{1}) - 1);
  frame.page.push_back(foot());
  return frame;
}

Page TopState::body(std::size_t columns) const {
  return mode_ == Mode::help ? help_page() : route_page(opened_, route_, slow_, columns);
}

Frame TopState::page_frame(std::size_t columns, std::size_t rows) {
  Frame frame{.page = head(), .selected = std::nullopt};
  const Page text = body(columns);
  const std::size_t taken = frame.page.size() + 1;
  rows_on_screen_ = rows > taken ? rows - taken : 1;
  first_row_ = std::min(first_row_, text.size() - std::min(text.size(), rows_on_screen_));
  for (std::size_t i = first_row_; i < text.size() && i < first_row_ + rows_on_screen_; ++i)
    frame.page.push_back(text[i]);
  frame.page.resize(std::max(rows, std::size_t{1}) - 1);
  frame.page.push_back(foot());
  return frame;
}

}  // namespace weir::verbs
