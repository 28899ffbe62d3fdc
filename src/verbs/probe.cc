#include "fetch.h"
#include "terminal.h"

#include <string>
#include <utility>

#include <weir/base/write_all.h>
#include <weir/verbs/probe.h>

namespace weir::verbs {

bool probe(Server server, Probe what, bool as_json) {
  server.token.clear();
  const bool is_live = what == Probe::live;
  const Result<std::string> body = fetch(server, {.target = is_live ? "/healthz" : "/readyz"});
  if (!body) {
    complain("health", body.error().message);
    return false;
  }
  const std::string text = as_json ? body.value() : is_live ? "live" : "ready";
  if (put(text + "\n") == Output::failed) complain("health", kNoOutput);
  return true;
}

}  // namespace weir::verbs
