#include <utility>

#include <weir/base/bytes.h>
#include <weir/export/course_json.h>
#include <weir/judge/health.h>

#include "handlers.h"
#include "query.h"

namespace weir::admin {

namespace {

using exporter::Picture;
using stats::Window;

Subject read_subject(QueryReader& query) {
  return {.route = query.text("route"), .group = query.text("group"), .method = query.method("method")};
}

/// Answers with what `write` makes of a picture of `subject`.
void answer_with_picture(Desk& desk, Reply reply, const QueryReader& query, Subject subject,
                         const stats::ViewRequest& view, std::function<std::string(const Picture&)> write) {
  if (!query.is_ok()) return reply(problem_answer(400, query.problem()));
  desk.ask(std::move(reply), [&desk, subject = std::move(subject), view,
                              write = std::move(write)](Bookkeeper::Round round) -> Desk::Outcome {
    const Result<exporter::Selection> selection = desk.select(subject);
    if (!selection) return problem_answer(404, selection.error().message);
    stats::ViewRequest request = view;
    if (request.with_samples && !selection.value().is_everything()) {
      request.drawn_from = [part = selection.value()](RouteId route, Method method) { return part.holds(route, method); };
    }
    return [picture = desk.picture(request, selection.value(), round), write] { return json_answer(write(picture)); };
  });
}

/// `order=newest|slowest`, or `sort=timestamp|duration`, which says the same.
exporter::SampleRequest read_samples(QueryReader& query) {
  using exporter::Order;
  using exporter::SampleSort;
  exporter::SampleRequest wanted;
  wanted.limit = query.whole("limit", wanted.limit);
  wanted.min = query.duration("min", wanted.min);
  wanted.statuses = query.statuses("status");
  wanted.order = query.choice("order", wanted.order);
  const SampleSort same = wanted.order == Order::newest ? SampleSort::timestamp : SampleSort::duration;
  wanted.order = query.choice("sort", same) == SampleSort::timestamp ? Order::newest : Order::slowest;
  return wanted;
}

}  // namespace

void get_stats(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  const std::string known = "write one of " + exporter::sort_keys();
  const exporter::StatsRequest wanted{query.text("sort", known), query.maybe_whole("limit")};
  if (!wanted.sort.empty() && !exporter::is_sort_key(wanted.sort)) query.refuse("sort", wanted.sort, known);
  const stats::ViewRequest view{.window = query.choice("window", Window::all), .with_servers = false};
  answer_with_picture(desk, std::move(reply), query, read_subject(query), view,
                      [wanted](const Picture& picture) { return exporter::stats_json(picture, wanted); });
}

void get_slow_queries(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  exporter::SampleRequest wanted = read_samples(query);
  wanted.reason = query.choice("reason", wanted.reason);
  const stats::ViewRequest view{
      .window = query.choice("window", Window::all), .with_phases = false, .with_said = false, .with_servers = false};
  answer_with_picture(desk, std::move(reply), query, read_subject(query), view,
                      [wanted](const Picture& picture) { return exporter::slow_queries_json(picture, wanted); });
}

void get_samples(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  const exporter::SampleRequest wanted = read_samples(query);
  const stats::ViewRequest view{.window = query.choice("window", Window::all),
                                .with_series = false,
                                .with_phases = false,
                                .with_said = false,
                                .with_servers = false};
  answer_with_picture(desk, std::move(reply), query, read_subject(query), view,
                      [wanted](const Picture& picture) { return exporter::samples_json(picture, wanted); });
}

void get_errors(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  const exporter::SampleRequest wanted = read_samples(query);
  const stats::ViewRequest view{
      .window = query.choice("window", Window::all), .with_phases = false, .with_said = false, .with_servers = false};
  answer_with_picture(desk, std::move(reply), query, read_subject(query), view,
                      [wanted](const Picture& picture) { return exporter::errors_json(picture, wanted); });
}

void get_cache_stats(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  const stats::ViewRequest view{.window = query.choice("window", Window::all),
                                .with_phases = false,
                                .with_servers = false,
                                .with_samples = false};
  answer_with_picture(desk, std::move(reply), query, read_subject(query), view, exporter::cache_stats_json);
}

void get_metrics(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  const Subject subject = read_subject(query);
  const auto only = query.maybe_choice<Window>("window");
  if (!query.is_ok()) return reply(problem_answer(400, query.problem()));
  desk.ask(std::move(reply), [&desk, subject, only](Bookkeeper::Round round) -> Desk::Outcome {
    const Result<exporter::Selection> selection = desk.select(subject);
    if (!selection) return problem_answer(404, selection.error().message);
    std::vector<Picture> pictures;
    for (std::size_t i = 0; i < count_of<Window>(); ++i) {
      if (only && *only != static_cast<Window>(i)) continue;
      const stats::ViewRequest view{.window = static_cast<Window>(i),
                                    .with_series = !selection.value().is_everything(),
                                    .with_levels = true,
                                    .with_servers = false,
                                    .with_samples = false};
      pictures.push_back(desk.picture(view, selection.value(), round));
    }
    return [pictures = std::move(pictures)] { return json_answer(exporter::metrics_json(pictures)); };
  });
}

void get_series(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  const Subject subject = read_subject(query);
  const Window window = query.choice("window", Window::all);
  if (!query.is_ok()) return reply(problem_answer(400, query.problem()));
  desk.ask(std::move(reply), [&desk, subject, window](Bookkeeper::Round round) -> Desk::Outcome {
    const Result<exporter::Selection> selection = desk.select(subject);
    if (!selection) return problem_answer(404, selection.error().message);
    stats::CourseRequest wanted{.window = window, .holds = {}};
    if (!selection.value().is_everything()) {
      wanted.holds = [selected = selection.value()](RouteId route, Method method) {
        return selected.holds(route, method);
      };
    }
    return [course = std::make_shared<const stats::Course>(desk.bookkeeper().course(wanted)),
            is_stale = round.is_stale()] { return json_answer(exporter::course_json(*course, is_stale)); };
  });
}

void get_health(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  const judge::HealthOptions health = desk.setup().health;
  const Window window = query.choice("window", judge::health_window(health));
  const Subject subject = read_subject(query);
  if (!query.is_ok()) return reply(problem_answer(400, query.problem()));
  desk.ask(std::move(reply), [&desk, health, window, subject](Bookkeeper::Round round) -> Desk::Outcome {
    const Result<exporter::Selection> selection = desk.select(subject);
    if (!selection) return problem_answer(404, selection.error().message);
    const stats::ViewRequest wanted{.window = window,
                                    .with_series = !selection.value().is_everything(),
                                    .with_phases = false,
                                    .with_said = false,
                                    .with_servers = false,
                                    .with_samples = false};
    const stats::ViewPtr view = exporter::narrowed(desk.picture(wanted, selection.value(), round));
    return json_answer(exporter::health_json(*view, judge::assess(*view, health), round.is_stale(), desk.setup().name));
  });
}

void post_reset(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  const Subject subject = read_subject(query);
  if (!query.is_ok()) return reply(problem_answer(400, query.problem()));
  if (!trim(request.body).empty() && trim(request.body) != "{}") {
    return reply(problem_answer(400, "reset takes no body (narrow it with ?route=, method= and group=)"));
  }
  // What has ended before the call must not show up after it: so the workers hand over first.
  desk.ask(std::move(reply), [&desk, subject](Bookkeeper::Round) -> Desk::Outcome {
    const Result<exporter::Selection> selection = desk.select(subject);
    if (!selection) return problem_answer(404, selection.error().message);
    const auto& [routes, method] = selection.value();
    if (!routes) desk.bookkeeper().reset({.route = std::nullopt, .method = method});
    for (const RouteId route : routes.value_or(std::vector<RouteId>())) {
      desk.bookkeeper().reset({.route = route, .method = method});
    }
    return json_answer(exporter::reset_json(desk.bookkeeper().now().wall));
  });
}

}  // namespace weir::admin
