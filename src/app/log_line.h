#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::app {

/// What an access log says about one request.
struct LoggedRequest {
  std::string_view method;
  std::string_view path;     ///< without the query; `*` for OPTIONS *
  std::uint16_t status = 0;
};

/// One line of the combined format (what stands before the request in quotes does not matter) or of
/// `METHOD<tab>target<tab>status`. Nothing if it is neither.
std::optional<LoggedRequest> parse_log_line(std::string_view line);

}  // namespace weir::app
