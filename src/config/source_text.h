#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "problem.h"

namespace weir::config {

/// The bytes of a configuration file, for what a YAML library does not check.
class SourceText {
 public:
  /// `bytes` outlive it.
  explicit SourceText(std::string_view bytes) : bytes_(bytes) {}

  /// The first byte that no text file has: a control byte, or what is no UTF-8.
  std::optional<Problem> find_no_text() const;

  /// A line, from 1, without its end; empty where there is none.
  std::string_view line_at(int line) const;

  /// Whether a tab is among the spaces before the text of line `line`, from 1.
  bool is_indented_by_tab(int line) const;

  /// Whether the quoted scalar that begins at `position` ends before the file does. True where no quote stands there.
  /// Positions count characters as yaml-cpp does: bytes, without a byte order mark.
  bool is_quote_closed(std::size_t position) const;

 private:
  std::string_view bytes_;
};

}  // namespace weir::config
