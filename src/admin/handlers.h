#pragma once

#include "desk.h"
#include "message.h"

namespace weir::admin {

// What stands behind the endpoint table, a function each; see the contract of the admin API in the README.

void get_page(Desk& desk, const Request& request, Reply reply);
void get_liveness(Desk& desk, const Request& request, Reply reply);
void get_readiness(Desk& desk, const Request& request, Reply reply);
void get_login(Desk& desk, const Request& request, Reply reply);
void post_login(Desk& desk, const Request& request, Reply reply);
void delete_login(Desk& desk, const Request& request, Reply reply);
void get_prometheus(Desk& desk, const Request& request, Reply reply);
void get_stats(Desk& desk, const Request& request, Reply reply);
void get_slow_queries(Desk& desk, const Request& request, Reply reply);
void get_errors(Desk& desk, const Request& request, Reply reply);
void get_users(Desk& desk, const Request& request, Reply reply);
void get_tenants(Desk& desk, const Request& request, Reply reply);
void post_routes(Desk& desk, const Request& request, Reply reply);
void get_tap(Desk& desk, const Request& request, Reply reply);
void get_events(Desk& desk, const Request& request, Reply reply);
void post_events(Desk& desk, const Request& request, Reply reply);
void get_marks(Desk& desk, const Request& request, Reply reply);
void post_mark(Desk& desk, const Request& request, Reply reply);
void get_networks(Desk& desk, const Request& request, Reply reply);
void get_samples(Desk& desk, const Request& request, Reply reply);
void get_health(Desk& desk, const Request& request, Reply reply);
void get_cache_stats(Desk& desk, const Request& request, Reply reply);
void get_metrics(Desk& desk, const Request& request, Reply reply);
void get_series(Desk& desk, const Request& request, Reply reply);
void get_routes(Desk& desk, const Request& request, Reply reply);
void get_services(Desk& desk, const Request& request, Reply reply);
void get_system(Desk& desk, const Request& request, Reply reply);
void get_config(Desk& desk, const Request& request, Reply reply);
void post_reset(Desk& desk, const Request& request, Reply reply);

}  // namespace weir::admin
