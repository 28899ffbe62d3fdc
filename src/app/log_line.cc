#include "log_line.h"

#include <algorithm>
#include <charconv>
#include <simdjson.h>

#include <weir/base/bytes.h>

namespace weir::app {

namespace {

std::optional<std::uint16_t> parse_status(std::string_view text) {
  const auto number = text.size() == 3 ? parse_decimal(text) : std::nullopt;
  if (!number || *number < 100) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

/// RFC 9112 section 3.2: `/…`, `*`, `scheme://…`, and the authority of CONNECT.
bool is_target(std::string_view method, std::string_view target) {
  if (target.empty()) return false;
  if (target.front() == '/' || target == "*") return true;
  if (method == "CONNECT")
    return target.find(':') != std::string_view::npos && target.find(' ') == std::string_view::npos;
  const std::size_t scheme = target.find("://");
  if (scheme == 0 || scheme == std::string_view::npos) return false;
  return std::all_of(target.begin(), target.begin() + static_cast<std::ptrdiff_t>(scheme), [](char c) {
    return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
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
  if (method.empty() || !is_target(method, target) || !number) return std::nullopt;
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

/// `METHOD target HTTP/x` in quotes, or with `takes_any_version` without the version too; behind it the status.
std::optional<LoggedRequest> parse_quoted(std::string_view request, std::string_view rest, bool takes_any_version) {
  const std::size_t space = request.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  std::string_view target = request.substr(space + 1);
  const std::size_t version = target.rfind(" HTTP/");
  if (version == std::string_view::npos && !takes_any_version) return std::nullopt;
  if (version != std::string_view::npos) target = target.substr(0, version);
  rest = trim(rest);
  return make(request.substr(0, space), target, rest.substr(0, rest.find_first_of(" \t")));
}

std::optional<LoggedRequest> parse_combined(std::string_view line) {
  std::optional<LoggedRequest> without_version;
  bool is_first = true;
  // Any quote may open the request's field: one too many before it does no harm.
  for (std::size_t open = find_quote(line, 0); open != std::string_view::npos;) {
    const std::size_t close = find_quote(line, open + 1);
    if (close == std::string_view::npos) break;
    const std::string_view field = line.substr(open + 1, close - open - 1);
    if (const auto request = parse_quoted(field, line.substr(close + 1), false)) return request;
    if (is_first) without_version = parse_quoted(field, line.substr(close + 1), true);
    is_first = false;
    open = close;
  }
  return without_version;
}

}  // namespace

struct LogLineReader::Json {
  simdjson::dom::parser parser;
};

LogLineReader::LogLineReader() : json_(std::make_unique<Json>()) {}
LogLineReader::~LogLineReader() = default;

std::optional<LoggedRequest> LogLineReader::read_json(std::string_view line) {
  simdjson::dom::element root;
  if (json_->parser.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  std::string_view method;
  std::string_view path;
  if (root["method"].get(method) != simdjson::SUCCESS || root["path"].get(path) != simdjson::SUCCESS)
    return std::nullopt;
  // Other loggers write the status as a text.
  std::string_view text;
  std::uint64_t number = 0;
  if (root["status"].get(text) == simdjson::SUCCESS) return make(method, path, text);
  if (root["status"].get(number) != simdjson::SUCCESS) return std::nullopt;
  return make(method, path, std::to_string(number));
}

std::optional<LoggedRequest> LogLineReader::with_plain_bytes(std::optional<LoggedRequest> request) {
  if (!request || request->path.find("\\x") == std::string_view::npos) return request;
  path_.clear();
  for (std::string_view rest = request->path; !rest.empty();) {
    unsigned byte = 0;
    const bool is_code = rest.size() >= 4 && rest.starts_with("\\x") &&
                         std::from_chars(rest.data() + 2, rest.data() + 4, byte, 16).ptr == rest.data() + 4;
    path_ += is_code ? static_cast<char>(byte) : rest.front();
    rest.remove_prefix(is_code ? 4 : 1);
  }
  request->path = path_;
  return request;
}

std::optional<LoggedRequest> LogLineReader::read(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (trim(line).starts_with('{')) {
    if (const auto request = read_json(line)) return with_plain_bytes(request);
  }
  const std::size_t tab = line.find('\t');
  if (tab != std::string_view::npos && tab < line.find('"')) {
    if (const auto request = parse_tabs(line)) return with_plain_bytes(request);
  }
  return with_plain_bytes(parse_combined(line));
}

}  // namespace weir::app
