#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "confirmation.h"
#include "evidence.h"
#include "tree.h"

namespace weir::route {

/// Finds the route templates behind the paths that the app answers well. Pure and bounded; one thread.
///
/// A path enters the tree with its first good answer and is a route of its own from then on. A segment that identifies
/// something (a number, a UUID) is a parameter at once; words are literals until enough speaks for taking them as
/// values of one parameter. It asks for ids and reports merges; the book keeps both.
class Learner {
 public:
  /// Longer paths and deeper ones are not learned.
  static constexpr std::size_t kMaxPath = 1024;
  static constexpr std::size_t kMaxDepth = 32;
  /// A literal has at most so many bytes: what is longer is a value.
  static constexpr std::size_t kMaxLiteral = 100;
  static constexpr std::size_t kMaxNodes = 20'000;
  /// Requests of a route that the learner wants to see; more where words are taken as values, since a fixed place that
  /// turns up late would be taken for one of them.
  static constexpr std::uint32_t kStudied = 512;
  static constexpr std::uint32_t kStudiedWords = 8192;

  /// A new id for a learned route; kUnmatchedRoute if there is none left.
  using MakeRoute = std::function<RouteId(Method)>;

  explicit Learner(MakeRoute make_route) : make_route_(std::move(make_route)) {}

  RouteId learn(const Sighting& sighting);

  /// Something changed that a table would show.
  bool has_changed() const { return has_changed_; }
  void forget_changes() { has_changed_ = false; }
  Merges& merges() { return merges_; }

  struct Learned {
    RouteId route;
    Pattern pattern;
    bool is_studied = false;  ///< more of its paths would still teach something
  };
  std::vector<Learned> routes() const;

  /// Why the route is one: what its parameters have taken, and what spoke for it.
  std::string explain(RouteId route) const;
  /// Somebody else decides about it from now on.
  void drop(RouteId route);

 private:
  /// Where a path ends in the tree.
  struct End {
    NodeIndex node = kNoNode;
    bool is_rest = false;

    bool is_known() const { return node != kNoNode; }
  };

  bool take_apart(std::string_view path);
  std::uint64_t hash_of_shape() const;

  End find(NodeIndex at, std::size_t segment, int& visits) const;
  End find() const;
  Leaf& leaf_at(const End& end);
  bool stands_out(const End& end) const;
  void note_hit(const End& end);
  void note_segment(NodeIndex at, std::size_t segment);

  RouteId insert();
  RouteId insert_in_rest(NodeIndex at);
  NodeIndex step(NodeIndex at, std::size_t segment);
  NodeIndex step_into_parameter(NodeIndex at, std::size_t segment);
  bool is_value(NodeIndex at, std::size_t segment) const;
  bool is_value_at_once(NodeIndex at, std::string_view text, Kind kind) const;
  bool is_usual(NodeIndex parameter, std::size_t segment) const;

  void settle(NodeIndex from);
  bool settle_place(NodeIndex place);
  void fold(NodeIndex place, const std::vector<NodeIndex>& values, Reason reason);
  bool looks_like_rest(NodeIndex place) const;
  void relieve();

  /// No parameter on the way, and near the root.
  bool is_in_prefix(NodeIndex at) const;
  std::string_view literal_before(NodeIndex at) const;

  MakeRoute make_route_;
  Tree tree_;
  Experience experience_;
  Confirmations confirmations_;
  Merges merges_;
  bool has_changed_ = false;
  std::uint32_t refused_ = 0;  ///< routes that there was no id for

  // The request at hand.
  Method method_ = Method::other;
  std::vector<std::string_view> segments_;
  std::vector<Kind> kinds_;
  bool ends_with_slash_ = false;
};

}  // namespace weir::route
