#pragma once

#include <string_view>

#include <weir/base/result.h>
#include <weir/route/openapi.h>

namespace weir::config {

/// An OpenAPI description in YAML as the tree that the reader takes. What holds no path is left out while reading, so
/// that a description of many megabytes costs little. An Error has line and column.
Result<route::Document> parse_yaml_document(std::string_view text);

}  // namespace weir::config
