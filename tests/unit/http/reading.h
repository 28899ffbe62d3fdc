#pragma once

#include <string>
#include <string_view>

#include <weir/http/head_parser.h>

namespace weir::http::testing {

/// One parser with its own table, for tests that read one head after another.
struct Reader {
  explicit Reader(HeadLimits limits = {}) : parser(table, limits) {}

  FieldTable table;
  HeadParser parser;
};

/// The start line and a Host, then `fields`, each line with its CRLF.
inline std::string request_with(std::string_view fields) {
  return std::string("GET / HTTP/1.1\r\nHost: a\r\n").append(fields).append("\r\n");
}

inline std::string response_with(std::string_view fields) {
  return std::string("HTTP/1.1 200 OK\r\n").append(fields).append("\r\n");
}

}  // namespace weir::http::testing
