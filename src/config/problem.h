#pragma once

#include <optional>
#include <string>

#include <weir/base/settings.h>

namespace weir::config {

/// One mistake of a configuration file, at its place.
struct Problem {
  int line = 0;  ///< from 1; 0 where there is no file
  int column = 0;
  std::string key;   ///< dotted: `upstreams.app.timeouts.connect`; empty for the file as a whole
  std::string what;  ///< what is wrong
  std::string mend;  ///< what would be right; may be empty
  std::optional<Settings::Weight> warning = {};  ///< it is only a warning, and how much it counts

  /// `FILE:LINE:COLUMN: KEY: what is wrong (what would be right)`, in one line whatever the parts hold.
  std::string to_string(const std::string& file) const;
  /// The two halves of that: `FILE:LINE:COLUMN` and what follows after `: `.
  std::string place(const std::string& file) const;
  std::string text() const;
};

}  // namespace weir::config
