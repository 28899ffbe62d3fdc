#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::stats {

/// What tells the events of one name apart: `plan: pro`.
struct Tag {
  std::string name;
  std::string value;

  friend bool operator==(const Tag&, const Tag&) = default;
};

using Tags = std::vector<Tag>;

inline constexpr std::size_t kMostTags = 16;
inline constexpr std::size_t kLongestTagName = 64;
inline constexpr std::size_t kLongestTagValue = 128;

/// Makes labels of tags, as Prometheus takes them: letters, digits and `_` in names, none of the names that have a
/// meaning of their own there; in the order of the names, each once (the first one holds).
void make_labels(Tags& tags);

}  // namespace weir::stats
