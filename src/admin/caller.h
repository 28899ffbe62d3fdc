#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include <weir/admin/token_options.h>
#include <weir/base/clock.h>
#include <weir/stats/window.h>

namespace weir::admin {

/// Who makes a call of the admin API, and how that was found out.
struct Caller {
  enum class By : std::uint8_t {
    nothing,     ///< no credential is configured: whoever can connect
    credential,  ///< the call brought one in its head
    login,       ///< the cookie of a log-in, which a browser sends by itself
  };

  By by = By::nothing;
  Grant grant = Grant::viewer;
  std::string name;                  ///< for people: `tokens[0]`, `grafana`
  std::string proof;                 ///< what admitted it; never shown. See Credentials::still_admits
  std::optional<WallTime> expires;   ///< of a signed token (`exp`), by the wall clock; nothing: it goes on
  std::optional<TimePoint> ends;     ///< of a log-in, by the monotonic clock, which nobody sets

  /// What is left of it, at least 1 ns; nothing where it goes on.
  std::optional<Nanos> time_left(const stats::Moment& now) const {
    if (!expires && !ends) return std::nullopt;
    Nanos left = Nanos::max();
    if (ends) left = *ends - now.clock;
    if (expires) left = std::min(left, Nanos(*expires - now.wall));
    return std::max(left, Nanos(1));
  }
  bool is_over(const stats::Moment& now) const {
    return (ends && *ends <= now.clock) || (expires && *expires <= now.wall);
  }
};

}  // namespace weir::admin
