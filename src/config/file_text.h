#pragma once

#include <cstddef>
#include <string>

#include <weir/base/result.h>

namespace weir::config {

/// The whole of a file. An Error says what is wrong with it without naming it: `cannot be read: ...`.
Result<std::string> read_file(const std::string& file, std::size_t max_bytes);

}  // namespace weir::config
