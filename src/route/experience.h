#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace weir::route {

/// What the whole API has taught so far, beyond one place. Bounded.
class Experience {
 public:
  Experience() : values_(kValueSlots) {}

  /// `value` was taken by a parameter that takes words. Remembered until another one falls on its slot.
  void note_value(std::string_view value);
  bool is_known_value(std::string_view value) const;

  /// A parameter that takes words was found right after the literal `before`.
  void note_words_after(std::string_view before);
  bool has_words_after(std::string_view before) const;

  /// `text` stands as a literal somewhere after `before`, parameters in between not counted.
  void note_literal(std::string_view text, std::string_view before);
  /// It stands after three different names, and has never been a value.
  bool is_known_literal(std::string_view text) const;

 private:
  static constexpr std::size_t kValueSlots = 1 << 14;
  static constexpr std::size_t kMaxNames = 20'000;
  static constexpr std::size_t kPlacesOfLiteral = 3;

  std::vector<std::uint32_t> values_;  // hashes
  std::unordered_map<std::string, std::vector<std::uint32_t>> literals_;  // hashes of what stands before
  std::unordered_set<std::string> words_after_;
};

}  // namespace weir::route
