#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::lab {

/// The first series (name and label set, in whatever order the labels stand) that a text of the Prometheus exposition
/// format has twice; nothing where each is there once. Scrapers keep one of the two without a word, and promtool does
/// not notice: every exposition that a test asks for goes through this.
std::optional<std::string> series_that_is_twice(std::string_view exposition);

/// The value of a series, written as the exposition writes it: `weir_requests_total{method="GET",code="2xx"}`.
/// Nothing where it is not there.
std::optional<double> value_of(std::string_view exposition, std::string_view series);

}  // namespace weir::lab
