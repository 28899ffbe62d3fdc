#pragma once

#include <string>

#include <weir/config/options.h>

namespace weir::config {

/// Reads the files that `openapi` names; `config_file` is where relative names begin. What is wrong with one is a
/// problem of its place in the list. Checks that all written routes find room.
void read_openapi_files(Options& options, const std::string& config_file, Settings& settings);

}  // namespace weir::config
