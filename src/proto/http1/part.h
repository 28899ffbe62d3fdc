#pragma once

#include <string_view>

#include <sys/uio.h>

namespace weir::proto::http1 {

/// Bytes as one part of a write, which only reads them.
inline iovec part(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

}  // namespace weir::proto::http1
