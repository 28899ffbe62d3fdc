#pragma once

#include <string>

#include <weir/verbs/client.h>

namespace weir::verbs {

struct MarkOptions {
  Server server;
  std::string name;
  std::string text;      ///< a note; empty: none
  bool as_json = false;  ///< the API's own response
};

/// Adds a mark to the time line, now, and prints it. False: it was not added; one line on standard error says why.
bool add_mark(const MarkOptions& options);

}  // namespace weir::verbs
