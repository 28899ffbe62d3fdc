#include "desk.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "legend_of.h"

namespace weir::admin {

void Desk::ask(Reply reply, std::function<Outcome(Bookkeeper::Round)> question) {
  bookkeeper_.bring_up_to_date([self = std::weak_ptr<Desk*>(self_), reply = std::move(reply),
                                question = std::move(question)](Bookkeeper::Round round) {
    const std::shared_ptr<Desk*> desk = self.lock();
    if (desk == nullptr) return;
    Outcome outcome = question(round);
    if (auto* answer = std::get_if<Answer>(&outcome)) {
      reply(std::move(*answer));
      return;
    }
    const auto written = std::make_shared<Answer>();
    (*desk)->work_.run([written, write = std::get<Writing>(std::move(outcome))] { *written = write(); },
                       [written, reply] { reply(std::move(*written)); });
  });
}

void Desk::when_up_to_date(std::function<void()> then) {
  bookkeeper_.bring_up_to_date([self = std::weak_ptr<Desk*>(self_), then = std::move(then)](Bookkeeper::Round) {
    if (!self.expired()) then();
  });
}

Result<exporter::Selection> Desk::select(const Subject& subject) const {
  const route::RouteBook& book = std::as_const(bookkeeper_).book();
  exporter::Selection selection{.routes = std::nullopt, .method = subject.method};
  if (!subject.route.empty()) {
    Found found = find_routes(book, subject.route);
    if (found.routes.empty()) {
      return Error{fmt::format("route: no route is called \"{}\" (see /admin/performance/routes)",
                               exporter::printable(std::string_view(subject.route).substr(0, 200)))};
    }
    if (const Status status = check_method(found, subject); !status) return status.error();
    if (found.method) selection.method = found.method;
    selection.routes = std::move(found.routes);
  }
  if (!subject.group.empty()) {
    std::vector<RouteId> members = routes_of_group(book, subject.group);
    if (members.empty()) {
      return Error{fmt::format("group: no route belongs to \"{}\" (see /admin/performance/routes)",
                               exporter::printable(std::string_view(subject.group).substr(0, 200)))};
    }
    if (selection.routes) {
      const std::vector<RouteId>& named = *selection.routes;
      std::erase_if(members, [&](RouteId id) { return std::ranges::find(named, id) == named.end(); });
      if (members.empty()) {
        return Error{fmt::format("group: \"{}\" does not hold that route (see /admin/performance/routes)",
                                 exporter::printable(std::string_view(subject.group).substr(0, 200)))};
      }
    }
    selection.routes = std::move(members);
  }
  return selection;
}

exporter::Picture Desk::picture(const stats::ViewRequest& request, exporter::Selection selection,
                                Bookkeeper::Round round) {
  return {bookkeeper_.view(request), bookkeeper_.legend(), std::move(selection), round.is_stale()};
}

}  // namespace weir::admin
