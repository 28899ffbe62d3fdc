#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/verbs/client.h>

#include "../json.h"
#include "../text.h"

namespace weir::verbs {

/// A key that was pressed.
struct Key {
  enum class Kind : std::uint8_t { character, up, down, page_up, page_down, home, end, enter, escape, backspace, help };
  Kind kind = Kind::character;
  char character = 0;  ///< of the kind `character`: printable ASCII
};

/// What the screen shows.
struct Frame {
  Page page;
  std::optional<std::size_t> selected;  ///< the line that stands out
};

/// `weir top` without its screen, its clock and its connection: keys and answers go in, questions and frames come out.
class TopState {
 public:
  enum class Reaction : std::uint8_t { draw, ask, quit };

  /// `parameters` are those of `stats`: the route, method and group to keep to, the window and the order to begin with.
  TopState(std::string url, std::string every, const Parameters& parameters);

  /// What to ask for now, as targets of the API.
  std::vector<std::string> questions() const;
  /// The answers to them, in their order.
  void take(std::vector<Json> answers);
  /// Why there are none: what is shown is stale from now on.
  void fail(std::string_view why) { trouble_ = why; }

  Reaction press(Key key);
  Frame frame(std::size_t columns, std::size_t rows);

 private:
  enum class Mode : std::uint8_t { table, route, help };

  Reaction press_in_filter(Key key);
  Reaction press_in_table(Key key);
  Reaction press_in_page(Key key);
  std::optional<Reaction> press_anywhere(Key key);
  bool move(Key key);
  void turn_sort(int by);
  void turn_window(int by);
  Reaction open_selected();

  std::vector<const Json::Member*> shown_routes() const;
  Page head() const;
  Line foot() const;
  Page table(std::size_t columns, const std::vector<const Json::Member*>& routes) const;
  Page body(std::size_t columns) const;
  Frame table_frame(std::size_t columns, std::size_t rows);
  Frame page_frame(std::size_t columns, std::size_t rows);

  const std::string url_;
  const std::string every_;
  Parameters kept_;           ///< route, method and group
  std::string window_ = "5m";
  std::string sort_ = "time_spent";
  Mode mode_ = Mode::table;
  std::string filter_;
  bool is_typing_ = false;    ///< the filter
  std::string opened_;        ///< the route of the mode `route`
  std::string selected_;      ///< by name, so that it stays when the order changes
  std::size_t first_row_ = 0;
  std::size_t rows_on_screen_ = 1;

  Json stats_;
  Json health_;
  Json route_;                ///< stats of the opened route
  Json slow_;                 ///< and its slow requests
  std::string trouble_;
};

}  // namespace weir::verbs
