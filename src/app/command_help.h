#pragma once

#include <string>

#include "command_table.h"

namespace weir::app {

/// What `weir VERB --help` prints.
std::string help_of(const VerbRow& row);
/// What `weir --help` prints.
std::string help_of_all();

/// `-c FILE`, `[--watch [SECONDS]]`: a flag as usage shows it.
std::string usage_of(const Flag& flag);

}  // namespace weir::app
