#pragma once

#include <string_view>

namespace weir {

/// Writes all of `bytes` to a blocking `fd`. False where it takes less, and `errno` says why.
bool write_all(int fd, std::string_view bytes);

/// What people are told where standard output is not written to.
inline constexpr std::string_view kNoOutput = "standard output takes no more (is the disk full?)";

}  // namespace weir
