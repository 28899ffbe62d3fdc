#include <weir/app/check_command.h>

#include <cstdio>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "process.h"

namespace weir::app {
namespace {

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

void print_problems(const config::Loaded& loaded) {
  for (const std::string& problem : loaded.problems) std::fputs((problem + "\n").c_str(), stderr);
}

namespace {

/// Whether none of them counts as an error.
bool print_warnings(const config::Loaded& loaded, bool is_strict) {
  bool is_good = true;
  for (const config::Warning& warning : loaded.warnings) {
    const bool is_error = warning.fails_check || is_strict;
    const std::string line = is_error ? warning.to_string() : warning.place + ": warning: " + warning.text;
    std::fputs((line + "\n").c_str(), stderr);
    is_good &= !is_error;
  }
  return is_good;
}

}  // namespace

Exit check_command(const CommandLine& line) {
  const config::Loaded loaded = load_options(line);
  print_problems(loaded);
  const bool has_no_fault = print_warnings(loaded, line.is_strict);
  // What --print shows is what would run.
  if (!loaded.is_ok() || (!has_no_fault && !line.prints)) return Exit::usage;
  const config::Options& options = loaded.options;
  if (line.prints) {
    return print("check", config::print(options, config::Secrets::masked));
  }
  std::string good =
      fmt::format("{}: ok ({}, {}, {}", line.config, counted(options.listeners.size(), "listener"),
                  counted(options.upstreams.size(), "upstream"), counted(options.routes.size(), "route"));
  if (!options.openapi.empty()) good += fmt::format(", {} from OpenAPI", options.described_routes().size());
  good += ")\n";
  for (const std::string& dropped : options.dropped_operations)
    good += fmt::format("no route of its own: {}\n", dropped);
  return print("check", good);
}

}  // namespace weir::app
