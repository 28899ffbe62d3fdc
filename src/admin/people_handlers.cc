#include <utility>

#include "handlers.h"
#include "query.h"

namespace weir::admin {

namespace {

void answer_with_people(Desk& desk, const Request& request, Reply reply, stats::Party party,
                        const std::string& source) {
  QueryReader query(request.query);
  stats::PeopleRequest wanted;
  wanted.window = query.choice("window", wanted.window);
  wanted.order = query.choice("sort", wanted.order);
  wanted.limit = query.whole("limit", wanted.limit);
  if (!query.is_ok()) return reply(problem_answer(400, query.problem()));
  desk.ask(std::move(reply), [&desk, wanted, party, source](Bookkeeper::Round round) -> Desk::Outcome {
    return [view = desk.bookkeeper().people(party, wanted), party, source, is_stale = round.is_stale()] {
      return json_answer(exporter::people_json(view, party, source, is_stale));
    };
  });
}

}  // namespace

void get_users(Desk& desk, const Request& request, Reply reply) {
  answer_with_people(desk, request, std::move(reply), stats::Party::user, desk.setup().user_source);
}

void get_tenants(Desk& desk, const Request& request, Reply reply) {
  answer_with_people(desk, request, std::move(reply), stats::Party::tenant, desk.setup().tenant_source);
}

void get_networks(Desk& desk, const Request& request, Reply reply) {
  answer_with_people(desk, request, std::move(reply), stats::Party::network, desk.setup().network_source);
}

}  // namespace weir::admin
