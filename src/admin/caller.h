#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <weir/admin/token_options.h>
#include <weir/base/clock.h>

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
  std::optional<WallTime> expires;   ///< nothing: it goes on
};

}  // namespace weir::admin
