#include <weir/app/command_line.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include <weir/base/bytes.h>
#include <weir/base/closest.h>
#include <weir/net/listener_options.h>
#include <weir/proxy/upstream_options.h>

namespace weir::app {
namespace {

constexpr std::uint32_t kMostWorkers = 1024;

/// A flag with what it does. `value` names its value in the usage; empty: it takes none.
struct Flag {
  std::string_view name;
  char letter;
  std::string_view value;
  bool repeats;
  std::string_view meaning;
  Status (*take)(CommandLine&, std::string_view);
};

Status take_config(CommandLine& line, std::string_view value) {
  if (value.empty()) return Error{"the file name is empty (write -c weir.yaml)"};
  line.config = value;
  return Done{};
}

Result<net::Endpoint> endpoint_of(std::string_view value) {
  Result<net::Endpoint> endpoint = net::Endpoint::parse(value);
  if (endpoint) return endpoint;
  return Error{fmt::format("{} (write {})", endpoint.error().message, net::kEndpointForms)};
}

Status take_listen(CommandLine& line, std::string_view value) {
  Result<net::Endpoint> endpoint = endpoint_of(value);
  if (!endpoint) return endpoint.error();
  line.listen.push_back(std::move(endpoint).value());
  return Done{};
}

Status take_upstream(CommandLine& line, std::string_view value) {
  Result<proxy::ServerOptions> server = proxy::ServerOptions::parse_url(value);
  if (!server) return Error{server.error().message + " (write http://host:port, https://host:port or unix:/path)"};
  line.upstream = std::move(server).value();
  return Done{};
}

Status take_admin(CommandLine& line, std::string_view value) {
  Result<net::Endpoint> endpoint = endpoint_of(value);
  if (!endpoint) return endpoint.error();
  line.admin = std::move(endpoint).value();
  return Done{};
}

Status take_workers(CommandLine& line, std::string_view value) {
  const std::optional<std::uint64_t> count = value == "auto" ? 0 : parse_decimal(value);
  if (!count || *count > kMostWorkers || (*count == 0 && value != "auto")) {
    return Error{fmt::format("\"{}\" is no number of workers (write 1 to {}, or auto)", value, kMostWorkers)};
  }
  line.workers = static_cast<std::uint32_t>(*count);
  return Done{};
}

Status take_print(CommandLine& line, std::string_view) {
  line.prints = true;
  return Done{};
}

Status take_tags(CommandLine& line, std::string_view) {
  line.prints_tags = true;
  return Done{};
}

constexpr Flag kConfig = {"config", 'c', "FILE", false, "the configuration file; else WEIR_CONFIG names it", take_config};
constexpr Flag kListen = {"listen", '\0', "ADDR", true, "where clients connect: host:port, [v6]:port, unix:/path", take_listen};
constexpr Flag kUpstream = {"upstream", '\0', "URL", false, "the app: http://host:port, https://host:port or unix:/path", take_upstream};
constexpr Flag kAdmin = {"admin", '\0', "ADDR", false, "where the admin API listens", take_admin};
constexpr Flag kWorkers = {"workers", '\0', "N", false, "threads that serve, or auto: one a CPU", take_workers};
constexpr Flag kPrint = {"print", '\0', "", false, "show the effective configuration, secrets masked", take_print};

constexpr Flag kTags = {"tags", '\0', "", false, "print the tag that each line of FILE got when it was seen", take_tags};

constexpr std::array kRunFlags = {&kConfig, &kListen, &kUpstream, &kAdmin, &kWorkers};
constexpr std::array kCheckFlags = {&kConfig, &kPrint};
constexpr std::array kLearnFlags = {&kTags};

struct VerbRow {
  Verb verb;
  std::string_view name;
  std::string_view meaning;
  std::span<const Flag* const> flags;
  std::string_view operand = {};  ///< what it takes after the flags; empty: nothing
};

/// Every verb with its flags: parsing and help both come from here.
constexpr std::array<VerbRow, 5> kVerbs = {{
    {Verb::run, "run", "forward and measure until TERM or INT", kRunFlags},
    {Verb::check, "check", "validate the configuration: every mistake, each at its place", kCheckFlags},
    {Verb::learn, "learn", "show the routes that weir would find in an access log (combined, or METHOD<tab>target<tab>status)",
     kLearnFlags, "FILE"},
    {Verb::version, "version", "say which weir this is", {}},
    {Verb::help, "help", "show this; `weir help run` or `weir run --help` shows one command", {}},
}};

const VerbRow* find_verb(std::string_view name) {
  for (const VerbRow& row : kVerbs) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

bool is_help(std::string_view argument) { return argument == "--help" || argument == "-h"; }

std::string usage_of(const Flag& flag) {
  std::string text = flag.letter != '\0' ? fmt::format("-{}", flag.letter) : fmt::format("--{}", flag.name);
  if (!flag.value.empty()) text += fmt::format(" {}", flag.value);
  return fmt::format("[{}]{}", text, flag.repeats ? "..." : "");
}

std::string help_of(const VerbRow& row) {
  std::string out = fmt::format("weir {}", row.name);
  for (const Flag* flag : row.flags) out += " " + usage_of(*flag);
  if (!row.operand.empty()) out += fmt::format(" {}", row.operand);
  out += fmt::format("\n    {}\n", row.meaning);
  for (const Flag* flag : row.flags) {
    const std::string letter = flag->letter != '\0' ? fmt::format("-{}, ", flag->letter) : "    ";
    const std::string name = fmt::format("--{} {}", flag->name, flag->value);
    out += fmt::format("    {}{:<17} {}\n", letter, name, flag->meaning);
  }
  return out;
}

std::string help_of_all() {
  std::string out =
      "weir stands in front of an HTTP service that nobody changes: it forwards every request untouched\n"
      "and measures which route is slow, since when, and where the time goes.\n";
  for (const VerbRow& row : kVerbs) out += "\n" + help_of(row);
  out +=
      "\nFlags win over the file, the file over the defaults: without a file, weir listens on 0.0.0.0:8080 and\n"
      "its admin API on 127.0.0.1:9900. --listen replaces the listeners of the file, --upstream its upstreams.\n"
      "Exit status: 0 success, 1 the server said no or could not be reached, 2 bad usage or configuration.\n";
  return out;
}

std::string mend_word(std::string_view word, std::span<const std::string_view> known, std::string_view otherwise) {
  const std::string_view meant = closest(word, known);
  return meant.empty() ? std::string(otherwise) : fmt::format("did you mean {}?", meant);
}

Error unknown_verb(std::string_view word) {
  // Whoever leaves the verb out means to run.
  if (word.starts_with('-')) {
    return Error{fmt::format("a command is missing before {} (did you mean weir run {}?)", word, word)};
  }
  std::vector<std::string_view> names;
  for (const VerbRow& row : kVerbs) names.push_back(row.name);
  return Error{fmt::format("\"{}\" is no command ({})", word, mend_word(word, names, "weir --help shows them"))};
}

/// The arguments that are left to read.
class Arguments {
 public:
  explicit Arguments(std::span<const char* const> all) : rest_(all) {}
  bool is_empty() const { return rest_.empty(); }
  std::string_view take() {
    const std::string_view first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }

 private:
  std::span<const char* const> rest_;
};

Error unknown_flag(const VerbRow& row, std::string_view word) {
  std::vector<std::string> spelt;
  for (const Flag* flag : row.flags) spelt.push_back(fmt::format("--{}", flag->name));
  const std::vector<std::string_view> names(spelt.begin(), spelt.end());
  const std::string otherwise = fmt::format("weir {} --help shows them", row.name);
  return Error{fmt::format("{}: \"{}\" is no flag of it ({})", row.name, word, mend_word(word, names, otherwise))};
}

/// `--flag value`, `--flag=value`, `-f value`, `-fvalue`.
Status take_flag(CommandLine& line, const VerbRow& row, std::string_view argument, Arguments& rest) {
  const bool is_long = argument.starts_with("--");
  const std::size_t equals = is_long ? argument.find('=') : std::string_view::npos;
  const std::string_view word = is_long ? argument.substr(0, equals) : argument.substr(0, 2);
  const Flag* found = nullptr;
  for (const Flag* flag : row.flags) {
    const bool is_it = is_long ? word.substr(2) == flag->name : flag->letter != '\0' && word.substr(1) == std::string_view(&flag->letter, 1);
    if (is_it) found = flag;
  }
  if (found == nullptr) return unknown_flag(row, word);

  std::optional<std::string_view> value;
  if (equals != std::string_view::npos) value = argument.substr(equals + 1);
  if (!is_long && argument.size() > 2) value = argument.substr(2);
  if (found->value.empty()) {
    if (value) return Error{fmt::format("{}: {} takes no value (leave \"{}\" out)", row.name, word, *value)};
    return found->take(line, {});
  }
  if (!value) {
    if (rest.is_empty()) {
      return Error{fmt::format("{}: {} has no value (write {} {})", row.name, word, word, found->value)};
    }
    value = rest.take();
  }
  const Status taken = found->take(line, *value);
  if (!taken) return Error{fmt::format("{}: {}: {}", row.name, word, taken.error().message)};
  return Done{};
}

/// What a verb cannot do without.
Status check_complete(const CommandLine& line) {
  if (line.verb == Verb::run && line.config.empty() && !line.upstream) {
    return Error{"run: there is nothing to forward to (write --upstream http://127.0.0.1:3000, or -c FILE)"};
  }
  if (line.verb == Verb::learn && line.operand.empty()) {
    return Error{"learn: there is no file to learn from (write weir learn FILE, or - for standard input)"};
  }
  if (line.verb == Verb::check && line.config.empty()) {
    return Error{"check: there is no file to check (write -c FILE, or set WEIR_CONFIG)"};
  }
  return Done{};
}

CommandLine help_line(std::string text) {
  CommandLine line;
  line.verb = Verb::help;
  line.help = std::move(text);
  return line;
}

}  // namespace

Result<CommandLine> parse_command_line(std::span<const char* const> arguments) {
  Arguments rest(arguments);
  if (rest.is_empty()) return Error{"a command is missing (weir --help shows them)"};
  const std::string_view first = rest.take();
  if (is_help(first)) return help_line(help_of_all());
  const VerbRow* row = find_verb(first == "--version" ? "version" : first);
  if (row == nullptr) return unknown_verb(first);
  if (row->verb == Verb::help && !rest.is_empty()) {
    const std::string_view topic = rest.take();
    row = find_verb(topic);
    return row == nullptr ? Result<CommandLine>(unknown_verb(topic)) : Result<CommandLine>(help_line(help_of(*row)));
  }
  if (row->verb == Verb::help) return help_line(help_of_all());

  CommandLine line;
  line.verb = row->verb;
  while (!rest.is_empty()) {
    const std::string_view argument = rest.take();
    if (is_help(argument)) return help_line(help_of(*row));
    const bool is_flag = argument.size() >= 2 && argument.front() == '-' && argument != "--";
    if (!is_flag && !row->operand.empty() && line.operand.empty()) {
      line.operand = argument;
      continue;
    }
    if (!is_flag) {
      return Error{fmt::format("{}: \"{}\" has no place here (weir {} --help shows what has)", row->name, argument, row->name)};
    }
    const Status taken = take_flag(line, *row, argument, rest);
    if (!taken) return taken.error();
  }
  if (const char* file = std::getenv("WEIR_CONFIG"); line.config.empty() && file != nullptr) line.config = file;
  const Status complete = check_complete(line);
  if (!complete) return complete.error();
  return line;
}

void apply(const CommandLine& line, config::Options& options) {
  if (!line.listen.empty()) {
    const std::string upstream = options.listeners.empty() ? std::string() : options.listeners.front().upstream;
    options.listeners.clear();
    for (const net::Endpoint& address : line.listen) options.listeners.push_back({address, upstream});
  }
  if (line.upstream) {
    proxy::UpstreamOptions app = options.fresh_upstream();
    app.name = "app";
    app.servers = {*line.upstream};
    options.upstreams = {app};
    for (net::ListenerOptions& listener : options.listeners) listener.upstream = app.name;
    for (route::RouteOptions& route : options.routes) route.upstream.clear();
  }
  if (line.admin) options.admin.address = *line.admin;
  if (line.workers) options.workers = *line.workers;
}

config::Loaded load_options(const CommandLine& line) {
  return config::load(line.config, [&](config::Options& options) { apply(line, options); });
}

}  // namespace weir::app
