#include "top_state.h"

#include <algorithm>
#include <array>

#include <weir/base/bytes.h>

#include "../call.h"
#include "top_columns.h"

namespace weir::verbs {

namespace {

constexpr std::array<std::string_view, 5> kWindows = {"1m", "5m", "1h", "1d", "all"};
constexpr std::string_view kSlowSamples = "20";

bool contains(std::string_view text, std::string_view part) {
  const auto found = std::search(text.begin(), text.end(), part.begin(), part.end(),
                                 [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
  return found != text.end() || part.empty();
}

template <class Values>
std::string_view turned(const Values& values, std::string_view now, int by) {
  const auto size = static_cast<int>(std::size(values));
  const auto at = std::find(std::begin(values), std::end(values), now);
  const int place = at == std::end(values) ? (by > 0 ? -1 : size) : static_cast<int>(at - std::begin(values));
  return values[static_cast<std::size_t>((place + by + size) % size)];
}

}  // namespace

TopState::TopState(std::string url, std::string every, const Parameters& parameters)
    : url_(std::move(url)), every_(std::move(every)) {
  for (const auto& [name, value] : parameters) {
    if (name == "window") {
      window_ = value;
    } else if (name == "sort") {
      sort_ = value;
    } else {
      kept_.emplace_back(name, value);
    }
  }
}

std::vector<std::string> TopState::questions() const {
  Parameters window = {{"window", window_}};
  if (mode_ == Mode::route) {
    Parameters one = {{"route", opened_}, {"window", window_}};
    Parameters slow = one;
    slow.emplace_back("limit", kSlowSamples);
    return {target_of("/admin/performance/stats", one), target_of("/admin/performance/slow-queries", slow)};
  }
  Parameters all = kept_;
  all.emplace_back("window", window_);
  return {target_of("/admin/performance/stats", all), target_of("/admin/performance/health", {})};
}

void TopState::take(std::vector<Json> answers) {
  trouble_.clear();
  if (answers.size() != 2) return;
  if (mode_ == Mode::route) {
    route_ = std::move(answers[0]);
    slow_ = std::move(answers[1]);
  } else {
    stats_ = std::move(answers[0]);
    health_ = std::move(answers[1]);
  }
}

TopState::Reaction TopState::press(Key key) {
  if (is_typing_) return press_in_filter(key);
  if (key.kind == Key::Kind::character && key.character == 'j') key = {Key::Kind::down};
  if (key.kind == Key::Kind::character && key.character == 'k') key = {Key::Kind::up};
  if (const auto reaction = press_anywhere(key)) return *reaction;
  return mode_ == Mode::table ? press_in_table(key) : press_in_page(key);
}

TopState::Reaction TopState::press_in_filter(Key key) {
  switch (key.kind) {
    case Key::Kind::character: filter_ += key.character; break;
    case Key::Kind::backspace:
      if (!filter_.empty()) filter_.pop_back();
      break;
    case Key::Kind::escape: filter_.clear(); [[fallthrough]];
    case Key::Kind::enter: is_typing_ = false; break;
    default: break;
  }
  first_row_ = 0;
  return Reaction::draw;
}

std::optional<TopState::Reaction> TopState::press_anywhere(Key key) {
  if (key.kind == Key::Kind::help) key = {Key::Kind::character, '?'};
  if (key.kind != Key::Kind::character) return std::nullopt;
  switch (key.character) {
    case 'q': return Reaction::quit;
    case '?':
    case 'h':
      mode_ = mode_ == Mode::help ? Mode::table : Mode::help;
      first_row_ = 0;
      return Reaction::ask;
    case 'w': turn_window(1); return Reaction::ask;
    case 'W': turn_window(-1); return Reaction::ask;
    case ' ': return Reaction::ask;
    default: return std::nullopt;
  }
}

TopState::Reaction TopState::press_in_table(Key key) {
  if (move(key)) return Reaction::draw;
  if (key.kind == Key::Kind::enter) return open_selected();
  if (key.kind == Key::Kind::escape) filter_.clear();
  if (key.kind != Key::Kind::character) return Reaction::draw;
  switch (key.character) {
    case '/': is_typing_ = true; break;
    case 's':
    case '>': turn_sort(1); break;
    case 'S':
    case '<': turn_sort(-1); break;
    default: break;
  }
  return Reaction::draw;
}

/// A page of text: moving scrolls, everything that means away leads back to the table.
TopState::Reaction TopState::press_in_page(Key key) {
  const std::size_t page = std::max<std::size_t>(1, rows_on_screen_ - 1);
  switch (key.kind) {
    case Key::Kind::up: first_row_ -= std::min<std::size_t>(first_row_, 1); return Reaction::draw;
    case Key::Kind::down: ++first_row_; return Reaction::draw;
    case Key::Kind::page_up: first_row_ -= std::min(first_row_, page); return Reaction::draw;
    case Key::Kind::page_down: first_row_ += page; return Reaction::draw;
    case Key::Kind::home: first_row_ = 0; return Reaction::draw;
    case Key::Kind::escape:
    case Key::Kind::enter:
    case Key::Kind::backspace:
      mode_ = Mode::table;
      first_row_ = 0;
      return Reaction::ask;
    default: return Reaction::draw;
  }
}

/// Moves the selection.
bool TopState::move(Key key) {
  const auto routes = shown_routes();
  if (routes.empty()) return false;
  const auto found =
      std::find_if(routes.begin(), routes.end(), [&](const auto* route) { return route->name == selected_; });
  const bool has_selection = found != routes.end();
  const auto at = has_selection ? static_cast<std::size_t>(found - routes.begin()) : 0;
  const std::size_t last = routes.size() - 1;
  std::size_t to = at;
  switch (key.kind) {
    case Key::Kind::up: to = at == 0 ? 0 : at - 1; break;
    case Key::Kind::down: to = has_selection ? at + 1 : 0; break;
    case Key::Kind::page_up: to = at - std::min(at, rows_on_screen_); break;
    case Key::Kind::page_down: to = at + rows_on_screen_; break;
    case Key::Kind::home: to = 0; break;
    case Key::Kind::end: to = last; break;
    default: return false;
  }
  selected_ = routes[std::min(to, last)]->name;
  return true;
}

void TopState::turn_sort(int by) {
  std::vector<std::string_view> fields;
  for (const TopColumn& column : kTopColumns) fields.push_back(column.field);
  sort_ = turned(fields, sort_, by);
  first_row_ = 0;
}

void TopState::turn_window(int by) { window_ = turned(kWindows, window_, by); }

TopState::Reaction TopState::open_selected() {
  const auto routes = shown_routes();
  if (routes.empty()) return Reaction::draw;
  const bool is_there =
      std::any_of(routes.begin(), routes.end(), [&](const auto* route) { return route->name == selected_; });
  if (!is_there) selected_ = routes.front()->name;
  opened_ = selected_;
  route_ = Json();
  slow_ = Json();
  mode_ = Mode::route;
  first_row_ = 0;
  return Reaction::ask;
}

/// Those that the filter lets through, in their order.
std::vector<const Json::Member*> TopState::shown_routes() const {
  std::vector<const Json::Member*> routes;
  for (const Json::Member& route : stats_["endpoint_stats"].members()) {
    if (contains(route.name, filter_)) routes.push_back(&route);
  }
  std::stable_sort(routes.begin(), routes.end(), [&](const auto* a, const auto* b) {
    if (sort_ == "tag") return a->name < b->name;
    return a->value[sort_].number_or(-1) > b->value[sort_].number_or(-1);
  });
  return routes;
}

}  // namespace weir::verbs
