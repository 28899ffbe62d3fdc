#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/method.h>
#include <weir/base/result.h>
#include <weir/route/segment.h>

namespace weir::route {

/// One part of a pattern between two slashes.
struct Segment {
  enum class Type : std::uint8_t {
    literal,    ///< these bytes
    parameter,  ///< `{name}`: one segment that is not empty, or with text around it the part between (`{id}:cancel`)
    rest,       ///< `{name...}` or `*`: all that is left, slashes included, and nothing too; last only
  };
  Type type = Type::literal;
  /// The bytes of a literal in their normal form, the name of a parameter; empty for `*`.
  std::string text;
  /// What a parameter takes. Written patterns take any; a learned `{id}` that has only ever been a number leaves
  /// words to others.
  KindSet kinds = kAnyKind;
  /// Of a parameter: the literal text before and after it in its segment, in its normal form.
  std::string prefix{};
  std::string suffix{};

  /// A parameter with text around it.
  bool has_affix() const { return !prefix.empty() || !suffix.empty(); }
  friend bool operator==(const Segment&, const Segment&) = default;
};

/// A path template with an optional method: `GET /users/{id}`, `/jobs/{id}:cancel`, `/v{n}/{path...}`, `/static/*`,
/// `OPTIONS *`.
///
/// Text around a parameter is literal and what is between must not be empty. Of several parameters in one segment the
/// text around the outermost braces counts, and they are one parameter: `/{name}.{format}` is `/{name_format}`.
///
/// Paths are compared in one normal form of their percent-codes (see normal_form.h): no case folding, no dot segments
/// removed. Literals may be written raw, such as `/straße` and `/a b`; they are printed in that form. The
/// query is no part of a path. A trailing slash and an empty segment are literal: `/a/` is not `/a`.
/// `/a/*` takes `/a/`, `/a/b` and `/a/b/c`, but not `/a`.
class Pattern {
 public:
  /// So that matching is bounded whatever is configured.
  static constexpr std::size_t kMaxSegments = 64;
  static constexpr std::size_t kMaxText = 2048;

  /// Unknown methods, a rest that is not last or not whole, a name used twice: an Error of one sentence that says what
  /// would be right.
  static Result<Pattern> parse(std::string_view text);

  /// For those who know their segments already (learner, OpenAPI). An empty list is the target `*`.
  Pattern(std::optional<Method> method, std::vector<Segment> segments);

  std::optional<Method> method() const { return method_; }
  const std::vector<Segment>& segments() const { return segments_; }
  /// The `*` of `OPTIONS *` (RFC 9112 section 3.2.4): no path at all.
  bool is_asterisk() const { return segments_.empty(); }

  /// `/users/{id}`.
  std::string path() const;
  /// `GET /users/{id}`, or the path alone where it holds for any method.
  std::string text() const;

  /// The same with every parameter unnamed: two patterns with the same shape take the same paths.
  std::string shape() const;

  /// Whether it takes every request that `narrow` takes.
  bool covers(const Pattern& narrow) const;

 private:
  std::optional<Method> method_;
  std::vector<Segment> segments_;
};

}  // namespace weir::route
