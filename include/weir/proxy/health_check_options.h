#pragma once

#include <cstdint>
#include <string>

#include <weir/base/settings.h>

namespace weir::proxy {

/// `upstreams.NAME.health_check`: asks each server of the upstream on its own account whether it is well. Absent: not.
struct HealthCheckOptions {
  bool is_on = false;                 ///< the section is there
  std::string path = "/health";       ///< asked with GET; 2xx and 3xx are good
  Nanos interval = 5s;                ///< from the begin of a check to that of the next
  Nanos timeout = 1s;                 ///< for the whole check, at most `interval`
  std::uint32_t healthy_after = 2;    ///< good checks in a row after which an unhealthy server gets requests again
  std::uint32_t unhealthy_after = 3;  ///< bad checks in a row after which a server gets no more requests

  void read(Settings& settings);
  friend bool operator==(const HealthCheckOptions&, const HealthCheckOptions&) = default;
};

}  // namespace weir::proxy
