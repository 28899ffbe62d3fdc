#include <weir/verbs/reset.h>

#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include <weir/base/write_all.h>

#include "fetch.h"
#include "json.h"
#include "quantities.h"
#include "terminal.h"

namespace weir::verbs {

namespace {

std::string scope_text(const Parameters& parameters) {
  std::string scope;
  for (const auto& [name, value] : parameters) scope += fmt::format("{}{} {}", scope.empty() ? "" : ", ", name, value);
  return scope.empty() ? "all figures" : fmt::format("the figures of {}", scope);
}

/// The question goes to standard error, so that standard output holds the answer alone.
bool is_confirmed(const std::string& question) {
  std::fputs(harmless(question).append(" [y/N] ").c_str(), stderr);
  std::fflush(stderr);
  std::string line;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) {
    if (line.size() < 16) line += static_cast<char>(c);
  }
  return line == "y" || line == "Y" || line == "yes";
}

}  // namespace

ResetOutcome reset(const ResetOptions& options) {
  if (!options.is_agreed) {
    if (!is_terminal(STDIN_FILENO) || !is_terminal(STDERR_FILENO)) {
      complain("reset", "it throws figures away, and there is no terminal to ask on (write weir reset --yes)");
      return ResetOutcome::unasked;
    }
    if (!is_confirmed(
            fmt::format("Throw away {} of {}?", scope_text(options.parameters), options.server.url.to_string()))) {
      complain("reset", "nothing was reset");
      return ResetOutcome::refused;
    }
  }
  const Result<std::string> body = fetch(
      options.server, {.method = Method::post, .target = target_of("/admin/performance/reset", options.parameters)});
  if (!body) {
    complain("reset", body.error().message);
    return ResetOutcome::refused;
  }
  const Result<Json> answer = Json::parse(body.value());
  const std::string at = answer ? local_time_text(answer.value()["timestamp"].text()) : "now";
  const std::string text =
      options.as_json ? body.value() + "\n"
                      : fmt::format("reset: {} begin anew at {}\n", harmless(scope_text(options.parameters)), harmless(at));
  // It is done, whoever hears of it.
  if (put(text) == Output::failed) complain("reset", kNoOutput);
  return ResetOutcome::done;
}

}  // namespace weir::verbs
