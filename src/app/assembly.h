#pragma once

#include <vector>

#include <weir/config/options.h>
#include <weir/proxy/plan.h>
#include <weir/route/book.h>

namespace weir::app {

/// The configuration as the workers want it. `options` is free of problems.
proxy::PlanPtr make_plan(const config::Options& options, std::size_t workers);

/// The configured routes as the route book wants them.
std::vector<route::Configured> make_routes(const config::Options& options);

}  // namespace weir::app
