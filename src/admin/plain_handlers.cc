#include "handlers.h"
#include "legend_of.h"
#include "page_files.h"
#include "query.h"

#include <algorithm>
#include <unistd.h>
#include <utility>

#include <weir/base/json_writer.h>
#include <weir/export/prometheus.h>

namespace weir::admin {

namespace {

exporter::RouteEntry entry_of(const route::Route& route) {
  const auto method = route.pattern.method();
  return {.id = route.id,
          .pattern = exporter::printable(route.pattern.text()),
          .method = method ? std::string(label(*method)) : std::string(),
          .path = exporter::printable(route.pattern.path()),
          .name = route.name,
          .source = label(route.source),
          .file = exporter::printable(route.file),
          .group = route.properties.group,
          .explain = route.explain,
          .distinct_paths = route.distinct_paths,
          .is_pinned = route.is_pinned};
}

std::vector<exporter::RouteEntry> live_routes(const route::RouteBook& book, const exporter::Selection& selection) {
  std::vector<exporter::RouteEntry> entries;
  for (std::uint32_t i = kUnmatchedRoute.value + 1; i < book.size(); ++i) {
    const route::Route& route = book.route(RouteId(i));
    const auto method = route.pattern.method();
    if (!route.is_live || !selection.holds(RouteId(i), method ? *method : selection.method.value_or(Method::other))) {
      continue;
    }
    entries.push_back(entry_of(book.describe(RouteId(i))));
  }
  return entries;
}

Answer with_reasons(int status, std::string_view state, const std::vector<std::string>& reasons) {
  Answer answer = json_answer({});
  answer.status = status;
  JsonWriter json(answer.body);
  json.begin_object().member("status", state).key("reasons").begin_array();
  for (const std::string& reason : reasons) json.value(reason);
  json.end_array().end_object();
  return answer;
}

}  // namespace

void get_liveness(Desk&, const Request&, Reply reply) { reply(json_answer(R"({"status":"alive"})")); }

void get_readiness(Desk& desk, const Request&, Reply reply) {
  const Readiness readiness = desk.setup().readiness ? desk.setup().readiness() : Readiness{};
  reply(with_reasons(readiness.is_ready ? 200 : 503, readiness.is_ready ? "ready" : "not ready", readiness.reasons));
}

void get_prometheus(Desk& desk, const Request& request, Reply reply) {
  const exporter::TextFormat format = exporter::text_format_for(request.accept);
  desk.ask(std::move(reply), [&desk, format](Bookkeeper::Round) -> Desk::Outcome {
    exporter::Scrape scrape;
    Bookkeeper::Cumulative cumulative = desk.bookkeeper().cumulative_view();
    scrape.cumulative = std::move(cumulative.view);
    scrape.ended = std::move(cumulative.ended);
    scrape.legend = desk.bookkeeper().legend();
    scrape.name = desk.setup().name;
    scrape.version = desk.setup().version;
    scrape.known_routes = std::as_const(desk.bookkeeper()).book().live_count();
    scrape.events = desk.bookkeeper().cumulative_events();
    if (desk.setup().statsd) scrape.statsd = desk.setup().statsd();
    if (const auto& reading = desk.sampler().reading()) scrape.process = reading->process;
    if (desk.setup().connections) scrape.connections = desk.setup().connections();
    if (desk.setup().services) scrape.services = desk.setup().services();
    return [scrape = std::move(scrape), format] {
      return Answer{200, std::string(content_type_of(format)), exporter::prometheus_text(scrape, format), {}};
    };
  });
}

void get_routes(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  const Subject subject{query.text("route"), query.text("group"), query.method("method")};
  const exporter::RoutesRequest wanted{query.choice("sort", exporter::RouteSort::known),
                                       query.maybe_whole("limit")};
  const auto window = query.choice("window", stats::Window::all);
  if (!query.is_ok()) return reply(problem_answer(400, query.problem()));
  desk.ask(std::move(reply), [&desk, subject, wanted, window](Bookkeeper::Round) -> Desk::Outcome {
    const Result<exporter::Selection> selection = desk.select(subject);
    if (!selection) return problem_answer(404, selection.error().message);
    std::vector<exporter::RouteEntry> entries = live_routes(std::as_const(desk.bookkeeper()).book(), selection.value());
    const stats::ViewPtr view = desk.bookkeeper().view({.window = window,
                                                        .with_phases = false,
                                                        .with_said = false,
                                                        .with_servers = false,
                                                        .with_samples = false});
    return [view, entries = std::move(entries), wanted, max_routes = desk.setup().max_routes] {
      return json_answer(exporter::routes_json(*view, entries, max_routes, wanted));
    };
  });
}

void get_services(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  const auto window = query.choice("window", stats::Window::all);
  if (!query.is_ok()) return reply(problem_answer(400, query.problem()));
  desk.ask(std::move(reply), [&desk, window](Bookkeeper::Round round) -> Desk::Outcome {
    const stats::ViewPtr view = desk.bookkeeper().view(
        {.window = window, .with_series = false, .with_phases = false, .with_samples = false});
    std::vector<exporter::Service> services;
    if (desk.setup().services) services = desk.setup().services();
    return [view, services = std::move(services), is_stale = round.is_stale()] {
      return json_answer(exporter::services_json(*view, services, is_stale));
    };
  });
}

void get_system(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  const auto window = query.choice("window", stats::Window::all);
  if (!query.is_ok()) return reply(problem_answer(400, query.problem()));
  const auto& reading = desk.sampler().reading();
  if (!reading) return reply(problem_answer(503, "system: the first reading is being taken (ask again in a moment)"));
  const Identity identity = {.pid = getpid(), .name = desk.setup().name, .version = desk.setup().version};
  reply(json_answer(system_json(desk.sampler().gauges(), *reading, window, Clock::now(), identity)));
}

void get_config(Desk& desk, const Request&, Reply reply) {
  Answer answer = json_answer({});
  JsonWriter json(answer.body);
  json.begin_object().key("config");
  if (desk.setup().config_json) {
    json.raw(desk.setup().config_json());
  } else {
    json.null();
  }
  json.end_object();
  reply(std::move(answer));
}

void get_page(Desk&, const Request& request, Reply reply) {
  const PageFile* file = find_page_file(request.path);
  reply(file == nullptr ? problem_answer(404, "the page has no such file (it is at /)") : page_answer(*file, request));
}

}  // namespace weir::admin
