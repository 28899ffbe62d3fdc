#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <weir/base/settings.h>

namespace weir::route {

/// `routes`: one pattern that people name. The most specific match wins, whatever the order.
struct RouteOptions {
  /// `GET /users/{id}`, or `/reports/{name}` for any method: see Pattern::parse.
  std::string match;
  std::string upstream;     ///< empty: the listener's
  std::string group;        ///< a name that views and targets can use; empty: none
  std::string count_as;     ///< each success counts one custom event of this name; empty: none
  Nanos slow_threshold = 1s;  ///< at or above it a request is slow; left out: that of `measure`
  bool stream = false;        ///< its successful responses may be silent for long: duration is the time to first byte
  int line = 0;             ///< in the file, for messages; 0 where it came from elsewhere

  void read(Settings& settings);
};

/// Notes every route of the list under `key` that takes the same requests as one before it.
void check_duplicates(Settings& settings, std::string_view key, const std::vector<RouteOptions>& routes);

/// Notes where the patterns overlap so much that a match would have to give up (Table::kMaxVisits).
void check_overlap(Settings& settings, std::string_view key, const std::vector<RouteOptions>& routes);

}  // namespace weir::route
