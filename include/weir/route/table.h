#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/ids.h>
#include <weir/base/method.h>
#include <weir/route/pattern.h>

namespace weir::route {

/// What a worker needs to know of the route that an exchange belongs to.
struct Match {
  RouteId route = kUnmatchedRoute;
  /// Where it goes; nothing = the listener's upstream.
  std::optional<UpstreamId> upstream;
  /// From here on it is slow; 0 = the threshold of all.
  std::int64_t slow_threshold_ns = 0;
  /// The learner still wants to see this route's paths: send the path along with the record, as for an unmatched one.
  bool is_studied = false;
  /// Its successful responses are streams, whatever their type: no idle timeout, and what counts is the first byte.
  bool is_stream = false;

  bool is_matched() const { return route != kUnmatchedRoute; }
};

/// Route patterns, ready to match. Immutable once built, so any number of threads may use one.
///
/// Most specific wins, from left to right: a literal before a parameter with text around it (the longest text first)
/// before a parameter before a rest; among equals the one with the method before the one for any. A pattern for another method does not stand in the way: with `GET /users/me` and
/// `/users/{id}`, `POST /users/me` belongs to the second.
///
/// Hot path. The time for a match depends on the path's length, not on the number of patterns: one hash probe a
/// segment, and at most `kMaxVisits` places seen in all where patterns overlap so much that it has to step back.
class Table {
 public:
  static constexpr std::uint32_t kMaxVisits = 256;

  struct Entry {
    Pattern pattern;
    Match match;
    /// `/a` also takes `/a/`, and the other way round, where no pattern says otherwise. For learned routes.
    bool is_slash_tolerant = false;
  };

  /// Of two entries with one method and one shape the first holds.
  explicit Table(const std::vector<Entry>& entries);

  /// `path` is the target's path as it came, up to `?`; `*` for `OPTIONS *`. It is compared in its normal form (see
  /// normal_form.h). A target in another form (authority) matches nothing. What is returned lives as long as the table.
  const Match& match(Method method, std::string_view path) const;

  /// The most places that any path can make `match` see. Above `kMaxVisits` a match may be missed: the patterns
  /// overlap beyond reason, and whoever wrote them should be told.
  std::uint32_t worst_visits() const { return worst_visits_; }
  std::size_t memory_bytes() const;

  /// What people call the routes, by RouteId: `/users/{id}`; empty where an id has no entry. Not for matching.
  const std::vector<std::string>& names() const { return names_; }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  struct Node {
    std::uint32_t parameter = kNone;  ///< node after a parameter
    std::uint32_t routes = 0;         ///< first of this node's matches, by method, in `matches_`
    std::uint32_t rest_routes = 0;    ///< first of the matches of a rest that starts here
    std::uint32_t methods = 0;        ///< methods that end here, one bit each; kAnyMethod where any may
    std::uint32_t rest_methods = 0;
    std::uint32_t below = 0;          ///< methods that end anywhere from here on
    std::uint32_t tolerant = 0;       ///< of `methods`, those that forgive a slash too many
    KindSet kinds = 0;                ///< what the parameter takes
    bool has_literals = false;
    std::uint32_t affixes = kNone;  ///< first of the parameters with text around them, in `affixes_`
  };
  struct Edge {
    std::uint32_t parent = kNone;
    std::uint32_t hash = 0;
    std::uint32_t text = 0;
    std::uint32_t size = 0;
    std::uint32_t child = kNone;
  };
  /// A parameter with text around it. Those of one node follow each other, the longest text first.
  struct Affix {
    std::uint32_t text = 0;  ///< the prefix, and the suffix behind it
    std::uint32_t prefix_size = 0;
    std::uint32_t suffix_size = 0;
    std::uint32_t child = kNone;
    bool is_last = false;
  };
  struct Builder;

  struct Piece;
  /// The first at or after `index` that takes the piece, kNone if there is none.
  std::uint32_t affix_from(std::uint32_t index, const Piece& piece, std::uint32_t suits) const;
  std::uint32_t affix_after(std::uint32_t index, const Piece& piece, std::uint32_t suits) const;
  std::uint32_t literal_child(std::uint32_t node, const Piece& piece) const;
  bool takes(const Node& node, const Piece& piece, std::uint32_t suits) const;
  const Match& pick(std::uint32_t methods, std::uint32_t first, std::uint32_t wanted) const;
  /// Without parameters that have text around them, as most tables are, a walk does not look for any.
  template <bool has_affixes>
  const Match& walk(std::uint32_t wanted, std::string_view path) const;

  std::vector<Node> nodes_;
  std::vector<Edge> edges_;  ///< open addressing, a power of two, probed in a line
  std::vector<Affix> affixes_;
  std::vector<Match> matches_;
  std::string texts_;
  std::vector<std::string> names_;
  std::uint32_t edge_mask_ = 0;
  std::uint32_t worst_visits_ = 0;
};

}  // namespace weir::route
