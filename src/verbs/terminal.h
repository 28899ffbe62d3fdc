#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <weir/verbs/client.h>

#include "text.h"

namespace weir::verbs {

/// Whether a file descriptor shows what is written to it to a person: a terminal that knows more than a printer does.
bool is_terminal(int fd);

/// Whether colours go to standard output. `NO_COLOR` (no-color.org), set and not empty, stands against a choice that
/// nobody made.
bool has_colours(Colour colour);

/// What standard output shows at once; zeros where it is no terminal.
struct Extent {
  std::size_t columns = 0;
  std::size_t rows = 0;
};
Extent terminal_extent();

/// The page as text, with SGR sequences (ECMA-48) where `in_colour`.
std::string printed(const Page& page, bool in_colour);

enum class Output : std::uint8_t {
  taken,
  unwanted,  ///< nobody reads any more, as after `| head`: they have got what they wanted
  failed,    ///< the disk is full, or standard output is closed
};
/// Writes all of it to standard output.
Output put(std::string_view text);
/// `weir VERB: MESSAGE` on standard error, one line.
void complain(std::string_view verb, std::string_view message);

}  // namespace weir::verbs
