#pragma once

#include <string>
#include <string_view>

namespace weir::app {

/// The completion of weir's command line for `bash`, `zsh` or `fish`, made from the table of commands.
std::string completion_for(std::string_view shell);

}  // namespace weir::app
