#pragma once

#include <iosfwd>

#include <weir/app/command_line.h>

namespace weir::app {

/// `weir token`: a new admin token with the line that the configuration takes. `weir token --hash`: the hash alone of the
/// token in the first line of `in`. Results go to `out`, what a person should know to `notes`.
Exit token_command(const TokenLine& line, std::istream& in, std::ostream& out, std::ostream& notes);

}  // namespace weir::app
