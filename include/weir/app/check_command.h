#pragma once

#include <weir/app/command_line.h>

namespace weir::app {

/// `weir check`: says on stdout that the file is good and what it holds, or with `--print` the effective configuration
/// alone; else every problem on stderr, one a line.
Exit check_command(const CommandLine& line);

/// Every problem on stderr, one a line: for `run` as well.
void print_problems(const config::Loaded& loaded);

}  // namespace weir::app
