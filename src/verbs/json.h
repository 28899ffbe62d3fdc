#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/result.h>

namespace weir::verbs {

/// An answer of the admin API as a tree. What is not there, or is something else, reads as null, empty or nothing: so
/// an older or newer weir leaves a gap in a table and breaks nothing.
class Json {
 public:
  struct Member;

  static Result<Json> parse(std::string_view text);

  /// The member of that name; null if there is none.
  const Json& operator[](std::string_view name) const;

  bool is_null() const { return kind_ == Kind::null; }
  bool is_true() const { return kind_ == Kind::boolean && number_ != 0; }
  std::optional<double> number() const;
  double number_or(double otherwise) const { return number().value_or(otherwise); }
  /// Control characters and all, as it came.
  std::string_view text() const { return text_; }
  const std::vector<Json>& items() const { return items_; }
  /// In the order of the document.
  const std::vector<Member>& members() const { return members_; }

 private:
  friend struct JsonBuilder;
  enum class Kind : std::uint8_t { null, boolean, number, text, list, object };

  Kind kind_ = Kind::null;
  double number_ = 0;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

struct Json::Member {
  std::string name;
  Json value;
};

}  // namespace weir::verbs
