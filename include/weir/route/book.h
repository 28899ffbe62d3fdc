#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <weir/base/ids.h>
#include <weir/base/method.h>
#include <weir/base/names.h>
#include <weir/base/result.h>
#include <weir/route/pattern.h>
#include <weir/route/table.h>

namespace weir::route {

class Learner;

enum class Source : std::uint8_t { config, openapi, learned };

/// What a configured route may say beside its pattern.
struct Properties {
  std::string group;                    ///< a name that targets and views use; empty for none
  std::string count_as;                 ///< each success counts one custom event of this name; empty for none
  std::optional<UpstreamId> upstream;   ///< nothing = the listener's
  std::int64_t slow_threshold_ns = 0;   ///< 0 = the threshold of all
  bool is_stream = false;               ///< see Match::is_stream
};

struct Configured {
  Pattern pattern;
  Source source = Source::config;
  Properties properties;
  std::string file = {};  ///< the OpenAPI file that says so, as the configuration names it; empty for others
};

/// What the book knows of one route.
struct Route {
  RouteId id;
  Pattern pattern{std::nullopt, {}};
  Source source = Source::learned;
  Properties properties;
  std::string file;       ///< of an openapi one
  std::string name;       ///< given by a person; empty = the pattern's path is its name
  std::string explain;    ///< why it is one route, a sentence or two
  std::uint64_t distinct_paths = 0;  ///< folded in; exact up to 256, then with a standard error of 2.3 %
  bool is_pinned = false;
  std::string pinned_by;  ///< who, and when, for people; may be empty
  std::string pinned_at;
  bool is_live = true;    ///< false once merged into another, or gone from the configuration
};

/// One finished exchange as the learner sees it.
struct Sighting {
  Method method = Method::other;
  std::string_view path;       ///< without the query
  std::uint16_t status = 0;    ///< as the app answered; 0 if it did not. weir's own answers teach nothing
};

/// The figures of `from` belong to `into` from now on; add them up, then forget `from`.
struct Merge {
  RouteId from;
  RouteId into;
};

/// What people decided about learned routes, to be kept over restarts.
struct Decision {
  std::string pattern;   ///< `GET /users/{user_id}`
  std::string name;      ///< empty unless it was given one in place of its pattern
  std::string by;        ///< who decided, for people; may be empty
  std::string at;        ///< when, RFC 3339; may be empty
};

struct BookOptions {
  bool is_learning = true;
  std::size_t max_routes = 1000;  ///< live ones, written ones included; these are taken in even beyond it
};

/// All routes that weir knows, and how it came to know them. Gives each its id: dense from 0 (kUnmatchedRoute), never
/// reused; for learned ones at most up to `max_ids()` in a process's life. Memory is bounded whatever is sent.
/// Thread: the control thread alone. Workers see the tables.
class RouteBook {
 public:
  explicit RouteBook(BookOptions options = {});
  ~RouteBook();
  RouteBook(const RouteBook&) = delete;
  RouteBook& operator=(const RouteBook&) = delete;

  /// Replaces what configuration and OpenAPI files said. A pattern that was there before keeps its id. Learned routes
  /// stay, but for those that a new pattern takes over, whose figures merge into it.
  void configure(const std::vector<Configured>& routes);
  /// What a reload may change. Routes that were learned stay, but while learning is off nothing is tagged with them.
  void set_options(BookOptions options);

  /// Takes in one exchange: those of no known route, and those whose Match says `is_studied`. Returns the route that
  /// it belongs to, kUnmatchedRoute if there is none. Never throws anything away that was counted: see `take_merges`.
  RouteId learn(const Sighting& sighting);

  /// One exchange of `route` had the path with this `distinct_hash`.
  void count_path(RouteId route, std::uint64_t hash);

  /// Merges since the last call, in order.
  std::vector<Merge> take_merges();
  /// Where the figures of `route` are now.
  RouteId current(RouteId route) const;

  /// The newest table; the same one as long as nothing has changed. May be shared with any thread.
  std::shared_ptr<const Table> table();
  bool is_table_stale() const { return is_stale_; }

  /// Ids handed out so far, kUnmatchedRoute included; every id below it has a Route.
  std::size_t size() const { return routes_.size(); }
  std::size_t live_count() const { return live_; }
  std::size_t max_ids() const;
  const Route& route(RouteId id) const { return routes_[id.index()]; }
  /// The same with `explain` and `distinct_paths`, which `route` leaves empty.
  Route describe(RouteId id) const;
  /// `GET /users/{id}`, `OTHER /x`, or `(unmatched)`. `method` counts where the route holds for any.
  std::string tag(RouteId id, Method method) const;

  /// By tag or pattern text, live ones only.
  std::optional<RouteId> find(std::string_view text) const;

  // What people may decide about learned routes. These three say what it comes to; `decide` does it.

  /// The learner leaves it as it is from now on.
  Result<Decision> pin(RouteId id) const;
  /// Another pattern text of the same shape, so other names for its parameters; or a name for a person.
  Result<Decision> rename(RouteId id, std::string_view name) const;
  /// `path` out of a learned pattern as a pinned route of its own: `/users/me` out of `/users/{id}`.
  Result<Decision> split(RouteId id, std::string_view path) const;

  /// Takes decisions over, of now or of an earlier life. A route keeps its id, hence its figures. What cannot be is left
  /// out and named in the Error.
  Status decide(const std::vector<Decision>& decisions);
  /// Takes a decision back: the learner finds the route again, or another that its figures go to.
  Status forget(RouteId id);
  /// All that hold.
  std::vector<Decision> decisions() const;

 private:
  struct Counts;

  std::optional<RouteId> make_learned(Pattern pattern);
  RouteId make(Pattern pattern, Source source);
  void write_down(const Configured& configured, std::unordered_map<std::string, RouteId>& known);
  void fold_into_written();
  void give_back();
  std::optional<RouteId> find_shape(const Pattern& pattern) const;
  void merge(RouteId from, RouteId into);
  void take_over(RouteId id);
  void apply_changes();
  void rebuild_fixed();
  std::vector<Table::Entry> fixed_entries() const;
  Status check_learned(RouteId id) const;

  BookOptions options_;
  std::vector<Route> routes_;
  std::vector<RouteId> current_;
  std::vector<Merge> merges_;
  std::unique_ptr<Learner> learner_;
  std::unique_ptr<Counts> counts_;
  std::shared_ptr<const Table> table_;
  std::shared_ptr<const Table> fixed_;  ///< configured and pinned ones alone: they are nothing to learn
  std::vector<RouteId> forgotten_;  ///< not live, and the learner has not found them again yet
  std::size_t live_ = 0;
  bool is_stale_ = true;
};

}  // namespace weir::route

template <>
struct weir::Names<weir::route::Source> {
  static constexpr std::array<std::string_view, 3> labels = {"config", "openapi", "learned"};
};
