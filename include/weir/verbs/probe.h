#pragma once

#include <cstdint>

#include <weir/verbs/client.h>

namespace weir::verbs {

/// What a container runtime wants to know of weir itself. Neither needs a token.
enum class Probe : std::uint8_t {
  live,   ///< /healthz: it runs and responds
  ready,  ///< /readyz: it takes traffic, and at least one server of the app may be healthy
};

/// Asks, and prints `live` or `ready`. False: it is not; one line on standard error says why.
bool probe(Server server, Probe what, bool as_json);

}  // namespace weir::verbs
