#include "command_help.h"

#include <fmt/format.h>

namespace weir::app {
namespace {

std::string value_of(const Flag& flag) {
  return flag.value_is_optional ? fmt::format("[{}]", flag.value) : std::string(flag.value);
}

std::string line_of(const Flag& flag) {
  const std::string letter = flag.letter != '\0' ? fmt::format("-{}, ", flag.letter) : "    ";
  const std::string name = fmt::format("--{} {}", flag.name, value_of(flag));
  return fmt::format("    {}{:<17} {}\n", letter, name, flag.meaning);
}

/// The choices that the meaning does not name already, wrapped.
std::string choices_of(const Flag& flag) {
  if (flag.choices == nullptr) return {};
  constexpr std::size_t kIndent = 26;
  constexpr std::size_t kWidth = 100;
  std::string out;
  std::string row;
  bool is_new = false;
  for (const std::string_view choice : flag.choices()) {
    is_new |= flag.meaning.find(choice) == std::string_view::npos;
    if (kIndent + row.size() + choice.size() + 1 > kWidth) {
      out += std::string(kIndent, ' ') + row + "\n";
      row.clear();
    }
    row += fmt::format("{}{}", row.empty() ? "" : " ", choice);
  }
  return is_new ? out + std::string(kIndent, ' ') + row + "\n" : std::string();
}

/// The usage, in lines that are not too long.
std::string synopsis_of(const VerbRow& row) {
  constexpr std::size_t kWidth = 100;
  std::string out = fmt::format("weir {}", row.name);
  const std::size_t indent = out.size();
  std::size_t column = out.size();
  const auto add = [&](const std::string& word) {
    if (column + word.size() + 1 > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    }
    out += " " + word;
    column += word.size() + 1;
  };
  for (const Flag* flag : row.all_flags()) add(usage_of(*flag));
  if (!row.operand.empty()) add(std::string(row.operand));
  return out + "\n";
}

}  // namespace

std::string usage_of(const Flag& flag) {
  std::string text = flag.letter != '\0' ? fmt::format("-{}", flag.letter) : fmt::format("--{}", flag.name);
  if (!flag.value.empty()) text += " " + value_of(flag);
  return fmt::format("[{}]{}", text, flag.repeats ? "..." : "");
}

std::string help_of(const VerbRow& row) {
  std::string out = fmt::format("{}    {}\n", synopsis_of(row), row.meaning);
  for (const Flag* flag : row.flags) out += line_of(*flag) + choices_of(*flag);
  if (!row.shared.empty()) out += "\n";
  for (const Flag* flag : row.shared) out += line_of(*flag);
  return out;
}

std::string help_of_all() {
  std::string out =
      "weir stands in front of an HTTP service that nobody changes: it forwards every request untouched\n"
      "and measures which route is slow, since when, and where the time goes.\n";
  bool has_clients = false;
  for (const VerbRow& row : verbs_in_order()) {
    const bool is_client = !row.shared.empty();
    if (!is_client) {
      out += "\n" + help_of(row);
      continue;
    }
    if (!has_clients) out += "\nAsk the weir that runs (`weir stats --help` and so on show the flags of each):\n";
    has_clients = true;
    out += fmt::format("    weir {:<17} {}\n", row.name, row.meaning);
  }
  out += "\nThe commands that ask share these flags:\n";
  for (const Flag* flag : client_flags()) out += line_of(*flag);
  out +=
      "\nFlags win over the file, the file over the defaults: without a file, weir listens on 0.0.0.0:8080 and\n"
      "its admin API on 127.0.0.1:9900. --listen replaces the listeners of the file, --upstream its upstreams.\n"
      "Exit status: 0 success, 1 the server said no or could not be reached, 2 bad usage or configuration.\n";
  return out;
}

}  // namespace weir::app
