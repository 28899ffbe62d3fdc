#include <doctest/doctest.h>

#include "sample_ledger.h"

using namespace weir;

TEST_CASE("People: the answer says who, how sure, and where it is read from") {
  stats::PeopleView view;
  view.request.order = stats::PeopleOrder::rate_limited;
  view.since = WallTime(std::chrono::sys_days{std::chrono::year(2026) / 1 / 31});
  view.as_of.wall = view.since + 90s;
  view.top.push_back({"ada \"x\"", {4, 1, 1, 500'000'000}, 2, view.since + 60s});
  view.followed = 1;
  view.active = 3;
  view.unlisted.requests = 2;
  CHECK(exporter::people_json(view, stats::Party::user, "header X-User-Id", false) ==
        R"({"users":[{"user":"ada \"x\"","total_requests":4,"total_errors":1,"error_rate":25,"rate_limited":1,)"
        R"("avg_duration":0.125,"time_spent":0.5,"last_seen":"2026-01-31T00:01:00.000Z","missed_requests_at_most":2}],)"
        R"("count":1,"active":3,"active_relative_error":0,"followed":1,)"
        R"("unlisted_at_most":{"total_requests":2,"total_errors":0,"rate_limited":0,"time_spent":0},)"
        R"("source":"header X-User-Id","sort":"rate_limited","window":"all",)"
        R"("since":"2026-01-31T00:00:00.000Z","as_of":"2026-01-31T00:01:30.000Z"})");
  view.is_active_exact = false;
  const std::string tenants = exporter::people_json(view, stats::Party::tenant, "", true);
  CHECK(tenants.find(R"({"tenants":[{"tenant":)") == 0);
  CHECK(tenants.find(R"("active_relative_error":0.023)") != std::string::npos);
  CHECK(tenants.find(R"("source":null)") != std::string::npos);
  CHECK(tenants.find(R"("stale":true)") != std::string::npos);
}
