// What people decide about learned routes.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <weir/route/book.h>

#include "learner.h"

namespace weir::route {

namespace {

constexpr std::size_t kMaxName = 200;

bool is_printable(std::string_view name) {
  return std::none_of(name.begin(), name.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; });
}

}  // namespace

Status RouteBook::check_learned(RouteId id) const {
  if (id.index() >= routes_.size() || !routes_[id.index()].is_live) return Error{"there is no such route now"};
  if (routes_[id.index()].source != Source::learned) {
    return Error{fmt::format("{} is written in the configuration: change it there", route(id).pattern.text())};
  }
  return Done{};
}

Result<Decision> RouteBook::pin(RouteId id) const {
  if (Status status = check_learned(id); !status) return status.error();
  return Decision{.pattern = route(id).pattern.text(), .name = route(id).name, .by = {}, .at = {}};
}

Result<Decision> RouteBook::rename(RouteId id, std::string_view name) const {
  if (Status status = check_learned(id); !status) return status.error();
  if (name.empty() || name.size() > kMaxName || !is_printable(name)) {
    return Error{fmt::format("a name has 1 to {} characters, none of them a control character", kMaxName)};
  }
  if (name.front() != '/' && name.find(" /") == std::string_view::npos) {
    return Decision{.pattern = route(id).pattern.text(), .name = std::string(name), .by = {}, .at = {}};
  }
  auto pattern = Pattern::parse(name);
  if (!pattern) return pattern.error();
  const Pattern renamed(route(id).pattern.method(), pattern.value().segments());
  if (renamed.shape() != route(id).pattern.shape()) {
    return Error{fmt::format("{} does not take the same paths as {}: only the names of parameters may differ", name,
                             route(id).pattern.text())};
  }
  return Decision{.pattern = renamed.text(), .name = {}, .by = {}, .at = {}};
}

Result<Decision> RouteBook::split(RouteId id, std::string_view path) const {
  if (Status status = check_learned(id); !status) return status.error();
  auto parsed = Pattern::parse(path);
  if (!parsed) return parsed.error();
  const Pattern pattern(route(id).pattern.method(), parsed.value().segments());
  if (!route(id).pattern.covers(pattern) || pattern.shape() == route(id).pattern.shape()) {
    return Error{fmt::format("{} is no part of {} that could be split off", path, route(id).pattern.text())};
  }
  if (const auto known = find_shape(pattern); known && route(*known).is_live) {
    return Error{fmt::format("{} is a route already", route(*known).pattern.text())};
  }
  if (live_ >= options_.max_routes) {
    return Error{"there are as many routes as max_routes allows: raise it, or configure fewer"};
  }
  return Decision{.pattern = pattern.text(), .name = {}, .by = {}, .at = {}};
}

Status RouteBook::decide(const std::vector<Decision>& decisions) {
  std::string wrong;
  for (const Decision& decision : decisions) {
    auto pattern = Pattern::parse(decision.pattern);
    if (!pattern) {
      wrong += fmt::format("{}'{}': {}", wrong.empty() ? "" : "; ", decision.pattern, pattern.error().message);
      continue;
    }
    std::optional<RouteId> id = find_shape(pattern.value());
    if (id && route(*id).source != Source::learned && route(*id).is_live) continue;  // written by now
    if (id) take_over(*id);
    if (!id) id = make_learned(pattern.value());
    if (!id) {
      wrong += fmt::format("{}'{}': no room within max_routes", wrong.empty() ? "" : "; ", decision.pattern);
      continue;
    }
    Route& known = routes_[id->index()];
    if (!std::exchange(known.is_live, true)) ++live_;
    std::erase(forgotten_, *id);
    known.pattern = std::move(pattern).value();
    known.source = Source::learned;
    known.name = decision.name;
    known.pinned_by = decision.by;
    known.pinned_at = decision.at;
    known.is_pinned = true;
  }
  rebuild_fixed();
  if (!wrong.empty()) return Error{"some kept routes could not be taken back: " + wrong};
  return Done{};
}

Status RouteBook::forget(RouteId id) {
  if (Status status = check_learned(id); !status) return status.error();
  Route& known = routes_[id.index()];
  if (!known.is_pinned) return Error{fmt::format("{} is not pinned", known.pattern.text())};
  known.is_pinned = false;
  known.name.clear();
  known.is_live = false;
  --live_;
  rebuild_fixed();
  // One path alone goes to whatever takes it now.
  const auto& segments = known.pattern.segments();
  const bool is_one_path = std::all_of(segments.begin(), segments.end(), [](const Segment& segment) {
    return segment.type == Segment::Type::literal;
  });
  const RouteId taker = is_one_path
                            ? table()->match(known.pattern.method().value_or(Method::get), known.pattern.path()).route
                            : kUnmatchedRoute;
  if (taker != kUnmatchedRoute) {
    merge(id, taker);
  } else {
    forgotten_.push_back(id);
  }
  is_stale_ = true;
  return Done{};
}

/// The figures of forgotten routes go to those of the same shape that the learner has found since.
void RouteBook::give_back() {
  std::erase_if(forgotten_, [this](RouteId id) {
    const std::string shape = route(id).pattern.shape();
    const auto found = std::find_if(routes_.begin(), routes_.end(), [&](const Route& other) {
      return other.is_live && other.pattern.shape() == shape;
    });
    if (found == routes_.end()) return false;
    merge(id, found->id);
    return true;
  });
}

std::vector<Decision> RouteBook::decisions() const {
  std::vector<Decision> out;
  for (const Route& route : routes_) {
    if (route.is_live && route.source == Source::learned && route.is_pinned) {
      out.push_back({route.pattern.text(), route.name, route.pinned_by, route.pinned_at});
    }
  }
  return out;
}

}  // namespace weir::route
