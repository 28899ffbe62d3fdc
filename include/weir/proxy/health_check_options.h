#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/settings.h>

namespace weir::proxy {

/// Status codes, both ends included.
struct StatusRange {
  std::uint16_t from = 0;
  std::uint16_t to = 0;

  /// `200` or `200-399`, within 200 to 599.
  static std::optional<StatusRange> parse(std::string_view text);
  std::string to_string() const;
  friend bool operator==(const StatusRange&, const StatusRange&) = default;
};

/// `upstreams.NAME.health_check`: asks each server of the upstream on its own account whether it is well. Absent: not.
struct HealthCheckOptions {
  bool is_on = false;                 ///< the section is there
  std::string path = "/health";       ///< asked with GET
  std::string host;                   ///< sent as Host; empty: the server's own address
  std::vector<NamedSecret> headers;   ///< sent too; values are printed masked, since some are credentials
  std::vector<StatusRange> expect = {{200, 399}};  ///< a response with another status is a failed check
  Nanos interval = 5s;                ///< from the begin of a check to that of the next
  Nanos timeout = 1s;                 ///< for the whole check, at most `interval`
  std::uint32_t healthy_after = 2;    ///< good checks in a row after which an unhealthy server gets requests again
  std::uint32_t unhealthy_after = 3;  ///< bad checks in a row after which a server gets no more requests

  bool expects(int status) const;

  void read(Settings& settings);
  friend bool operator==(const HealthCheckOptions&, const HealthCheckOptions&) = default;

 private:
  void read_expect(Settings& settings);
};

}  // namespace weir::proxy
