#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weir/admin/token_options.h>
#include <weir/base/result.h>
#include <weir/config/load.h>
#include <weir/net/endpoint.h>
#include <weir/verbs/client.h>
#include <weir/verbs/probe.h>

namespace weir::app {

/// Exit status of the program, as scripts rely on it.
enum class Exit : int {
  success = 0,
  refused = 1,  ///< the server said no or could not be reached
  usage = 2,    ///< bad usage or bad configuration
};

enum class Verb : std::uint8_t {
  run, check, learn, token, completion, man, version, help,
  stats, routes, slow, errors, health, users, tenants, services, system, cache, marks, networks, events, reset, top, tap,
};

/// What the commands say that ask the admin API.
struct ClientLine {
  std::optional<verbs::AdminUrl> admin;  ///< none: see `server_of`
  std::string token_file;                ///< empty: WEIR_TOKEN
  std::string ca;
  Nanos timeout = 10s;
  bool as_json = false;
  bool is_agreed = false;                ///< `--yes`
  verbs::Colour colour = verbs::Colour::automatic;
  std::optional<Nanos> watch;
  std::optional<verbs::Probe> probe;     ///< of `health`: `--live`, `--ready`
  std::string mark_text;                 ///< of `marks add`: `--text`
  verbs::Parameters parameters;          ///< of the API, each name once

  /// The last word counts.
  void set(std::string_view name, std::string_view value);
};

/// What `weir token` is to make.
struct TokenLine {
  bool hashes = false;  ///< one that is there already
  std::string name;
  admin::Grant role = admin::Grant::admin;
};

/// What the command line says: plain data, each value checked.
struct CommandLine {
  Verb verb = Verb::help;
  std::string config;                     ///< `-c`, else WEIR_CONFIG; empty: no file
  std::vector<net::Endpoint> listen;      ///< none: those of the file
  std::optional<proxy::ServerOptions> upstream;  ///< the one server of an upstream `app`
  std::optional<net::Endpoint> admin;
  std::optional<std::uint32_t> workers;   ///< 0: auto
  bool prints = false;
  bool is_strict = false;  ///< warnings are errors
  bool prints_tags = false;
  ClientLine client;
  TokenLine token;
  std::string operand;                    ///< what stands after the flags: the FILE of `learn`
  std::string name;                       ///< what stands after that: the NAME of `marks add`
  std::string help;                       ///< the text that the verb `help` prints
};

/// `arguments` are those after the program's name. An error is one sentence that names what, where and the mend;
/// whoever prints it puts the program's name before it.
Result<CommandLine> parse_command_line(std::span<const char* const> arguments);

/// Flags win over the file. `--listen` takes the place of the file's listeners and keeps the upstream of the first.
/// `--upstream` takes the place of the file's upstreams: every listener and route then forwards to it.
void apply(const CommandLine& line, config::Options& options);

/// The file, the flags and the defaults together, checked.
config::Loaded load_options(const CommandLine& line);

}  // namespace weir::app
