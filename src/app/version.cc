#include <weir/app/version.h>

namespace weir::app {

const char* version() { return WEIR_VERSION; }

}  // namespace weir::app
