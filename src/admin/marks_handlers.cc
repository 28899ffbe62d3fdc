#include "handlers.h"
#include "object_reader.h"
#include "query.h"

#include <optional>
#include <utility>

#include <weir/base/json_writer.h>
#include <weir/base/log.h>
#include <weir/export/marks_json.h>

namespace weir::admin {

namespace {

/// A clock that is a little ahead may still mark what it has just done.
constexpr Nanos kAhead = 1h;

Result<stats::Mark> read_mark(std::string_view body, WallTime now) {
  simdjson::dom::parser parser;
  const Result<simdjson::dom::element> root = parse_body(parser, body);
  if (!root) return root.error();
  ObjectReader reader(root.value(), "");
  stats::Mark mark;
  if (reader.is_ok() && !reader.has("name")) reader.refuse("name", "is missing", "write {\"name\":\"v1.4.2\"}");
  mark.name = reader.text("name", stats::Mark::kLongestName).value_or("");
  mark.text = reader.text("text", stats::Mark::kLongestText).value_or("");
  const std::optional<WallTime> at = reader.time("timestamp");
  mark.at = at.value_or(now);
  mark.is_of_our_clock = !at;
  if (mark.at > now + kAhead) {
    reader.refuse("timestamp", rfc3339(mark.at) + " lies ahead",
                  "marks are for what has happened: leave it out for now");
  }
  reader.refuse_others("name, text, timestamp");
  if (!reader.is_ok()) return Error{reader.problem()};
  return mark;
}

/// Marks of the last minute are not those of the last 65 seconds, as figures are: they have their own times.
WallTime start_of(stats::Window window, WallTime now) {
  if (window == stats::Window::all) return WallTime::min();
  return now - std::chrono::duration_cast<WallTime::duration>(stats::shape_of(window).span);
}

}  // namespace

void get_marks(Desk& desk, const Request& request, Reply reply) {
  QueryReader query(request.query);
  const auto limit = query.whole("limit", stats::Marks::kMost);
  const auto window = query.choice("window", stats::Window::all);
  if (!query.is_ok()) return reply(problem_answer(400, query.problem()));
  const stats::Moment moment = desk.bookkeeper().now();
  const WallTime now = moment.wall;
  desk.bookkeeper().marks().follow(moment);
  reply(json_answer(exporter::marks_json(desk.bookkeeper().marks().newest(limit, start_of(window, now)), now)));
}

void post_mark(Desk& desk, const Request& request, Reply reply) {
  const Result<stats::Mark> mark = read_mark(request.body, desk.bookkeeper().now().wall);
  if (!mark) return reply(problem_answer(400, mark.error().message));
  desk.bookkeeper().marks().follow(desk.bookkeeper().now());
  desk.bookkeeper().marks().add(mark.value());
  log::info("marked", {{"name", mark.value().name}, {"at", rfc3339(mark.value().at)}, {"client", request.client}});
  Answer answer = json_answer(exporter::mark_json(mark.value()));
  answer.status = 201;
  reply(std::move(answer));
}

}  // namespace weir::admin
