#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <weir/app/command_line.h>

namespace weir::app {

/// A flag with what it does.
struct Flag {
  std::string_view name;
  char letter = '\0';
  std::string_view value = {};     ///< what its value is called; empty: it takes none
  std::string_view meaning;
  /// Takes the value, which is one of the choices where there are some.
  Status (*take)(CommandLine&, std::string_view) = nullptr;
  /// In place of `take`: the parameter of the admin API that the value becomes.
  std::string_view parameter = {};
  /// What the value may be; none: anything that `take` takes.
  std::vector<std::string_view> (*choices)() = nullptr;
  bool repeats = false;
  bool value_is_optional = false;  ///< `--watch`, `--watch 5`
  bool takes_file = false;         ///< the value names a file
};

/// A command with its flags. Parsing, help, completion and the manual page all come from here.
struct VerbRow {
  Verb verb;
  std::string_view name;
  std::string_view meaning;
  std::span<const Flag* const> flags;
  std::string_view operand = {};                ///< what it takes after the flags; empty: nothing
  std::span<const Flag* const> shared = {};     ///< flags that all commands of its kind have
  std::span<const std::string_view> operands = {};  ///< what the operand may be; none: a file

  bool operand_is_optional = false;
  std::string_view second_operand = {};  ///< what may stand after the operand; empty: nothing

  std::vector<const Flag*> all_flags() const;
};

std::span<const VerbRow> verbs_in_order();
/// Null if there is none.
const VerbRow* find_verb(std::string_view name);

/// The flags of every command that asks the admin API.
std::span<const Flag* const> client_flags();

}  // namespace weir::app
