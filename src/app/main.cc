#include <cstdio>
#include <iostream>
#include <span>

#include <weir/app/check_command.h>
#include <weir/app/client_command.h>
#include <weir/app/command_line.h>
#include <weir/app/learn_command.h>
#include <weir/app/run_command.h>
#include <weir/app/token_command.h>
#include <weir/app/version.h>

#include "completion.h"
#include "manual.h"

using namespace weir;

int main(int count, char** arguments) {
  const auto line = app::parse_command_line({arguments + 1, static_cast<std::size_t>(count - 1)});
  if (!line) {
    std::fprintf(stderr, "weir: %s\n", line.error().message.c_str());
    return static_cast<int>(app::Exit::usage);
  }
  switch (line.value().verb) {
    case app::Verb::run: return static_cast<int>(app::run_command(line.value()));
    case app::Verb::check: return static_cast<int>(app::check_command(line.value()));
    case app::Verb::learn:
      return static_cast<int>(app::learn_command({.file = line.value().operand, .prints_tags = line.value().prints_tags}));
    case app::Verb::token:
      return static_cast<int>(app::token_command(line.value().token, std::cin, std::cout, std::cerr));
    case app::Verb::completion: std::fputs(app::completion_for(line.value().operand).c_str(), stdout); break;
    case app::Verb::man: std::fputs(app::manual_page().c_str(), stdout); break;
    case app::Verb::version: std::printf("weir %s\n", app::version()); break;
    case app::Verb::help: std::fputs(line.value().help.c_str(), stdout); break;
    default: return static_cast<int>(app::client_command(line.value()));
  }
  return static_cast<int>(app::Exit::success);
}
