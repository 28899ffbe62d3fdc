#pragma once

#include "json.h"
#include "text.h"

namespace weir::verbs {

/// One finished request: when, status, how long, what, where the time went, whose.
Line tap_line(const Json& request);
/// What stands above them.
Line tap_heading();

/// The first columns of a line.
Line cut(const Line& line, std::size_t width);

}  // namespace weir::verbs
