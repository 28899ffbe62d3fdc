#pragma once

#include <optional>
#include <string_view>

#include <weir/base/clock.h>

namespace weir {

/// RFC 3339 section 5.6 in any time zone: `2026-01-31T09:30:00Z`, `2026-01-31 10:30:00.5+01:00`. What is finer than the
/// clock is cut off. Nothing where it is none, or names a day that there is not.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace weir
