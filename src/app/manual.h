#pragma once

#include <string>

namespace weir::app {

/// The manual page weir(1) in roff (man macros), made from the table of commands.
std::string manual_page();

}  // namespace weir::app
