#pragma once

#include <cstdint>

#include <weir/verbs/client.h>

namespace weir::verbs {

struct ResetOptions {
  Server server;
  Parameters parameters;  ///< what to reset; none: everything
  bool is_agreed = false;  ///< `--yes`: nobody is asked
  bool as_json = false;    ///< the API's own answer
};

enum class ResetOutcome : std::uint8_t { done, refused, unasked };

/// Begins the figures anew. Asks first, on the terminal; `unasked`: there is none to ask on. What went wrong is on
/// standard error.
ResetOutcome reset(const ResetOptions& options);

}  // namespace weir::verbs
