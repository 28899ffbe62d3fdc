#include <weir/app/run_command.h>

#include <cstdio>
#include <optional>
#include <utility>

#include <weir/app/check_command.h>

#include "process.h"
#include "program.h"

namespace weir::app {

Exit run_command(const CommandLine& line) {
  // HUP or USR1 would end what does not listen to them yet: they wait until it does.
  std::optional<SignalsBlocked> until_started(std::in_place);
  config::Loaded loaded = load_options(line);
  if (!loaded.is_ok()) {
    print_problems(loaded);
    return Exit::usage;
  }
  const std::vector<config::Warning> warnings = std::move(loaded.warnings);
  auto program = Program::assemble(std::move(loaded.options), [line] { return load_options(line); });
  if (!program) {
    std::fprintf(stderr, "weir: %s\n", program.error().message.c_str());
    return Exit::refused;
  }
  log_warnings(warnings);
  until_started.reset();
  program.value()->run();
  return Exit::success;
}

}  // namespace weir::app
