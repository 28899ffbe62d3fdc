#pragma once

#include <cstddef>
#include <string_view>

#include "../json.h"
#include "../text.h"

namespace weir::verbs {

/// One route: all of its figures, where its time goes, what the app says of it, its slow requests. `stats` and `slow`
/// are the answers for that route alone; null as long as there are none.
Page route_page(std::string_view name, const Json& stats, const Json& slow, std::size_t width);

}  // namespace weir::verbs
