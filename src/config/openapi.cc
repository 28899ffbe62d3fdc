#include <weir/config/openapi.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include <weir/route/openapi.h>

#include "yaml_document.h"

namespace weir::config {

Result<std::vector<route::Configured>> load_openapi(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Error{fmt::format("{}: cannot be read: {}", file, std::strerror(errno))};
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) return Error{fmt::format("{}: cannot be read to its end", file)};

  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool is_json = first != std::string::npos && text[first] == '{';
  auto document = is_json ? route::parse_json(std::string_view(text).substr(first)) : parse_yaml_document(text);
  if (!document) return Error{fmt::format("{}: {}", file, document.error().message)};
  auto routes = route::read_openapi(document.value());
  if (!routes) return Error{fmt::format("{}: {}", file, routes.error().message)};
  return routes;
}

}  // namespace weir::config
