#include <weir/base/check.h>

#include <cstdio>
#include <cstdlib>

namespace weir {

void check_failed(const char* condition, const char* message, const char* file, int line) {
  std::fprintf(stderr, "weir: bug: %s (%s) at %s:%d\n", message, condition, file, line);
  std::abort();
}

}  // namespace weir
