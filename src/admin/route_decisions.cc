#include "route_decisions.h"

#include <memory>
#include <utility>

#include <weir/base/json_writer.h>
#include <weir/export/legend.h>
#include <weir/route/decisions_file.h>

namespace weir::admin {

namespace {

/// What will hold after `change`, with the decisions that it replaces gone.
std::vector<route::Decision> after(const route::RouteBook& book, const RouteDecisions::Change& change) {
  std::vector<route::Decision> decisions = book.decisions();
  const auto shape_of = [](const route::Decision& decision) {
    const auto pattern = route::Pattern::parse(decision.pattern);
    return pattern ? pattern.value().shape() : decision.pattern;
  };
  for (const RouteId id : change.forgotten) {
    std::erase_if(decisions,
                  [&](const route::Decision& kept) { return kept.pattern == book.route(id).pattern.text(); });
  }
  for (const route::Decision& made : change.made) {
    std::erase_if(decisions, [&](const route::Decision& kept) { return shape_of(kept) == shape_of(made); });
    decisions.push_back(made);
  }
  return decisions;
}

}  // namespace

void RouteDecisions::change(Plan plan, Reply reply) {
  waiting_.push_back({std::move(plan), std::move(reply)});
  if (!is_busy_) next();
}

void RouteDecisions::next() {
  while (!is_busy_ && !waiting_.empty()) {
    const Call call = std::move(waiting_.front());
    waiting_.pop_front();
    auto outcome = call.plan(std::as_const(bookkeeper_).book());
    if (auto* refusal = std::get_if<Answer>(&outcome)) {
      call.reply(std::move(*refusal));
    } else {
      keep(std::get<Change>(outcome), call.reply);
    }
  }
}

void RouteDecisions::keep(const Change& change, const Reply& reply) {
  is_busy_ = true;
  save(after(std::as_const(bookkeeper_).book(), change), [this, change, reply](const Status& status) {
    if (!status) return finish(reply, problem_answer(500, status.error().message + "; nothing was changed"));
    Answer answer = take_effect(change);
    if (answer.status == 200) return finish(reply, std::move(answer));
    // Routes may have changed while the file was written. The refusal is sent once the file no longer holds what was
    // refused, so that no restart brings it back.
    save(std::as_const(bookkeeper_).book().decisions(), [this, reply, answer](const Status& restored) {
      if (restored) return finish(reply, answer);
      finish(reply,
             problem_answer(500, "the decision was refused, and the file still holds it: " + restored.error().message));
    });
  });
}

void RouteDecisions::save(std::vector<route::Decision> decisions, std::function<void(const Status&)> then) {
  const auto status = std::make_shared<Status>(Done{});
  work_.run([status, file = setup_.routes_file,
             decisions = std::move(decisions)] { *status = route::save_decisions(file, decisions); },
            [status, then = std::move(then)] { then(*status); });
}

void RouteDecisions::finish(const Reply& reply, Answer answer) {
  is_busy_ = false;
  reply(std::move(answer));
  next();
}

Answer RouteDecisions::take_effect(const Change& change) {
  std::vector<std::string> patterns;
  const Status status = bookkeeper_.change_book([&](route::RouteBook& book) -> Status {
    for (const RouteId id : change.forgotten) {
      patterns.push_back(book.route(id).pattern.text());
      if (Status forgotten = book.forget(id); !forgotten) return forgotten;
    }
    for (const route::Decision& made : change.made) patterns.push_back(made.pattern);
    return change.made.empty() ? Status(Done{}) : book.decide(change.made);
  });
  if (!status) return problem_answer(409, status.error().message);
  Answer answer = json_answer({});
  JsonWriter json(answer.body);
  json.begin_object().member("status", change.done).key("routes").begin_array();
  for (const std::string& pattern : patterns) json.value(exporter::printable(pattern));
  json.end_array().member("count", patterns.size());
  json.member("timestamp", rfc3339(bookkeeper_.now().wall)).end_object();
  return answer;
}

}  // namespace weir::admin
