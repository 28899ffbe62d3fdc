#include <weir/stats/tags.h>

#include <algorithm>
#include <array>

#include <weir/base/bytes.h>

namespace weir::stats {

namespace {

/// `event` and `window` are labels that weir itself writes beside tags.
constexpr std::array<std::string_view, 4> kTaken = {"event", "window", "le", "quantile"};

std::string label_name(const std::string& tag) {
  std::string name;
  for (const char c : tag) {
    const bool is_allowed = is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
    name += is_allowed ? c : '_';
  }
  const bool is_taken = std::find(kTaken.begin(), kTaken.end(), name) != kTaken.end();
  return is_taken || is_digit(name.front()) || name.starts_with("__") ? "tag_" + name : name;
}

}  // namespace

void make_labels(Tags& tags) {
  for (Tag& tag : tags) tag.name = label_name(tag.name);
  std::stable_sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.name < b.name; });
  const auto same_name = [](const Tag& a, const Tag& b) { return a.name == b.name; };
  tags.erase(std::unique(tags.begin(), tags.end(), same_name), tags.end());
}

}  // namespace weir::stats
