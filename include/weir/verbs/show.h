#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <weir/verbs/client.h>

namespace weir::verbs {

/// What the admin API can be asked for and shown as tables.
enum class Subject : std::uint8_t { stats, routes, slow, errors, health, users, tenants, services, system, cache, marks, networks, events };

struct ShowOptions {
  Server server;
  Subject subject = Subject::stats;
  Parameters parameters;
  bool as_json = false;        ///< the API's own answer
  Colour colour = Colour::automatic;
  std::optional<Nanos> watch;  ///< again and again, so often, until a signal ends it
};

/// Prints the answer on standard output, or one line on standard error that says why there is none. True: there was one
/// and, for `health`, it is not `unhealthy`. Watching goes on when the server goes away; it has to be there at first.
bool show(const ShowOptions& options);

}  // namespace weir::verbs

template <>
struct weir::Names<weir::verbs::Subject> {
  static constexpr std::array<std::string_view, 13> labels = {"stats", "routes",  "slow",     "errors", "health",
                                                              "users", "tenants", "services", "system", "cache",
                                                              "marks", "networks", "events"};
};
