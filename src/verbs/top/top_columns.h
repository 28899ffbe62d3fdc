#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "../quantities.h"

namespace weir::verbs {

/// One column of `top`: what it shows is what the table can be sorted by.
struct TopColumn {
  std::string_view title;
  std::string_view field;  ///< of an element of `endpoint_stats`; `tag` for its name
  std::string (*text)(std::optional<double>);
  int expendable = 0;      ///< as of Column
};

inline constexpr std::array<TopColumn, 11> kTopColumns = {{
    {"ROUTE", "tag", nullptr, 0},
    {"REQUESTS", "total_requests", count_text, 0},
    {"PER MIN", "requests_per_minute", rate_text, 4},
    {"ERRORS", "error_rate", percent_text, 0},
    {"P50", "p50_duration", duration_text, 0},
    {"P95", "p95_duration", duration_text, 3},
    {"P99", "p99_duration", duration_text, 0},
    {"MAX", "max_duration", duration_text, 5},
    {"SLOW", "slow_count", count_text, 6},
    {"NOW", "in_flight", count_text, 7},
    {"TIME", "time_spent", nullptr, 2},
}};

}  // namespace weir::verbs
