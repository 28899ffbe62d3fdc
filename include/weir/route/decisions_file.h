#pragma once

#include <string>
#include <vector>

#include <weir/base/result.h>
#include <weir/route/book.h>

namespace weir::route {

/// The decisions that `file` keeps; none where there is no such file. An Error names the file: it is left as it is.
Result<std::vector<Decision>> load_decisions(const std::string& file);

/// Writes them in place of what was there, whole or not at all: a new file, put on the disk, then renamed. Slow.
Status save_decisions(const std::string& file, const std::vector<Decision>& decisions);

}  // namespace weir::route
