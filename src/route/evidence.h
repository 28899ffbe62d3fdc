#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tree.h"

namespace weir::route {

/// What the whole API has taught so far, beyond one place. Bounded; hashes only.
class Experience {
 public:
  Experience();

  /// `value` was taken by a parameter that takes words.
  void note_value(std::string_view value);
  bool is_known_value(std::string_view value) const;

  /// A parameter that takes words was found right after the literal `before`.
  void note_words_after(std::string_view before);
  bool has_words_after(std::string_view before) const;

  /// `text` stands as a literal right below a parameter or near the root, in one more place.
  void note_literal(std::string_view text, std::string_view before);
  bool is_known_literal(std::string_view text) const;

 private:
  static constexpr std::size_t kSlots = 1 << 14;
  static constexpr std::size_t kMaxLiterals = 20000;
  static constexpr std::size_t kPlacesOfLiteral = 3;
  std::vector<std::uint32_t> values_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> literals_;
  std::unordered_map<std::string, std::uint32_t> words_after_;
};

/// Log-odds, natural, summed: above zero speaks for "these are values of one parameter", below for "fixed places".
struct Verdict {
  double odds = 0;
  std::vector<NodeIndex> values;  ///< the literals that would be folded
};

/// Weighs whether the words below `place` are values of one parameter.
class Evidence {
 public:
  Evidence(const Tree& tree, const Experience& experience) : tree_(tree), experience_(experience) {}

  /// What the place alone says, before any word has been seen there.
  double of_place(NodeIndex place) const;
  /// What the spelling of `word` says there.
  double of_word(std::string_view word) const;
  /// What one literal's own methods and its children say.
  double of_shape(NodeIndex literal) const;
  /// The whole case.
  Verdict weigh(NodeIndex place) const;

 private:
  /// Words left beside a parameter that takes words by now.
  Verdict weigh_stragglers(NodeIndex place) const;
  double of_company(NodeIndex literal, NodeIndex parameter) const;
  double of_likeness(const std::vector<NodeIndex>& literals) const;
  static double of_counts(std::size_t values, std::size_t once, std::uint64_t hits);

  const Tree& tree_;
  const Experience& experience_;
};

}  // namespace weir::route
