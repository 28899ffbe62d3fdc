#pragma once

namespace weir::app {

/// `0.1.0`, as in meson.build.
const char* version();

}  // namespace weir::app
