#include "completion.h"

#include <fmt/format.h>

#include "command_table.h"

namespace weir::app {
namespace {

/// `a b c`
template <class Words>
std::string joined(const Words& words) {
  std::string out;
  for (const std::string_view word : words) out += fmt::format("{}{}", out.empty() ? "" : " ", word);
  return out;
}

std::string flags_of(const VerbRow& row) {
  std::string out;
  for (const Flag* flag : row.all_flags()) {
    if (flag->letter != '\0') out += fmt::format("-{} ", flag->letter);
    out += fmt::format("--{} ", flag->name);
  }
  return out + "--help";
}

/// Inside single quotes of any of the three shells.
std::string quoted(std::string_view text, std::string_view escaped = {}) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      if (escaped.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string verb_names() {
  std::string out;
  for (const VerbRow& row : verbs_in_order()) out += fmt::format("{}{}", out.empty() ? "" : " ", row.name);
  return out;
}

std::string bash_values(const VerbRow& row) {
  std::string out;
  for (const Flag* flag : row.all_flags()) {
    if (flag->value.empty() || flag->value_is_optional) continue;
    const std::string pattern =
        fmt::format("'{} --{}'{}", row.name, flag->name,
                    flag->letter == '\0' ? "" : fmt::format(" | '{} -{}'", row.name, flag->letter));
    const std::string words = flag->choices != nullptr ? fmt::format("-W '{}'", joined(flag->choices()))
                              : flag->takes_file       ? "-f"
                                                       : "-W ''";
    out += fmt::format("    {}) mapfile -t COMPREPLY < <(compgen {} -- \"$word\"); return ;;\n", pattern, words);
  }
  return out;
}

std::string bash() {
  std::string values;
  std::string flags;
  for (const VerbRow& row : verbs_in_order()) {
    values += bash_values(row);
    const std::string operand = !row.operands.empty() ? " " + joined(row.operands) : std::string();
    const std::string files = !row.operand.empty() && row.operands.empty() ? " -f" : "";
    flags += fmt::format("    {}) mapfile -t COMPREPLY < <(compgen{} -W '{}{}' -- \"$word\") ;;\n", row.name, files,
                         flags_of(row), operand);
  }
  return fmt::format(R"(# bash completion for weir
_weir() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} verb=${{COMP_WORDS[1]}}
  COMPREPLY=()
  if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before=${{COMP_WORDS[COMP_CWORD-2]}}; fi
  if (( COMP_CWORD == 1 )); then
    mapfile -t COMPREPLY < <(compgen -W '{} --help --version' -- "$word")
    return
  fi
  case "$verb $before" in
{}  esac
  case $verb in
{}  esac
}}
complete -o filenames -F _weir weir
)",
                     verb_names(), values, flags);
}

std::string zsh_value(const Flag& flag) {
  if (flag.value.empty()) return {};
  const std::string action = flag.choices != nullptr ? fmt::format("({})", joined(flag.choices()))
                             : flag.takes_file       ? "_files"
                                                     : " ";
  return fmt::format("{}:{}:{}", flag.value_is_optional ? ":" : "", flag.value, action);
}

std::string zsh() {
  std::string verbs;
  std::string arguments;
  for (const VerbRow& row : verbs_in_order()) {
    verbs += fmt::format("    '{}:{}'\n", row.name, quoted(row.meaning, ":"));
    arguments += fmt::format("    {})\n      _arguments -s \\\n", row.name);
    for (const Flag* flag : row.all_flags()) {
      const std::string meaning = quoted(flag->meaning, "[]:");
      const std::string many = flag->repeats ? "*" : "";
      if (flag->letter != '\0') {
        arguments += fmt::format("        '{}-{}[{}]{}' \\\n", many, flag->letter, meaning, zsh_value(*flag));
      }
      const std::string equals = flag->value.empty() ? "" : "=";
      arguments += fmt::format("        '{}--{}{}[{}]{}' \\\n", many, flag->name, equals, meaning, zsh_value(*flag));
    }
    if (!row.operands.empty()) arguments += fmt::format("        '1:{}:({})' \\\n", row.operand, joined(row.operands));
    if (!row.operand.empty() && row.operands.empty()) {
      arguments += fmt::format("        '1:{}:_files' \\\n", row.operand);
    }
    arguments += "        '--help[show what it takes]'\n      ;;\n";
  }
  return fmt::format(R"(#compdef weir
_weir() {{
  local -a verbs
  verbs=(
{}  )
  if (( CURRENT == 2 )); then
    _describe -t commands 'weir command' verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
{}  esac
}}
if [[ $funcstack[1] == _weir ]]; then _weir "$@"; else compdef _weir weir; fi
)",
                     verbs, arguments);
}

std::string fish() {
  std::string out = "# fish completion for weir\ncomplete -c weir -f\n";
  for (const VerbRow& row : verbs_in_order()) {
    out += fmt::format("complete -c weir -n __fish_use_subcommand -a {} -d '{}'\n", row.name, quoted(row.meaning));
    const std::string condition = fmt::format("complete -c weir -n '__fish_seen_subcommand_from {}'", row.name);
    for (const Flag* flag : row.all_flags()) {
      std::string line = condition;
      if (flag->letter != '\0') line += fmt::format(" -s {}", flag->letter);
      line += fmt::format(" -l {}", flag->name);
      if (flag->choices != nullptr) {
        line += fmt::format(" -x -a '{}'", joined(flag->choices()));
      } else if (flag->takes_file) {
        line += " -r -F";
      } else if (!flag->value.empty() && !flag->value_is_optional) {
        line += " -x";
      }
      out += fmt::format("{} -d '{}'\n", line, quoted(flag->meaning));
    }
    if (!row.operands.empty()) out += fmt::format("{} -a '{}'\n", condition, joined(row.operands));
    if (!row.operand.empty() && row.operands.empty()) out += condition + " -F\n";
  }
  return out;
}

}  // namespace

std::string completion_for(std::string_view shell) {
  if (shell == "bash") return bash();
  return shell == "zsh" ? zsh() : fish();
}

}  // namespace weir::app
