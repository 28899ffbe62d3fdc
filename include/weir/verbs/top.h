#pragma once

#include <cstdint>

#include <weir/verbs/client.h>

namespace weir::verbs {

struct TopOptions {
  Server server;
  Parameters parameters;  ///< those of `stats`, to begin with
  Colour colour = Colour::automatic;
  Nanos every = 2s;
};

enum class TopOutcome : std::uint8_t { done, refused, no_terminal };

/// A live table of all routes on the whole terminal, until somebody quits or a signal ends it. The server has to be there
/// at first; where it goes away later, the last figures stay, marked as stale. Leaves the terminal as it was. What went
/// wrong is on standard error.
TopOutcome top(const TopOptions& options);

}  // namespace weir::verbs
