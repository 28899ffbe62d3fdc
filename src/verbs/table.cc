#include "table.h"

#include <algorithm>
#include <numeric>

#include <weir/base/check.h>

namespace weir::verbs {

namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowestOfAll = 8;
/// Instead of a width: the column is left out.
constexpr std::size_t kLeftOut = static_cast<std::size_t>(-1);

std::size_t total_of(const std::vector<std::size_t>& widths) {
  std::size_t total = 0;
  for (const std::size_t width : widths) {
    if (width != kLeftOut) total += width + kGap;
  }
  return total == 0 ? 0 : total - kGap;
}

}  // namespace

/// The last resort: what may be cut is cut further than it is good to read.
void Table::narrow(std::vector<std::size_t>& widths, std::size_t width) const {
  while (total_of(widths) > width) {
    std::size_t widest = kLeftOut;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool may_give = widths[i] != kLeftOut && columns_[i].narrowest != 0 && widths[i] > kNarrowestOfAll;
      if (may_give && (widest == kLeftOut || widths[i] > widths[widest])) widest = i;
    }
    if (widest == kLeftOut) return;
    --widths[widest];
  }
}

void Table::add(std::vector<Span> cells) {
  WEIR_CHECK(cells.size() == columns_.size(), "a row has one cell a column");
  for (Span& cell : cells) cell.text = harmless(cell.text);
  rows_.push_back(std::move(cells));
}

/// Cuts what may be cut, the widest first; then leaves out what is least needed, and gives back what that has freed.
std::vector<std::size_t> Table::widths_for(std::size_t width) const {
  std::vector<std::size_t> natural;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = width_of(columns_[i].title);
    for (const auto& row : rows_) widest = std::max(widest, width_of(row[i].text));
    natural.push_back(widest);
  }
  if (width == 0) return natural;
  while (true) {
    std::vector<std::size_t> widths = natural;
    while (total_of(widths) > width) {
      std::size_t widest = kLeftOut;
      for (std::size_t i = 0; i < widths.size(); ++i) {
        const bool may_give = widths[i] != kLeftOut && columns_[i].narrowest != 0 && widths[i] > columns_[i].narrowest;
        if (may_give && (widest == kLeftOut || widths[i] > widths[widest])) widest = i;
      }
      if (widest == kLeftOut) break;
      --widths[widest];
    }
    if (total_of(widths) <= width) return widths;
    std::size_t least = kLeftOut;
    for (std::size_t i = 0; i < natural.size(); ++i) {
      const bool may_go = natural[i] != kLeftOut && columns_[i].expendable != 0;
      if (may_go && (least == kLeftOut || columns_[i].expendable > columns_[least].expendable)) least = i;
    }
    if (least == kLeftOut) {
      narrow(widths, width);
      return widths;
    }
    natural[least] = kLeftOut;
  }
}

Line Table::line(const std::vector<Span>& cells, const std::vector<std::size_t>& widths) const {
  const auto shown = [&](std::size_t i) { return widths[i] != kLeftOut; };
  std::size_t last = cells.size();
  while (last > 0 && !shown(last - 1)) --last;
  Line out;
  for (std::size_t i = 0; i < last; ++i) {
    if (!shown(i)) continue;
    const std::string text = cut(cells[i].text, widths[i]);
    const std::size_t missing = widths[i] - std::min(widths[i], width_of(text));
    const bool is_last = i + 1 == last;
    const bool is_right = columns_[i].align == Column::Align::right;
    const std::string before(is_right ? missing : 0, ' ');
    const std::string after(is_last ? 0 : (is_right ? 0 : missing) + kGap, ' ');
    if (!before.empty()) out.push_back({before});
    out.push_back({text, cells[i].style});
    if (!after.empty()) out.push_back({after});
  }
  while (!out.empty() && out.back().text.find_first_not_of(' ') == std::string::npos) out.pop_back();
  return out;
}

Page Table::page(std::size_t width) const {
  const std::vector<std::size_t> widths = widths_for(width);
  std::vector<Span> titles;
  for (const Column& column : columns_) titles.push_back({column.title, column.title_style});
  Page page = {line(titles, widths)};
  for (const auto& row : rows_) page.push_back(line(row, widths));
  return page;
}

}  // namespace weir::verbs
