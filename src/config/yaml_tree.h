#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "problem.h"

namespace weir::config {

/// One value of a YAML file with its place. Aliases are copies; no two keys of a map are the same.
struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, list, map };

  struct Key {
    std::string text;
    int line = 0;
    int column = 0;
  };

  Kind kind = Kind::null;
  int line = 0;  ///< from 1; 0 where there is no file
  int column = 0;
  std::string text;                ///< of a scalar, as it stands
  bool is_quoted = false;          ///< a scalar in quotes, which is never a merge key
  std::vector<Key> keys;           ///< of a map, one a child
  std::vector<YamlNode> children;  ///< of a map or a list

  /// The child under `key`; null where there is none.
  const YamlNode* find(std::string_view key) const;
};

struct YamlTree {
  YamlNode root;
  std::vector<Problem> problems;
};

/// So that no file, however it refers to itself, costs more than this.
inline constexpr std::size_t kMaxNodes = 100'000;
inline constexpr std::size_t kMaxDepth = 32;

/// Reads one document. What YAML libraries let pass is a problem here: a key twice, a quote that is never closed, tags,
/// more than one document, bytes that are no text. After a mistake of syntax, and where the file holds no
/// map, the tree is empty.
YamlTree parse_yaml(std::string_view text);

}  // namespace weir::config
