#include "log_line.h"

#include <algorithm>

#include <weir/base/bytes.h>

namespace weir::app {

namespace {

std::optional<std::uint16_t> parse_status(std::string_view text) {
  const auto number = text.size() == 3 ? parse_decimal(text) : std::nullopt;
  if (!number || *number < 100) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

/// The path of a target in any of its forms (RFC 9112 section 3.2).
std::string_view path_of(std::string_view target) {
  if (target.empty() || (target.front() != '/' && target != "*")) {
    const std::size_t scheme = target.find("://");
    if (scheme == std::string_view::npos) return target;
    const std::size_t path = target.find('/', scheme + 3);
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  return target.substr(0, target.find_first_of("?#"));
}

std::optional<LoggedRequest> make(std::string_view method, std::string_view target, std::string_view status) {
  const auto number = parse_status(status);
  if (method.empty() || target.empty() || !number) return std::nullopt;
  const bool is_token = std::none_of(method.begin(), method.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '/' || static_cast<unsigned char>(c) >= 0x7F;
  });
  if (!is_token) return std::nullopt;
  return LoggedRequest{method, path_of(target), *number};
}

std::optional<LoggedRequest> parse_tabs(std::string_view line) {
  const std::size_t first = line.find('\t');
  const std::size_t second = line.find('\t', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  std::string_view status = line.substr(second + 1);
  status = status.substr(0, status.find('\t'));
  return make(line.substr(0, first), line.substr(first + 1, second - first - 1), trim(status));
}

/// The next quote that no backslash takes for text.
std::size_t find_quote(std::string_view line, std::size_t from) {
  for (std::size_t i = from; i < line.size(); ++i) {
    if (line[i] == '"') return i;
    if (line[i] == '\\') ++i;
  }
  return std::string_view::npos;
}

std::optional<LoggedRequest> parse_combined(std::string_view line) {
  const std::size_t open = find_quote(line, 0);
  if (open == std::string_view::npos) return std::nullopt;
  const std::size_t close = find_quote(line, open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view request = line.substr(open + 1, close - open - 1);
  const std::size_t space = request.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  std::string_view target = request.substr(space + 1);
  const std::size_t version = target.rfind(" HTTP/");
  if (version != std::string_view::npos) target = target.substr(0, version);
  std::string_view rest = trim(line.substr(close + 1));
  return make(request.substr(0, space), target, rest.substr(0, rest.find(' ')));
}

}  // namespace

std::optional<LoggedRequest> parse_log_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line.find('\t') != std::string_view::npos ? parse_tabs(line) : parse_combined(line);
}

}  // namespace weir::app
