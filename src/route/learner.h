#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "evidence.h"
#include "tree.h"

namespace weir::route {

/// Finds the route templates behind the paths that the app answers well. Pure, bounded, one thread. It asks for ids
/// and reports merges; the book keeps both.
class Learner {
 public:
  /// Longer paths and deeper ones are not learned.
  static constexpr std::size_t kMaxPath = 1024;
  static constexpr std::size_t kMaxDepth = 32;
  static constexpr std::size_t kMaxNodes = 20000;

  /// A new id for a learned route; kUnmatchedRoute if there is none left.
  using MakeRoute = std::function<RouteId(Method)>;

  explicit Learner(MakeRoute make_route) : make_route_(std::move(make_route)) {}

  RouteId learn(const Sighting& sighting);

  /// True once after something changed that a table would show.
  bool has_changed() const { return has_changed_; }
  void forget_changes() { has_changed_ = false; }
  Merges& merges() { return merges_; }

  struct Learned {
    RouteId route;
    Pattern pattern;
    std::uint32_t hits = 0;
    bool is_studied = false;  ///< more of its paths would still teach something
  };
  std::vector<Learned> routes() const;

  /// Why the route is one: what its parameters have taken, and what speaks for it.
  std::string explain(RouteId route) const;
  /// Somebody else decides about it from now on.
  void drop(RouteId route);

 private:
  struct Found {
    NodeIndex node = kNoNode;
    bool is_rest = false;
  };
  Found find(NodeIndex at, std::size_t segment, Method method, int& visits) const;
  bool stands_out(const Found& found) const;
  void note_hit(const Found& found, Method method);
  RouteId insert(Method method);
  NodeIndex step(NodeIndex at, std::size_t segment);
  bool is_parameter_at_once(NodeIndex at, std::string_view text, Kind kind) const;
  void settle(NodeIndex from);
  bool settle_place(NodeIndex place);
  void fold_words(NodeIndex place, const std::vector<NodeIndex>& values);
  bool is_confirmed(Method method, std::string_view path, std::uint16_t status);
  bool looks_like_rest(NodeIndex place) const;
  bool takes(NodeIndex place, std::string_view text, Kind kind) const;
  std::string_view word_before(NodeIndex at) const;
  bool in_prefix(NodeIndex at) const;

  MakeRoute make_route_;
  Tree tree_;
  Experience experience_;
  Merges merges_;
  bool has_changed_ = false;

  // Of the path at hand.
  std::vector<std::string_view> segments_;
  std::vector<Kind> kinds_;
  bool has_trailing_slash_ = false;
  Method method_ = Method::other;

  std::vector<std::pair<std::uint64_t, std::uint32_t>> weak_;
  std::uint32_t weak_routes_ = 0;
};

}  // namespace weir::route
