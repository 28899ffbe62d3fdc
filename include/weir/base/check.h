#pragma once

namespace weir {

/// Prints `condition`, `message` and the place to stderr and aborts. For bugs of weir's own only:
/// nothing that a client, an upstream, a disk or a configuration can cause may end here.
[[noreturn]] void check_failed(const char* condition, const char* message, const char* file, int line);

}  // namespace weir

#define WEIR_CHECK(condition, message)                                          \
  do {                                                                          \
    if (!(condition)) [[unlikely]]                                              \
      ::weir::check_failed(#condition, (message), __FILE__, __LINE__);          \
  } while (false)
