#include "learner.h"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>
#include <utility>

#include <weir/base/distinct_hashes.h>
#include <weir/route/book.h>
#include <weir/route/normal_form.h>

namespace weir::route {

namespace {

/// Folding uses ids up, and they are not given out again: as many as this for every route that may live.
constexpr std::size_t kIdsPerRoute = 8;

Pattern with_any_kind(Pattern pattern) {
  std::vector<Segment> segments = pattern.segments();
  for (Segment& segment : segments) segment.kinds = kAnyKind;
  return Pattern(pattern.method(), std::move(segments));
}

/// Why a pinned route is one.
std::string pinned_text(const Route& route) {
  if (route.pinned_by.empty()) return "Pinned by hand.";
  return fmt::format("Pinned by {} at {}.", route.pinned_by, route.pinned_at);
}

}  // namespace

struct RouteBook::Counts {
  std::vector<DistinctHashes<256, 2048>> paths;  ///< by id

  auto& paths_of(RouteId route) {
    if (paths.size() <= route.index()) paths.resize(route.index() + 1);
    return paths[route.index()];
  }
};

RouteBook::RouteBook(BookOptions options)
    : options_(options),
      routes_(1),
      current_(1),
      learner_(std::make_unique<Learner>([this](Method method) {
        return make_learned(Pattern(method, {})).value_or(kUnmatchedRoute);
      })),
      counts_(std::make_unique<Counts>()) {
  routes_[0].is_live = false;
  rebuild_fixed();
}

RouteBook::~RouteBook() = default;

std::size_t RouteBook::max_ids() const { return 1 + kIdsPerRoute * options_.max_routes; }

std::optional<RouteId> RouteBook::make_learned(Pattern pattern) {
  if (live_ >= options_.max_routes || routes_.size() >= max_ids()) return std::nullopt;
  return make(std::move(pattern), Source::learned);
}

RouteId RouteBook::make(Pattern pattern, Source source) {
  Route route;
  route.id = RouteId(static_cast<std::uint32_t>(routes_.size()));
  route.pattern = std::move(pattern);
  route.source = source;
  current_.push_back(route.id);
  routes_.push_back(std::move(route));
  ++live_;
  is_stale_ = true;
  return routes_.back().id;
}

std::optional<RouteId> RouteBook::find_shape(const Pattern& pattern) const {
  const std::string shape = pattern.shape();
  for (const Route& route : routes_) {
    if (route.id != kUnmatchedRoute && current_[route.id.index()] == route.id && route.pattern.shape() == shape) {
      return route.id;
    }
  }
  return std::nullopt;
}

void RouteBook::set_options(BookOptions options) {
  is_stale_ = is_stale_ || options.is_learning != options_.is_learning;
  options_ = options;
}

void RouteBook::configure(const std::vector<Configured>& routes) {
  std::unordered_map<std::string, RouteId> known;
  for (Route& route : routes_) {
    if (route.id == kUnmatchedRoute || current_[route.id.index()] != route.id) continue;
    known.emplace(route.pattern.shape(), route.id);
    if (route.source == Source::learned || !route.is_live) continue;
    route.is_live = false;
    --live_;
  }
  for (const Configured& configured : routes) write_down(configured, known);
  fold_into_written();
  rebuild_fixed();
}

void RouteBook::write_down(const Configured& configured, std::unordered_map<std::string, RouteId>& known) {
  const std::string shape = configured.pattern.shape();
  const auto found = known.find(shape);
  if (found == known.end()) {
    Route& made = routes_[make(configured.pattern, configured.source).index()];
    made.properties = configured.properties;
    made.file = configured.file;
    known.emplace(shape, made.id);
    return;
  }
  Route& route = routes_[found->second.index()];
  if (route.is_live && route.source != Source::learned) return;  // the first of two holds
  take_over(route.id);
  if (!route.is_live) {
    route.is_live = true;
    ++live_;
  }
  route.pattern = configured.pattern;
  route.source = configured.source;
  route.properties = configured.properties;
  route.file = configured.file;
  route.is_pinned = false;
}

/// What has been learned under a pattern that is written now is part of it.
void RouteBook::fold_into_written() {
  for (std::size_t i = 1; i < routes_.size(); ++i) {
    if (routes_[i].source != Source::learned || !routes_[i].is_live || routes_[i].is_pinned) continue;
    const Route* closest = nullptr;
    for (const Route& other : routes_) {
      const bool takes = other.is_live && other.source != Source::learned && other.pattern.covers(routes_[i].pattern);
      if (takes && (closest == nullptr || closest->pattern.covers(other.pattern))) closest = &other;
    }
    if (closest == nullptr) continue;
    take_over(routes_[i].id);
    merge(routes_[i].id, closest->id);
  }
}

void RouteBook::take_over(RouteId id) {
  if (routes_[id.index()].source == Source::learned) learner_->drop(id);
}

RouteId RouteBook::learn(const Sighting& given) {
  Sighting sighting = given;
  std::string normal;
  if (!is_normal_form(given.path)) {
    append_normal_form(normal, given.path);
    sighting.path = normal;
  }
  const RouteId fixed = fixed_->match(sighting.method, sighting.path).route;
  if (fixed != kUnmatchedRoute || !options_.is_learning) return fixed;
  const RouteId found = current(learner_->learn(sighting));
  apply_changes();
  return current(found);
}

void RouteBook::count_path(RouteId route, std::uint64_t hash) {
  if (route != kUnmatchedRoute) counts_->paths_of(current(route)).add(hash);
}

void RouteBook::apply_changes() {
  for (const Merge& one : std::exchange(learner_->merges(), {})) merge(one.from, one.into);
  if (!learner_->has_changed()) return;
  learner_->forget_changes();
  is_stale_ = true;
  for (Learner::Learned& learned : learner_->routes()) {
    routes_[learned.route.index()].pattern = std::move(learned.pattern);
  }
  if (!forgotten_.empty()) give_back();
}

void RouteBook::merge(RouteId from, RouteId into) {
  from = current(from);
  into = current(into);
  if (from == into) return;
  current_[from.index()] = into;
  if (std::exchange(routes_[from.index()].is_live, false)) --live_;
  const auto paths = std::exchange(counts_->paths_of(from), {});
  counts_->paths_of(into).merge(paths);
  merges_.push_back({from, into});
  is_stale_ = true;
}

std::vector<Merge> RouteBook::take_merges() { return std::exchange(merges_, {}); }

RouteId RouteBook::current(RouteId route) const {
  while (current_[route.index()] != route) route = current_[route.index()];
  return route;
}

std::vector<Table::Entry> RouteBook::fixed_entries() const {
  std::vector<Table::Entry> entries;
  const auto add = [&](const Route& route) {
    const Match match{.route = route.id,
                      .upstream = route.properties.upstream,
                      .slow_threshold_ns = route.properties.slow_threshold_ns,
                      .is_stream = route.properties.is_stream};
    entries.push_back({with_any_kind(route.pattern), match, route.source == Source::learned});
  };
  for (const Route& route : routes_) {
    if (route.is_live && route.source != Source::learned) add(route);
  }
  for (const Route& route : routes_) {
    if (route.is_live && route.source == Source::learned && route.is_pinned) add(route);
  }
  return entries;
}

void RouteBook::rebuild_fixed() {
  fixed_ = std::make_shared<const Table>(fixed_entries());
  is_stale_ = true;
}

std::shared_ptr<const Table> RouteBook::table() {
  if (!is_stale_ && table_ != nullptr) return table_;
  std::vector<Table::Entry> entries = fixed_entries();
  for (Learner::Learned& learned : options_.is_learning ? learner_->routes() : std::vector<Learner::Learned>()) {
    Match match;
    match.route = learned.route;
    match.is_studied = learned.is_studied;
    entries.push_back({std::move(learned.pattern), match, true});
  }
  table_ = std::make_shared<const Table>(entries);
  is_stale_ = false;
  return table_;
}

Route RouteBook::describe(RouteId id) const {
  Route route = routes_[id.index()];
  route.distinct_paths = counts_->paths_of(id).value();
  if (id == kUnmatchedRoute) {
    route.explain = "Requests that fit no known route and whose answers did not show one.";
  } else if (route.source == Source::config) {
    route.explain = "Written in the configuration.";
  } else if (route.source == Source::openapi) {
    route.explain = fmt::format("Written in the OpenAPI file {}.", route.file);
  } else if (route.is_pinned) {
    route.explain = pinned_text(route);
  } else {
    route.explain = learner_->explain(id);
  }
  return route;
}

std::string RouteBook::tag(RouteId id, Method method) const {
  if (id == kUnmatchedRoute) return "(unmatched)";
  const Pattern& pattern = route(id).pattern;
  return fmt::format("{} {}", label(pattern.method().value_or(method)), pattern.path());
}

std::optional<RouteId> RouteBook::find(std::string_view text) const {
  // A pattern may be written as it is in the configuration: raw, or with several parameters in a segment.
  const auto pattern = Pattern::parse(text);
  const std::string printed = pattern ? pattern.value().text() : std::string();
  for (const Route& route : routes_) {
    if (!route.is_live) continue;
    const std::string known = route.pattern.text();
    if (known == text || known == printed || (!route.name.empty() && route.name == text)) return route.id;
  }
  return std::nullopt;
}

}  // namespace weir::route
