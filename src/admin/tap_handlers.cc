#include <utility>

#include <fmt/format.h>

#include "handlers.h"
#include "query.h"
#include "taps.h"

namespace weir::admin {

namespace {

Answer event_stream(std::shared_ptr<LiveBody> body) {
  Answer answer{200, "text/event-stream", {}, {}};
  answer.live = std::move(body);
  return answer;
}

Answer all_in_use() {
  return problem_answer(503, fmt::format("all {} taps are in use (close one, or ask again later)", Taps::kMost));
}

}  // namespace

void get_tap(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  TapFilter filter(query);
  if (!query.is_ok()) return reply(problem_answer(400, query.problem()));
  if (desk.taps().is_full()) return reply(all_in_use());
  // The workers learn of it before the round: what finishes after the answer's head is out is shown.
  desk.ask(std::move(reply), [&desk, filter = std::move(filter), interest = desk.taps().interest()](
                                  Bookkeeper::Round) -> Desk::Outcome {
    const Result<exporter::Selection> group = desk.select({.route = {}, .group = filter.subject().group, .method = {}});
    if (!group) return problem_answer(404, group.error().message);
    const Status status = filter.check(std::as_const(desk.bookkeeper()).book());
    if (!status) return problem_answer(400, status.error().message);
    if (desk.taps().is_full()) return all_in_use();
    return event_stream(desk.taps().make(filter, interest));
  });
}

}  // namespace weir::admin
