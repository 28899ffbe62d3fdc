#include "command_table.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <string>
#include <utility>

#include <weir/app/client_command.h>
#include <weir/base/bytes.h>
#include <weir/base/check.h>
#include <weir/verbs/mark.h>
#include <weir/verbs/probe.h>
#include <weir/verbs/reset.h>
#include <weir/verbs/show.h>
#include <weir/verbs/tap.h>
#include <weir/verbs/top.h>

namespace weir::app {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Result<verbs::AdminUrl> url_in_file(const std::string& file) {
  const Result<config::AdminPlace> place = config::load_admin_place(file);
  if (!place) return place.error();
  const net::Endpoint& address = place.value().address;
  if (address.kind == net::Endpoint::Kind::tcp && address.port == 0) {
    return Error{
        fmt::format("{}: admin.address leaves the port to the kernel (name the one it chose with --admin URL)", file)};
  }
  return verbs::AdminUrl::reaching(address, place.value().has_tls);
}

Result<verbs::AdminUrl> url_of(const CommandLine& line) {
  if (line.client.admin) return *line.client.admin;
  if (!line.config.empty()) return url_in_file(line.config);
  if (const std::string named = environment("WEIR_ADMIN"); !named.empty()) {
    Result<verbs::AdminUrl> url = verbs::AdminUrl::parse(named);
    if (url) return url;
    return Error{fmt::format("WEIR_ADMIN: {} (write {}, or a port of this machine)", url.error().message,
                             verbs::kAdminUrlForms)};
  }
  if (const std::string file = environment("WEIR_CONFIG"); !file.empty()) return url_in_file(file);
  return verbs::AdminUrl::reaching(admin::AdminOptions().address, false);
}

/// A header must be able to carry it.
Result<std::string> checked_token(std::string_view text, std::string_view source) {
  const std::string token(trim(text));
  if (std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; })) return token;
  return Error{fmt::format(
      "{}: this is no token: no header can carry it (it is letters, digits and signs without spaces)", source)};
}

Result<std::string> token_of(const ClientLine& client) {
  if (client.token_file.empty()) return checked_token(environment("WEIR_TOKEN"), "WEIR_TOKEN");
  std::ifstream file(client.token_file);
  std::string first;
  if (!file || !std::getline(file, first)) {
    return Error{
        fmt::format("{}: no token can be read there (name a file whose first line is one)", client.token_file)};
  }
  if (first.ends_with('\r')) first.pop_back();
  return checked_token(first, client.token_file);
}

Exit exit_of(bool is_good) { return is_good ? Exit::success : Exit::refused; }

Exit reset(const CommandLine& line, verbs::Server server) {
  const verbs::ResetOptions options = {.server = std::move(server),
                                       .parameters = line.client.parameters,
                                       .is_agreed = line.client.is_agreed,
                                       .as_json = line.client.as_json};
  switch (verbs::reset(options)) {
    case verbs::ResetOutcome::done: return Exit::success;
    case verbs::ResetOutcome::refused: return Exit::refused;
    case verbs::ResetOutcome::unasked: return Exit::usage;
  }
  return Exit::refused;
}

Exit top(const CommandLine& line, verbs::Server server) {
  verbs::TopOptions options = {.server = std::move(server),
                               .parameters = line.client.parameters,
                               .colour = line.client.colour};
  if (line.client.watch) options.every = *line.client.watch;
  switch (verbs::top(options)) {
    case verbs::TopOutcome::done: return Exit::success;
    case verbs::TopOutcome::refused: return Exit::refused;
    case verbs::TopOutcome::no_terminal: return Exit::usage;
  }
  return Exit::refused;
}

Exit tap(const CommandLine& line, verbs::Server server) {
  verbs::TapOptions options = {.server = std::move(server),
                               .parameters = line.client.parameters,
                               .limit = std::nullopt,
                               .as_json = line.client.as_json,
                               .colour = line.client.colour};
  // The stream itself has no end, so it is here that one is made.
  const auto limit = std::ranges::find(options.parameters, "limit", &std::pair<std::string, std::string>::first);
  if (limit != options.parameters.end()) {
    options.limit = parse_decimal(limit->second);
    options.parameters.erase(limit);
  }
  return exit_of(verbs::tap(options));
}

/// The name of a command, which is that of what it asks for.
std::string_view name_of(Verb verb) {
  const auto rows = verbs_in_order();
  return std::find_if(rows.begin(), rows.end(), [&](const VerbRow& row) { return row.verb == verb; })->name;
}

}  // namespace

Result<verbs::Server> server_of(const CommandLine& line) {
  Result<verbs::AdminUrl> url = url_of(line);
  if (!url) return url.error();
  Result<std::string> token = token_of(line.client);
  if (!token) return token.error();
  return verbs::Server{.url = std::move(url).value(),
                       .token = std::move(token).value(),
                       .ca = line.client.ca,
                       .timeout = line.client.timeout};
}

Exit client_command(const CommandLine& line) {
  // Whoever reads no more is told by the write, not by a signal.
  std::signal(SIGPIPE, SIG_IGN);
  const std::string_view name = name_of(line.verb);
  Result<verbs::Server> server = server_of(line);
  if (!server) {
    std::fputs(fmt::format("weir {}: {}\n", name, server.error().message).c_str(), stderr);
    return Exit::usage;
  }
  if (line.client.probe)
    return exit_of(verbs::probe(std::move(server).value(), *line.client.probe, line.client.as_json));
  if (line.verb == Verb::marks && !line.operand.empty()) {
    return exit_of(verbs::add_mark({.server = std::move(server).value(),
                                    .name = line.name,
                                    .text = line.client.mark_text,
                                    .as_json = line.client.as_json}));
  }
  if (line.verb == Verb::reset) return reset(line, std::move(server).value());
  if (line.verb == Verb::tap) return tap(line, std::move(server).value());
  if (line.verb == Verb::top) return top(line, std::move(server).value());
  const auto subject = from_label<verbs::Subject>(name);
  WEIR_CHECK(subject.has_value(), "a command that asks has a subject of its name");
  return exit_of(verbs::show({.server = std::move(server).value(),
                              .subject = *subject,
                              .parameters = line.client.parameters,
                              .as_json = line.client.as_json,
                              .colour = line.client.colour,
                              .watch = line.client.watch}));
}

}  // namespace weir::app
