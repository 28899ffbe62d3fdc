#pragma once

#include <cstddef>
#include <string_view>

namespace weir::http {

/// Reads a list of members with parameters, `db;dur=5;desc="a, b", cache`, as Server-Timing and Cache-Status write it.
/// Forgiving, since nothing but a figure hangs on it: what cannot be read is passed over up to the next parameter or
/// member, and never makes a figure of its own. Views point into the text.
class MemberReader {
 public:
  explicit MemberReader(std::string_view text) : text_(text) {}

  /// Goes to the next member that has a name, a token or a quoted string; false: there is none.
  bool next_member();
  std::string_view name() const { return name_; }

  /// Goes to the next parameter of this member; false: there is none.
  bool next_parameter();
  std::string_view parameter() const { return parameter_; }
  /// Without its quotes; escapes stay as they came. Empty where there is none.
  std::string_view value() const { return value_; }

 private:
  void skip_space();
  /// Up to the next of `stops` that is in no quoted string, or to the end.
  void skip_to(std::string_view stops);
  std::string_view token_or_quoted();

  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view name_;
  std::string_view parameter_;
  std::string_view value_;
};

}  // namespace weir::http
