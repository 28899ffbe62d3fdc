#pragma once

#include <cstddef>
#include <string>

#include "../json.h"
#include "../text.h"

namespace weir::verbs {

/// A table of slow requests, each with where its time went.
Page slow_table(const Json& samples, std::size_t width);

/// The phases of one request that matter, longest first: `wait 1.19 s, receive 20.0 ms`.
std::string where_time_went(const Json& sample);

}  // namespace weir::verbs
