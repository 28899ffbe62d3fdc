#include <cstdio>
#include <iostream>
#include <span>

#include <fmt/format.h>

#include <weir/app/check_command.h>
#include <weir/app/client_command.h>
#include <weir/app/command_line.h>
#include <weir/app/learn_command.h>
#include <weir/app/run_command.h>
#include <weir/app/token_command.h>
#include <weir/app/version.h>

#include "completion.h"
#include "manual.h"
#include "process.h"

using namespace weir;

namespace {

std::string version_text() { return fmt::format("weir {}\n", app::version()); }

app::Exit carry_out(const app::CommandLine& line) {
  switch (line.verb) {
    case app::Verb::run: return app::run_command(line);
    case app::Verb::check: return app::check_command(line);
    case app::Verb::learn: return app::learn_command({.file = line.operand, .prints_tags = line.prints_tags});
    case app::Verb::token: return app::token_command(line.token, std::cin, std::cout, std::cerr);
    case app::Verb::completion: return app::print("completion", app::completion_for(line.operand));
    case app::Verb::man: return app::print("man", app::manual_page());
    case app::Verb::version: return app::print("version", version_text());
    case app::Verb::help: return app::print("help", line.help);
    default: return app::client_command(line);
  }
}

}  // namespace

int main(int count, char** arguments) {
  app::fill_standard_descriptors();
  const auto line = app::parse_command_line({arguments + 1, static_cast<std::size_t>(count - 1)});
  if (!line) {
    std::fprintf(stderr, "weir: %s\n", line.error().message.c_str());
    return static_cast<int>(app::Exit::usage);
  }
  return static_cast<int>(carry_out(line.value()));
}
