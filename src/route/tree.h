#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/ids.h>
#include <weir/base/method.h>
#include <weir/route/book.h>
#include <weir/route/segment.h>

namespace weir::route {

using NodeIndex = std::uint32_t;
inline constexpr NodeIndex kNoNode = 0xFFFFFFFF;
inline constexpr NodeIndex kTop = 0;

/// What spoke most for taking words as values of one parameter.
enum class Reason : std::uint8_t { none, alike, novelty, spelling, place, company, pressure };

/// Where a path may end: one per method and node.
struct Leaf {
  Method method = Method::other;
  RouteId route = kUnmatchedRoute;
  std::uint32_t hits = 0;
};

/// One place in the tree of paths that the app has answered well, and what has been seen there.
struct Node {
  std::string text;                 ///< the literal's bytes; of a parameter its first value
  NodeIndex parent = kNoNode;
  bool is_parameter = false;
  std::uint32_t hits = 0;           ///< paths that went through or ended here
  std::uint32_t first_parent = 0;   ///< below a parameter: hash of the value that came before it first
  bool has_many_parents = false;    ///< and whether others did
  std::map<std::string, NodeIndex, std::less<>> literals;
  NodeIndex parameter = kNoNode;
  std::vector<Leaf> leaves;
  std::vector<Leaf> rest_leaves;    ///< of a rest that begins here
  bool is_rest = false;             ///< whatever no literal takes belongs to the rest
  bool ends_with_slash = false;     ///< as its path was first written

  // Of a parameter.
  KindSet kinds = 0;                ///< what it takes
  KindSet seen = 0;                 ///< what it has taken
  bool has_one_value = true;        ///< nothing but `text` so far
  bool is_named_id = false;         ///< its name says `_id`; settled once, so that its tag stays the same
  std::uint32_t folded = 0;         ///< literals that became values of it
  Reason reason = Reason::none;     ///< why they did, the first time
};

/// The figures of `from` have moved.
using Merges = std::vector<Merge>;

/// The tree itself: nodes in one arena, freed ones used again. Knows how to grow and to merge, not when.
class Tree {
 public:
  Tree();

  Node& at(NodeIndex index) { return nodes_[index]; }
  const Node& at(NodeIndex index) const { return nodes_[index]; }
  std::size_t size() const { return nodes_.size() - free_.size(); }
  /// Indexes go up to here; freed nodes among them are empty.
  std::size_t capacity() const { return nodes_.size(); }

  NodeIndex literal(NodeIndex parent, std::string_view text) const;
  NodeIndex add_literal(NodeIndex parent, std::string_view text);
  NodeIndex add_parameter(NodeIndex parent, std::string_view first_value);

  /// Makes the literal `child` of `parent` one of the values of the parameter there (which is made if need be).
  /// Leaves that meet become one: `merges` says whose figures go where.
  void fold(NodeIndex parent, NodeIndex child, Merges& merges);
  /// The parameter of `parent`, seen with one value only, becomes that literal.
  void unfold(NodeIndex parent);
  /// Everything below `parent`'s parameter and unsettled literals becomes one rest per method.
  void fold_into_rest(NodeIndex parent, Merges& merges);

  static Leaf* leaf(std::vector<Leaf>& leaves, Method method);
  /// Whether `place` has a parameter for such a segment.
  bool takes(NodeIndex place, std::string_view segment, Kind kind) const;
  bool takes_words(NodeIndex place) const { return takes(place, "word", Kind::word); }

  /// Segments from the root to `index`, the root left out.
  std::vector<NodeIndex> way_to(NodeIndex index) const;

  /// The literal `index`, below a parameter, was seen after this value of it.
  void note_parent(NodeIndex index, std::string_view value);

 private:
  NodeIndex make(NodeIndex parent, std::string_view text);
  void merge_into(NodeIndex target, NodeIndex source, Merges& merges);
  static void merge_leaves(std::vector<Leaf>& target, const std::vector<Leaf>& source, Merges& merges);
  void take_all(NodeIndex source, std::vector<Leaf>& target, Merges& merges);

  std::vector<Node> nodes_;
  std::vector<NodeIndex> free_;
};

}  // namespace weir::route
