#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::app {

/// What an access log says about one request.
struct LoggedRequest {
  std::string_view method;
  std::string_view path;     ///< without the query; `*` for OPTIONS *
  std::uint16_t status = 0;
};

/// Reads an access log line by line. A line is one of:
/// - the combined format: the first field in quotes that reads `METHOD target HTTP/x`, and the status behind it;
/// - `METHOD<tab>target<tab>status`, where no quote comes before the first tab;
/// - a JSON object with `method`, `path` and `status`, as weir's own log with `log.format: json` has them.
/// A target begins with a slash, is `*`, has a scheme, or belongs to CONNECT. `\xHH` in it, as nginx and weir write bytes
/// that are no text, is that byte.
class LogLineReader {
 public:
  LogLineReader();
  ~LogLineReader();
  LogLineReader(const LogLineReader&) = delete;
  LogLineReader& operator=(const LogLineReader&) = delete;

  /// Nothing if it is none of these. What it returns is good until the next call, and as long as `line` is.
  std::optional<LoggedRequest> read(std::string_view line);

 private:
  struct Json;

  std::optional<LoggedRequest> read_json(std::string_view line);
  std::optional<LoggedRequest> with_plain_bytes(std::optional<LoggedRequest> request);

  std::unique_ptr<Json> json_;
  std::string path_;
};

}  // namespace weir::app
