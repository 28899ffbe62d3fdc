#pragma once

#include <weir/app/command_line.h>

namespace weir::app {

/// `weir run`: serves until TERM or INT, drains, and returns. TERM or INT again: at once.
Exit run_command(const CommandLine& line);

}  // namespace weir::app
