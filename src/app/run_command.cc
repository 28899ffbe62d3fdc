#include <weir/app/run_command.h>

#include <cstdio>

#include <weir/app/check_command.h>

#include "program.h"

namespace weir::app {

Exit run_command(const CommandLine& line) {
  config::Loaded loaded = load_options(line);
  if (!loaded.is_ok()) {
    print_problems(loaded);
    return Exit::usage;
  }
  auto program = Program::assemble(std::move(loaded.options), [line] { return load_options(line); });
  if (!program) {
    std::fprintf(stderr, "weir: %s\n", program.error().message.c_str());
    return Exit::refused;
  }
  program.value()->run();
  return Exit::success;
}

}  // namespace weir::app
