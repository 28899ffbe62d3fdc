#pragma once

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

/// Members that can hold no path, but most of a file: whoever makes a Document leaves them out.
bool is_left_out_of_openapi(std::string_view member);

/// An Error of this and of `read_openapi` begins with `LINE:COLUMN: ` where the place is known.
Result<Document> parse_json(std::string_view text);

/// The route patterns of an OpenAPI description: Swagger 2.0, OpenAPI 3.0 and 3.1, one per path and method.
///
/// Base paths go in front: `basePath`, or the path of every server URL (of the document, the path or the operation),
/// its variables at their defaults. A parameter in part of a segment (`{owner}.{format}`, `{id}:cancel`) makes the
/// whole segment a parameter, since a pattern knows whole segments only. `{proxy+}` and `{path*}` at the end take the
/// rest. A path item behind a `$ref` inside the file is followed; behind one to another file, any method is taken.
/// An Error names the path and what is wrong with it.
Result<std::vector<Configured>> read_openapi(const Document& document);

}  // namespace weir::route
