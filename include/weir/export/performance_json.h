#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/names.h>
#include <weir/export/legend.h>
#include <weir/export/selection.h>
#include <weir/export/status_set.h>
#include <weir/judge/health.h>
#include <weir/stats/view.h>

namespace weir::exporter {

/// What an answer is made from. Everything in it is immutable, so a pool's thread may write it out.
struct Picture {
  stats::ViewPtr view;
  std::shared_ptr<const Legend> legend;
  Selection selection;
  bool is_stale = false;  ///< a worker did not hand over in time: the answer says so with `"stale": true`
};

/// Lists are cut to this many, where nobody asked for another number.
inline constexpr std::size_t kDefaultSamples = 50;
inline constexpr std::size_t kRecentSlow = 10;

struct StatsRequest {
  std::string sort;                  ///< see is_sort_key; empty: by tag
  std::optional<std::size_t> limit;  ///< of `endpoint_stats`
};

/// `tag`, or any number in an element of `endpoint_stats`, largest first.
bool is_sort_key(std::string_view key);
/// All of them, for messages.
std::string sort_keys();

enum class Order : std::uint8_t { newest, slowest };
/// Another way to say Order, by the field that decides.
enum class SampleSort : std::uint8_t { timestamp, duration };
/// Of `routes`: as weir came to know them, by path, or largest first.
enum class RouteSort : std::uint8_t { known, path, total_requests, distinct_paths };
/// Slow for which reason; see stats::SlowReason.
enum class Reason : std::uint8_t { any, threshold, p99 };

struct SampleRequest {
  std::size_t limit = kDefaultSamples;
  Nanos min{0};  ///< those that took at least this long
  Order order = Order::newest;
  Reason reason = Reason::any;  ///< of slow ones
  std::optional<StatusSet> statuses = std::nullopt;
};

/// One known route, as the route book describes it.
struct RouteEntry {
  RouteId id;
  std::string pattern;      ///< `GET /users/{id}`, or the path alone where it holds for any method
  std::string method;       ///< empty for any
  std::string path;
  std::string name;         ///< empty unless a person gave one
  std::string_view source;  ///< config, openapi, learned
  std::string file;         ///< the OpenAPI file, as the configuration names it; empty for others
  std::string group;
  std::string explain;
  std::uint64_t distinct_paths = 0;
  bool is_pinned = false;
};

/// `GET /admin/performance/stats`
std::string stats_json(const Picture& picture, const StatsRequest& request);
/// One finished request, as an element of `slow_queries`: an event of `GET /admin/performance/tap`.
std::string sample_json(const stats::Sample& sample, const Legend& legend);
/// `GET /admin/performance/slow-queries`
std::string slow_queries_json(const Picture& picture, const SampleRequest& request);
/// `GET /admin/performance/errors`
std::string errors_json(const Picture& picture, const SampleRequest& request);
/// `GET /admin/performance/samples`: ordinary ones, drawn at random.
std::string samples_json(const Picture& picture, const SampleRequest& request);
/// `GET /admin/performance/metrics`: one picture a window, all of one moment.
std::string metrics_json(std::span<const Picture> pictures);
struct RoutesRequest {
  RouteSort sort = RouteSort::known;
  std::optional<std::size_t> limit;
};

/// `GET /admin/performance/routes`. `view` counts the requests of each over its window.
std::string routes_json(const stats::View& view, std::vector<RouteEntry> routes, std::size_t max_routes,
                        const RoutesRequest& request = {});
/// A view whose total is that of the selection, to be judged by. Samples and series may be missing.
stats::ViewPtr narrowed(const Picture& picture);
/// `GET /admin/performance/health`. `view` is over the window that `health` was judged by.
/// `name`: which weir this is; empty: not said.
std::string health_json(const stats::View& view, const judge::Health& health, bool is_stale,
                        std::string_view name = {});
/// `GET /admin/cache/stats`: hits and misses a cache layer, in all and a route.
std::string cache_stats_json(const Picture& picture);
/// `GET /admin/performance/users`, `…/tenants`, `…/networks`. `source` says where they are read from; empty: nobody asks.
std::string people_json(const stats::PeopleView& view, stats::Party party, std::string_view source, bool is_stale);
/// `POST /admin/performance/reset`
std::string reset_json(WallTime at);

/// `2d 3h`, `1h 0m`, `5m 12s`, `12s`: the two largest units.
std::string uptime_text(Nanos uptime);

}  // namespace weir::exporter

template <>
struct weir::Names<weir::exporter::Order> {
  static constexpr std::array<std::string_view, 2> labels = {"newest", "slowest"};
};
template <>
struct weir::Names<weir::exporter::SampleSort> {
  static constexpr std::array<std::string_view, 2> labels = {"timestamp", "duration"};
};
template <>
struct weir::Names<weir::exporter::RouteSort> {
  static constexpr std::array<std::string_view, 4> labels = {"known", "path", "total_requests", "distinct_paths"};
};
template <>
struct weir::Names<weir::exporter::Reason> {
  static constexpr std::array<std::string_view, 3> labels = {"any", "threshold", "p99"};
};
