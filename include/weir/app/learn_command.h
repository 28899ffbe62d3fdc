#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

#include <weir/app/command_line.h>

namespace weir::app {

struct LearnOptions {
  std::string file = "-";           ///< an access log; `-` for standard input
  bool prints_tags = false;         ///< `METHOD pattern` for every line instead of the table
  std::size_t max_routes = 10'000;  ///< more than a server keeps: here each costs no figures
};

/// `weir learn [--tags] FILE`: shows which routes weir would have found in the log, each request seen once, in the
/// order of the file, as a running weir sees them. Understands the combined format and
/// `METHOD<tab>target<tab>status`, line by line. Memory does not grow with the file.
Exit learn_command(const LearnOptions& options);

/// The same between streams. Lines that are no requests are counted on `err`, and print `(unmatched)` as a tag.
Exit learn(const LearnOptions& options, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace weir::app
