#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include <weir/base/clock.h>
#include <weir/base/settings.h>
#include <weir/base/result.h>

namespace weir::admin {

/// Reads one object of a request's body strictly: a member that nobody asks for is a mistake, as is one that comes
/// twice. Keeps the first mistake: where, what, and what would be right.
class ObjectReader {
 public:
  /// `place` goes before the members' names in messages: empty, or `[3]`.
  ObjectReader(simdjson::dom::element value, std::string place);

  bool has(std::string_view name) const;

  // Each: nothing where there is no such member, or a mistake in it.

  /// 1 to `longest` bytes, printable.
  std::optional<std::string> text(std::string_view name, std::size_t longest);
  /// A list of such, at least one and at most `most`.
  std::optional<std::vector<std::string>> texts(std::string_view name, std::size_t longest, std::size_t most);
  std::optional<double> number(std::string_view name, Range<double> range);
  std::optional<std::uint64_t> whole(std::string_view name, Range<std::uint64_t> range);
  /// RFC 3339.
  std::optional<WallTime> time(std::string_view name);
  /// An object of the caller's to read: its mistakes come here through `refuse`.
  std::optional<simdjson::dom::object> object(std::string_view name);

  void refuse(std::string_view name, std::string_view what, std::string_view mend);
  /// After the last member was asked for. `known` names them all, for the message.
  void refuse_others(std::string_view known);

  bool is_ok() const { return problem_.empty(); }
  const std::string& problem() const { return problem_; }

 private:
  struct Member {
    std::string_view name;
    simdjson::dom::element value;
    bool is_asked_for = false;
  };
  static constexpr std::size_t kMostMembers = 32;

  void take_members(simdjson::dom::object object);
  Member* ask(std::string_view name);

  std::string place_;
  std::vector<Member> members_;
  std::string problem_;
};

/// A body as JSON; what it returns lives as long as `parser` and `body`.
Result<simdjson::dom::element> parse_body(simdjson::dom::parser& parser, std::string_view body);

}  // namespace weir::admin
