#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <weir/base/clock.h>
#include <weir/base/ids.h>
#include <weir/base/method.h>

/// Room `export`: a View and what belongs to it, out as text. Everything is a pure function of immutable data, so that
/// any thread may do it. (`export` is a keyword of C++, hence the namespace's name.)
namespace weir::exporter {

/// What the ids of a View stand for, as of one moment. Immutable once built; any thread may read it.
struct Legend {
  struct Route {
    std::string path;          ///< `/users/{id}`, or the name that a person gave it; printable
    std::string group;         ///< empty for none
    Nanos slow_threshold{0};   ///< 0: that of all
  };

  std::vector<Route> routes;         ///< by RouteId
  std::vector<std::string> servers;  ///< by ServerId: `http://127.0.0.1:3000`
  std::vector<std::string> upstreams;  ///< by ServerId: the name of the upstream that the server belongs to
  Nanos slow_threshold{0};           ///< of all routes that have none of their own

  /// `(unmatched)` for kUnmatchedRoute and for an id that is not known.
  std::string_view path(RouteId route) const;
  /// Empty where it belongs to none.
  std::string_view group(RouteId route) const;
  /// `GET /users/{id}`, or `(unmatched)` whatever the method.
  std::string tag(RouteId route, Method method) const;
  /// Empty where weir answered itself.
  std::string_view server(ServerId server) const;
  /// Empty where it is not known.
  std::string_view upstream(ServerId server) const;
};

inline constexpr std::string_view kUnmatchedPath = "(unmatched)";

/// Valid UTF-8 without control characters: what is none is percent-encoded. Metric labels must be UTF-8, or the whole
/// scrape is lost.
std::string printable(std::string_view text);

}  // namespace weir::exporter
