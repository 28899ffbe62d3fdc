#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "text.h"

namespace weir::verbs {

struct Column {
  enum class Align : std::uint8_t { left, right };

  std::string title;
  Align align = Align::right;
  /// May be cut where the terminal is too narrow, to this many columns, or fewer where nothing more can be left out; 0:
  /// never.
  std::size_t narrowest = 0;
  /// Left out where cutting was not enough, the highest first; 0: always there.
  int expendable = 0;
  Style title_style = Style::heading;
};

/// Text in columns, each as wide as its widest cell.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// One cell a column. What a terminal must not see is spelt out here.
  void add(std::vector<Span> cells);
  bool is_empty() const { return rows_.empty(); }

  /// The titles and the rows, in at most `width` columns if that can be; 0: as wide as it gets.
  Page page(std::size_t width) const;

 private:
  std::vector<std::size_t> widths_for(std::size_t width) const;
  void narrow(std::vector<std::size_t>& widths, std::size_t width) const;
  Line line(const std::vector<Span>& cells, const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Span>> rows_;
};

}  // namespace weir::verbs
