#include <utility>

#include <weir/export/events_json.h>

#include "event_reader.h"
#include "handlers.h"
#include "query.h"

namespace weir::admin {

void get_events(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  exporter::EventsRequest wanted;
  const auto window = query.choice("window", stats::Window::all);
  wanted.order = query.choice("sort", wanted.order);
  wanted.limit = query.maybe_whole("limit");
  wanted.name = query.text("name");
  if (request.query.find("type")) wanted.kind = query.choice("type", stats::EventKind::counter);
  if (!query.is_ok()) return reply(problem_answer(400, query.problem()));
  desk.ask(std::move(reply), [&desk, wanted, window](Bookkeeper::Round round) -> Desk::Outcome {
    std::optional<exporter::StatsdFigures> statsd;
    if (desk.setup().statsd) statsd = desk.setup().statsd();
    return [view = desk.bookkeeper().events(window), wanted, statsd = std::move(statsd), is_stale = round.is_stale()] {
      return json_answer(exporter::events_json(view, wanted, statsd, is_stale));
    };
  });
}

void post_events(Desk& desk, const Request& request, Reply reply) {
  auto read = read_events(request.body);
  if (auto* problem = std::get_if<Answer>(&read)) return reply(std::move(*problem));
  const auto& events = std::get<std::vector<stats::Event>>(read);
  desk.bookkeeper().add_events(events);
  reply(json_answer(exporter::accepted_json(events.size())));
}

}  // namespace weir::admin
