#include <weir/config/openapi.h>

#include <fmt/format.h>

#include <weir/base/bytes.h>

#include <weir/route/openapi.h>

#include "file_text.h"
#include "yaml_document.h"

namespace weir::config {

namespace {

/// Descriptions of whole platforms have some twelve megabytes.
constexpr std::size_t kMaxBytes = 64 * 1024 * 1024;

/// `FILE:LINE:COLUMN: what` where the message begins with a place, else `FILE: what`.
Error in_file(const std::string& file, const Error& error) {
  const bool has_place = !error.message.empty() && is_digit(error.message.front());
  return Error{fmt::format("{}:{}{}", file, has_place ? "" : " ", error.message)};
}

}  // namespace

Result<std::vector<route::Configured>> load_openapi(const std::string& file, std::vector<std::string>* dropped) {
  const Result<std::string> text = read_file(file, kMaxBytes);
  if (!text) return in_file(file, text.error());
  const std::string_view whole = text.value();
  const std::size_t first = whole.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool is_json = first != std::string::npos && whole[first] == '{';
  auto document = is_json ? route::parse_json(whole.substr(first)) : parse_yaml_document(whole);
  // YAML may begin with a brace too, and its reader knows the place of a mistake.
  if (!document && is_json) document = parse_yaml_document(whole);
  if (!document) return in_file(file, document.error());
  auto routes = route::read_openapi(document.value(), dropped);
  if (!routes) return in_file(file, routes.error());
  return routes;
}

}  // namespace weir::config
