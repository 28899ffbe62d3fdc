#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <weir/base/json_writer.h>
#include <weir/base/log.h>

#include "handlers.h"
#include "legend_of.h"
#include "object_reader.h"

namespace weir::admin {

namespace {

using Change = RouteDecisions::Change;
using Planned = std::variant<Change, Answer>;

constexpr std::size_t kMostValues = 100;

/// `POST /admin/performance/routes` as its body says it.
struct Wish {
  std::string action;
  std::string pattern;  ///< of the routes that it is about: with a method, or without one for all of them
  std::string to;
  std::string parameter;
  std::vector<std::string> values;
};

Result<Wish> read_wish(std::string_view body) {
  simdjson::dom::parser parser;
  const Result<simdjson::dom::element> root = parse_body(parser, body);
  if (!root) return root.error();
  ObjectReader reader(root.value(), "");
  Wish wish;
  const auto needed = [&reader](std::string_view name, std::string_view example) {
    if (reader.is_ok() && !reader.has(name)) reader.refuse(name, "is missing", example);
    return reader.text(name, route::Pattern::kMaxText).value_or("");
  };
  wish.action = needed("action", "write \"pin\", \"rename\", \"split\" or \"forget\"");
  if (wish.action == "rename") {
    wish.pattern = needed("from", "write the pattern as it is, such as \"GET /users/{user_id}\"");
    wish.to = needed("to", "write the pattern with other parameter names, or a name");
    reader.refuse_others("action, from, to");
  } else if (wish.action == "split") {
    wish.pattern = needed("pattern", "write the pattern to split, such as \"GET /users/{user_id}\"");
    wish.parameter = reader.text("parameter", 200).value_or("");
    if (reader.is_ok() && !reader.has("values")) reader.refuse("values", "is missing", "write [\"me\"]");
    wish.values = reader.texts("values", 200, kMostValues).value_or(std::vector<std::string>());
    reader.refuse_others("action, pattern, parameter, values");
  } else if (wish.action == "pin" || wish.action == "forget") {
    wish.pattern = needed("pattern", "write the pattern, such as \"GET /users/{user_id}\"");
    reader.refuse_others("action, pattern");
  } else {
    reader.refuse("action", "\"" + wish.action + "\" is not known", "write pin, rename, split or forget");
  }
  if (!reader.is_ok()) return Error{reader.problem()};
  return wish;
}

bool is_one_segment(std::string_view value) { return value.find_first_of("/{}?#* ") == std::string_view::npos; }

/// `pattern` with `value` in the place of a parameter: of the one named so, or of the only one.
Result<std::string> path_with(const route::Pattern& pattern, const std::string& parameter, const std::string& value) {
  if (!is_one_segment(value)) return Error{fmt::format("values: \"{}\" is no single part of a path", value)};
  std::vector<route::Segment> segments = pattern.segments();
  const auto is_it = [&](const route::Segment& segment) {
    return segment.type == route::Segment::Type::parameter && (parameter.empty() || segment.text == parameter);
  };
  const auto count = std::count_if(segments.begin(), segments.end(), is_it);
  if (count == 0) return Error{fmt::format("parameter: {} has none of that name", pattern.text())};
  if (count > 1) return Error{fmt::format("parameter: {} has several (say which one)", pattern.text())};
  route::Segment& chosen = *std::find_if(segments.begin(), segments.end(), is_it);
  chosen = {route::Segment::Type::literal, chosen.prefix + value + chosen.suffix};
  return route::Pattern(std::nullopt, std::move(segments)).path();
}

/// Whether a route that is none of `mine` is called `name`.
bool is_taken(const route::RouteBook& book, const std::string& name, const std::vector<RouteId>& mine) {
  const std::vector<RouteId> named = find_routes(book, name).routes;
  return std::any_of(named.begin(), named.end(),
                     [&](RouteId id) { return std::find(mine.begin(), mine.end(), id) == mine.end(); });
}

/// Adds what `wish` comes to for one route; an answer says why it cannot be.
std::optional<Answer> add_decisions(const route::RouteBook& book, RouteId id, const Wish& wish,
                                    std::vector<route::Decision>& made) {
  if (wish.action != "split") {
    auto decision = wish.action == "pin" ? book.pin(id) : book.rename(id, wish.to);
    if (!decision) return problem_answer(wish.action == "pin" ? 409 : 400, decision.error().message);
    made.push_back(std::move(decision).value());
    return std::nullopt;
  }
  for (const std::string& value : wish.values) {
    const Result<std::string> path = path_with(book.route(id).pattern, wish.parameter, value);
    if (!path) return problem_answer(400, path.error().message);
    auto decision = book.split(id, path.value());
    if (!decision) return problem_answer(409, decision.error().message);
    made.push_back(std::move(decision).value());
  }
  return std::nullopt;
}

Planned plan(const route::RouteBook& book, const Wish& wish, const std::string& by, const std::string& at) {
  const std::vector<RouteId> routes = find_routes(book, wish.pattern).routes;
  if (routes.empty() || wish.pattern == exporter::kUnmatchedPath) {
    return problem_answer(404, fmt::format("no route is called \"{}\" (see GET /admin/performance/routes)",
                                           exporter::printable(wish.pattern)));
  }
  if (wish.action == "rename" && is_taken(book, wish.to, routes)) {
    return problem_answer(409, fmt::format("\"{}\" is what another route is called", exporter::printable(wish.to)));
  }
  Change change;
  for (const RouteId id : routes) {
    const route::Route& route = book.route(id);
    if (route.source != route::Source::learned) {
      return problem_answer(409, fmt::format("{} is written in {}: change it there", route.pattern.text(),
                                             route.file.empty() ? "the configuration" : route.file));
    }
    if (wish.action == "forget") {
      if (!route.is_pinned) return problem_answer(409, fmt::format("{} is not pinned", route.pattern.text()));
      change.forgotten.push_back(id);
    } else if (auto refusal = add_decisions(book, id, wish, change.made)) {
      return std::move(*refusal);
    }
  }
  for (route::Decision& decision : change.made) {
    decision.by = by;
    decision.at = at;
  }
  change.done = wish.action == "pin" ? "pinned" : wish.action == "rename" ? "renamed" : wish.action;
  if (wish.action == "forget") change.done = "forgotten";
  return change;
}

}  // namespace

void post_routes(Desk& desk, const Request& request, Reply reply) {
  Result<Wish> wish = read_wish(request.body);
  if (!wish) return reply(problem_answer(400, wish.error().message));
  if (desk.setup().routes_file.empty()) return reply(problem_answer(409, "there is no file to keep decisions in"));
  const std::string by = request.caller.name.empty() ? request.client : request.caller.name;
  // A route may have been learned a moment ago.
  desk.when_up_to_date([&decisions = desk.decisions(), wish = std::move(wish).value(), by,
                        at = rfc3339(desk.bookkeeper().now().wall), reply] {
    decisions.change([wish, by, at](const route::RouteBook& book) { return plan(book, wish, by, at); }, reply);
  });
}

}  // namespace weir::admin
