#pragma once

#include <cstdint>
#include <optional>

#include <weir/verbs/client.h>

namespace weir::verbs {

struct TapOptions {
  Server server;                       ///< its time limit is one for the beginning of the stream
  Parameters parameters;               ///< which requests
  std::optional<std::uint64_t> limit;  ///< ends after so many
  bool as_json = false;                ///< a line of JSON for each, as the API says it
  Colour colour = Colour::automatic;
};

/// Prints a line for each request as it finishes, until a signal ends it, the limit is reached or nobody reads any more.
/// False: there is no stream, or the server has ended it; standard error says why.
bool tap(const TapOptions& options);

}  // namespace weir::verbs
