#pragma once

#include <string>
#include <vector>

#include <weir/base/result.h>
#include <weir/route/book.h>

namespace weir::config {

/// The routes of an OpenAPI file, JSON or YAML (told apart by the first character). An Error names the file and what is
/// wrong with it. See route::read_openapi for what is understood.
Result<std::vector<route::Configured>> load_openapi(const std::string& file,
                                                    std::vector<std::string>* dropped = nullptr);

}  // namespace weir::config
