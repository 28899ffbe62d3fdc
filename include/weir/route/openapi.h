#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weir/base/result.h>
#include <weir/route/book.h>

namespace weir::route {

/// What JSON and YAML have in common, so that one reader serves both: the room that knows a syntax makes the tree.
struct Document {
  enum class Type : std::uint8_t { scalar, list, map };
  Type type = Type::scalar;
  std::string text;                                       ///< of a scalar, quotes gone; empty for null
  std::vector<Document> items;                            ///< of a list
  struct Member;
  std::vector<Member> members;                            ///< of a map, in the order of the file

  /// The member of that name, null if there is none (or this is no map).
  const Document* find(std::string_view name) const;
  const Member* find_member(std::string_view name) const;
};

struct Document::Member {
  std::string name;
  Document value;
  int line = 0;  ///< of the name, from 1; 0 where the syntax's library does not say
  int column = 0;
};

/// Where in a description a value stands, as far as that tells which members matter for its routes.
enum class OpenapiLevel : std::uint8_t {
  top,
  paths,       ///< its names are paths
  path_items,  ///< of `components`: its names are people's
  path_item,
  operation,
  server,     ///< and a list of servers
  variables,  ///< its names are people's
  variable,
  components,
  other,  ///< anything may be below
};

/// Of the value of `member` in a map at `level`. Nothing: it can hold no path, but is most of a file, so whoever makes a
/// Document leaves it out. Names that people choose are never left out. Items of a list are at the level of the list.
std::optional<OpenapiLevel> level_below(OpenapiLevel level, std::string_view member);
/// Leaves out what `level_below` would have, of a document that was made without knowing where it goes.
void leave_out(Document& document, OpenapiLevel level);

/// An Error of this and of `read_openapi` begins with `LINE:COLUMN: ` where the place is known.
Result<Document> parse_json(std::string_view text);

/// The route patterns of an OpenAPI description: Swagger 2.0, OpenAPI 3.0 and 3.1, one per path and method.
///
/// Base paths go in front: `basePath`, or the path of every server URL (of the document, the path or the operation),
/// its variables at their defaults, which are literal text, and without dot segments (RFC 3986 section 5.2.4). Text
/// around a parameter in a segment is literal, as in a Pattern: `{id}:cancel`, and `{owner}.{format}` is one parameter.
/// `{proxy+}` and `{path*}` at the end take the rest. A path item behind a `$ref` inside the file is followed; behind
/// one to another file, any method is taken. `dropped`, where given, gains a sentence for each operation that is no
/// route of its own, with the reason. An Error names the path and what is wrong with it.
Result<std::vector<Configured>> read_openapi(const Document& document, std::vector<std::string>* dropped = nullptr);

}  // namespace weir::route
