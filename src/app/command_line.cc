#include <weir/app/command_line.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include <weir/base/bytes.h>
#include <weir/base/closest.h>

#include "command_help.h"
#include "command_table.h"

namespace weir::app {
namespace {

bool is_help(std::string_view argument) { return argument == "--help" || argument == "-h"; }

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
  for (const VerbRow& row : verbs_in_order()) names.push_back(row.name);
  return Error{fmt::format("\"{}\" is no command ({})", word, mend_word(word, names, "weir --help shows them"))};
}

/// The arguments that are left to read.
class Arguments {
 public:
  explicit Arguments(std::span<const char* const> all) : rest_(all) {}
  bool is_empty() const { return rest_.empty(); }
  std::string_view next() const { return rest_.front(); }
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
  for (const Flag* flag : row.all_flags()) spelt.push_back(fmt::format("--{}", flag->name));
  const std::vector<std::string_view> names(spelt.begin(), spelt.end());
  const std::string otherwise = fmt::format("weir {} --help shows them", row.name);
  return Error{fmt::format("{}: \"{}\" is no flag of it ({})", row.name, word, mend_word(word, names, otherwise))};
}

Error no_place(const VerbRow& row, std::string_view argument) {
  const auto flags = row.all_flags();
  const bool takes_config = std::ranges::any_of(flags, [](const Flag* flag) { return flag->letter == 'c'; });
  const std::string mend = takes_config && (argument.ends_with(".yaml") || argument.ends_with(".yml"))
                               ? fmt::format("did you mean -c {}?", argument)
                               : fmt::format("weir {} --help shows what has", row.name);
  return Error{fmt::format("{}: \"{}\" has no place here ({})", row.name, argument, mend)};
}

const Flag* find_flag(const VerbRow& row, std::string_view word, bool is_long) {
  for (const Flag* flag : row.all_flags()) {
    const bool is_it = is_long ? word.substr(2) == flag->name
                               : flag->letter != '\0' && word.substr(1) == std::string_view(&flag->letter, 1);
    if (is_it) return flag;
  }
  return nullptr;
}

/// The choice that `value` means, whatever its case: itself, that of which it is the total (`errors`), or the only one that
/// begins with it (`p99`).
Result<std::string_view> choose(const Flag& flag, std::string_view value) {
  const std::vector<std::string_view> choices = flag.choices();
  for (const std::string& name : {std::string(value), fmt::format("total_{}", value)}) {
    const auto found = std::ranges::find_if(choices, [&](auto choice) { return equals_ignoring_case(choice, name); });
    if (found != choices.end()) return *found;
  }
  const std::string beginning = fmt::format("{}_", value);
  const auto begins = [&](std::string_view choice) {
    return equals_ignoring_case(choice.substr(0, beginning.size()), beginning);
  };
  if (std::ranges::count_if(choices, begins) == 1) return *std::ranges::find_if(choices, begins);
  const std::string known = fmt::format("{}", fmt::join(choices, ", "));
  return Error{fmt::format("\"{}\" is none of its values (write one of {})", value, known)};
}

Status hand_over(CommandLine& line, const Flag& flag, std::string_view value) {
  if (flag.choices != nullptr) {
    const Result<std::string_view> choice = choose(flag, value);
    if (!choice) return choice.error();
    value = choice.value();
  }
  if (flag.take != nullptr) return flag.take(line, value);
  if (value.empty()) return Error{fmt::format("its value is empty (write --{} {})", flag.name, flag.value)};
  line.client.set(flag.parameter, value);
  return Done{};
}

/// `--flag value`, `--flag=value`, `-f value`, `-fvalue`.
Status take_flag(CommandLine& line, const VerbRow& row, std::string_view argument, Arguments& rest) {
  const bool is_long = argument.starts_with("--");
  const std::size_t equals = is_long ? argument.find('=') : std::string_view::npos;
  const std::string_view word = is_long ? argument.substr(0, equals) : argument.substr(0, 2);
  const Flag* found = find_flag(row, word, is_long);
  if (found == nullptr) return unknown_flag(row, word);

  std::optional<std::string_view> value;
  if (equals != std::string_view::npos) value = argument.substr(equals + 1);
  if (!is_long && argument.size() > 2) value = argument.substr(2);
  if (found->value.empty()) {
    if (value) return Error{fmt::format("{}: {} takes no value (leave \"{}\" out)", row.name, word, *value)};
    return found->take(line, {});
  }
  // A value that may be left out is one where a number stands.
  const bool is_left_out =
      found->value_is_optional && (rest.is_empty() || rest.next().empty() || !is_digit(rest.next().front()));
  if (!value && is_left_out) value = std::string_view();
  if (!value) {
    if (rest.is_empty()) {
      return Error{fmt::format("{}: {} has no value (write {} {})", row.name, word, word, found->value)};
    }
    value = rest.take();
  }
  const Status taken = hand_over(line, *found, *value);
  if (!taken) return Error{fmt::format("{}: {}: {}", row.name, word, taken.error().message)};
  return Done{};
}

/// What a verb cannot do without.
Status check_complete(const CommandLine& line, const VerbRow& row) {
  const bool needs_operand = !row.operands.empty() && (!row.operand_is_optional || !line.operand.empty());
  if (needs_operand && std::ranges::find(row.operands, line.operand) == row.operands.end()) {
    std::string known;
    for (const std::string_view one : row.operands) known += fmt::format("{}{}", known.empty() ? "" : ", ", one);
    if (row.verb == Verb::marks) {
      return Error{
          fmt::format("marks: \"{}\" is not known (did you mean weir marks add {}?)", line.operand, line.operand)};
    }
    const std::string what = line.operand.empty() ? fmt::format("{} is missing", row.operand)
                                                  : fmt::format("\"{}\" is not known", line.operand);
    return Error{fmt::format("{}: {} (write one of {})", row.name, what, known)};
  }
  if (line.verb == Verb::marks && line.operand == "add") {
    if (line.name.empty()) return Error{"marks: add has no name (write weir marks add v1.4.2)"};
    if (!line.client.parameters.empty() || line.client.watch) {
      return Error{"marks: add takes --text and no flag that is for showing marks (leave it out)"};
    }
  } else if (line.verb == Verb::marks && !line.client.mark_text.empty()) {
    return Error{"marks: --text is the note of a new mark (write weir marks add NAME --text TEXT)"};
  }
  if (line.verb == Verb::health && line.client.probe && (!line.client.parameters.empty() || line.client.watch)) {
    return Error{"health: --live and --ready ask about weir itself (leave --window, --route and the like out)"};
  }
  if (line.verb == Verb::run && line.config.empty() && !line.upstream) {
    return Error{"run: there is nothing to forward to (write --upstream http://127.0.0.1:3000, or -c FILE)"};
  }
  if (line.verb == Verb::learn && line.operand.empty()) {
    return Error{"learn: there is no file to learn from (write weir learn FILE, or - for standard input)"};
  }
  if (line.verb == Verb::token && line.token.hashes &&
      (!line.token.name.empty() || line.token.role != admin::Grant::admin)) {
    return Error{"token: --hash prints the hash alone (leave --name and --role out)"};
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

void ClientLine::set(std::string_view name, std::string_view value) {
  std::erase_if(parameters, [&](const auto& one) { return one.first == name; });
  parameters.emplace_back(name, value);
}

Result<CommandLine> parse_command_line(std::span<const char* const> arguments) {
  Arguments rest(arguments);
  if (rest.is_empty()) return Error{"a command is missing (weir --help shows them)"};
  const std::string_view first = rest.take();
  if (is_help(first)) return help_line(help_of_all());
  const bool is_version = first == "--version" || first == "-V" || first == "-v";
  const VerbRow* row = find_verb(is_version ? "version" : first);
  if (row == nullptr) return unknown_verb(first);
  if (row->verb == Verb::help && !rest.is_empty()) {
    const std::string_view topic = rest.take();
    row = find_verb(topic);
    return row == nullptr ? Result<CommandLine>(unknown_verb(topic)) : Result<CommandLine>(help_line(help_of(*row)));
  }
  if (row->verb == Verb::help) return help_line(help_of_all());

  CommandLine line;
  line.verb = row->verb;
  bool only_operands = false;  // after `--`
  while (!rest.is_empty()) {
    const std::string_view argument = rest.take();
    if (is_help(argument)) return help_line(help_of(*row));
    const bool is_flag = argument.size() >= 2 && argument.front() == '-' && !only_operands;
    if (is_flag && argument == "--") {
      only_operands = true;
      continue;
    }
    if (!is_flag && !row->operand.empty() && line.operand.empty()) {
      line.operand = argument;
      continue;
    }
    if (!is_flag && !row->second_operand.empty() && !line.operand.empty() && line.name.empty()) {
      if (argument.empty()) return Error{"marks: the name is empty (write weir marks add v1.4.2)"};
      line.name = argument;
      continue;
    }
    if (!is_flag) return no_place(*row, argument);
    const Status taken = take_flag(line, *row, argument, rest);
    if (!taken) return taken.error();
  }
  // A command that asks weighs WEIR_CONFIG against WEIR_ADMIN itself.
  const bool is_client = !row->shared.empty();
  if (const char* file = std::getenv("WEIR_CONFIG"); line.config.empty() && file != nullptr && !is_client) {
    line.config = file;
  }
  const Status complete = check_complete(line, *row);
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
