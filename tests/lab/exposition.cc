#include "exposition.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <vector>

namespace weir::lab {

namespace {

/// Where the series of a line ends: after its closing brace, or at the first space where it has no labels.
std::size_t end_of_series(std::string_view line) {
  bool is_quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (is_quoted && line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && line[i] == ' ') {
      return i;
    }
  }
  return line.size();
}

/// The name, then the labels in their order by name.
std::string canonical(std::string_view series) {
  const std::size_t brace = series.find('{');
  if (brace == std::string_view::npos) return std::string(series);
  std::vector<std::string> labels(1);
  bool is_quoted = false;
  for (std::size_t i = brace + 1; i + 1 < series.size(); ++i) {
    const char c = series[i];
    if (!is_quoted && c == ',') {
      labels.emplace_back();
      continue;
    }
    labels.back() += c;
    if (is_quoted && c == '\\') {
      labels.back() += series[++i];
    } else if (c == '"') {
      is_quoted = !is_quoted;
    }
  }
  std::sort(labels.begin(), labels.end());
  std::string text(series.substr(0, brace));
  for (const std::string& label : labels) (text += ' ') += label;
  return text;
}

/// `visit(series, value)` for each sample; false ends it.
template <class Visit>
void each_sample(std::string_view exposition, Visit visit) {
  while (!exposition.empty()) {
    const std::size_t end = std::min(exposition.find('\n'), exposition.size());
    const std::string_view line = exposition.substr(0, end);
    exposition.remove_prefix(std::min(end + 1, exposition.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::size_t series = end_of_series(line);
    if (!visit(line.substr(0, series), line.substr(std::min(series + 1, line.size())))) return;
  }
}

}  // namespace

std::optional<std::string> series_that_is_twice(std::string_view exposition) {
  std::set<std::string> seen;
  std::optional<std::string> twice;
  each_sample(exposition, [&](std::string_view series, std::string_view) {
    if (!seen.insert(canonical(series)).second) twice = std::string(series);
    return !twice;
  });
  return twice;
}

std::optional<double> value_of(std::string_view exposition, std::string_view wanted) {
  std::optional<double> value;
  each_sample(exposition, [&](std::string_view series, std::string_view text) {
    if (series == wanted) value = std::strtod(std::string(text).c_str(), nullptr);
    return !value;
  });
  return value;
}

}  // namespace weir::lab
