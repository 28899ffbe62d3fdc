#include "learner.h"

#include <algorithm>
#include <bit>

namespace weir::route {

namespace {

/// A walk with steps back sees at most so many places, as Table's.
constexpr int kMaxVisits = 256;
constexpr std::size_t kPrefixDepth = 3;

}  // namespace

RouteId Learner::learn(const Sighting& sighting) {
  if (!take_apart(sighting.path)) return kUnmatchedRoute;
  method_ = sighting.method;
  const Proof proof = proof_of(sighting.status);
  const End end = find();
  if (end.is_known() && !(proof == Proof::good && stands_out(end))) {
    if (proof == Proof::good) note_hit(end);
    // Folding may have moved it.
    const End now = find();
    return now.is_known() ? leaf_at(now).route : kUnmatchedRoute;
  }
  if (proof == Proof::none || tree_.size() >= kMaxNodes) return kUnmatchedRoute;
  if (proof == Proof::weak && !confirmations_.is_enough(hash_of_shape())) return kUnmatchedRoute;
  return insert();
}

bool Learner::take_apart(std::string_view path) {
  segments_.clear();
  kinds_.clear();
  if (path.empty() || path.front() != '/' || path.size() > kMaxPath) return false;
  ends_with_slash_ = path.size() > 1 && path.back() == '/';
  if (ends_with_slash_) path.remove_suffix(1);
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    segments_.push_back(path.substr(at, end - at));
    kinds_.push_back(kind_of(segments_.back()));
    if (segments_.size() > kMaxDepth) return false;
    at = end + 1;
  }
  return true;
}

std::uint64_t Learner::hash_of_shape() const {
  std::uint64_t hash = static_cast<std::uint64_t>(method_) + 1;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const std::uint64_t part = is_identifier(kinds_[i]) ? 1 : std::hash<std::string_view>{}(segments_[i]);
    hash = (hash ^ part) * 0x9E3779B97F4A7C15;
    hash ^= hash >> 31;
  }
  return hash;
}

Learner::End Learner::find() const {
  int visits = kMaxVisits;
  return find(kTop, 0, visits);
}

/// The same precedence as Table's: literal, parameter, rest.
Learner::End Learner::find(NodeIndex at, std::size_t segment, int& visits) const {
  if (--visits < 0) return {};
  const Node& here = tree_.at(at);
  const auto has_route = [this](const std::vector<Leaf>& leaves) {
    return std::any_of(leaves.begin(), leaves.end(), [this](const Leaf& leaf) {
      return leaf.method == method_ && leaf.route != kUnmatchedRoute;
    });
  };
  if (segment == segments_.size()) return has_route(here.leaves) ? End{at, false} : End{};
  if (const NodeIndex literal = tree_.literal(at, segments_[segment]); literal != kNoNode) {
    const End end = find(literal, segment + 1, visits);
    if (end.is_known()) return end;
  }
  if (tree_.takes(at, segments_[segment], kinds_[segment])) {
    const End end = find(here.parameter, segment + 1, visits);
    if (end.is_known()) return end;
  }
  return has_route(here.rest_leaves) ? End{at, true} : End{};
}

Leaf& Learner::leaf_at(const End& end) {
  Node& node = tree_.at(end.node);
  return *Tree::leaf(end.is_rest ? node.rest_leaves : node.leaves, method_);
}

/// A parameter has taken a word that is hardly one of its values.
bool Learner::stands_out(const End& end) const {
  const Evidence evidence(tree_, experience_);
  const std::vector<NodeIndex> way = tree_.way_to(end.node);
  for (std::size_t i = 0; i < way.size(); ++i) {
    if (!tree_.at(way[i]).is_parameter || (kinds_[i] != Kind::word && kinds_[i] != Kind::slug)) continue;
    if (evidence.stands_out(segments_[i], true)) return true;
  }
  return false;
}

void Learner::note_segment(NodeIndex at, std::size_t segment) {
  Node& node = tree_.at(at);
  if (!node.is_parameter) {
    if (segment > 0 && tree_.at(node.parent).is_parameter) tree_.note_parent(at, segments_[segment - 1]);
    return;
  }
  node.seen |= set_of(kinds_[segment]);
  if (node.has_one_value && node.text != segments_[segment].substr(0, kMaxLiteral)) node.has_one_value = false;
  if (!is_identifier(kinds_[segment])) experience_.note_value(segments_[segment]);
}

void Learner::note_hit(const End& end) {
  const std::uint32_t hits = ++leaf_at(end).hits;
  const std::vector<NodeIndex> way = tree_.way_to(end.node);
  for (std::size_t i = 0; i < way.size(); ++i) {
    ++tree_.at(way[i]).hits;
    note_segment(way[i], i);
  }
  if (hits == kStudied || hits == kStudiedWords) has_changed_ = true;
  // Now and then what has been seen here may have become enough.
  if (std::has_single_bit(hits)) settle(end.node);
}

RouteId Learner::insert() {
  NodeIndex at = kTop;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (tree_.at(at).is_rest && tree_.literal(at, segments_[i]) == kNoNode) return insert_in_rest(at);
    at = step(at, i);
    ++tree_.at(at).hits;
    note_segment(at, i);
  }
  Node& end = tree_.at(at);
  Leaf* leaf = Tree::leaf(end.leaves, method_);
  if (leaf == nullptr) leaf = &end.leaves.emplace_back(Leaf{method_, kUnmatchedRoute, 0});
  ++leaf->hits;
  if (leaf->route == kUnmatchedRoute) {
    leaf->route = make_route_(method_);
    if (leaf->route == kUnmatchedRoute) {
      relieve();
      return kUnmatchedRoute;
    }
    end.ends_with_slash = ends_with_slash_;
    has_changed_ = true;
  }
  settle(at);
  const End now = find();
  return now.is_known() ? leaf_at(now).route : kUnmatchedRoute;
}

RouteId Learner::insert_in_rest(NodeIndex at) {
  const RouteId route = make_route_(method_);
  if (route == kUnmatchedRoute) return route;
  tree_.at(at).rest_leaves.push_back({method_, route, 1});
  has_changed_ = true;
  return route;
}

NodeIndex Learner::step(NodeIndex at, std::size_t segment) {
  const NodeIndex literal = tree_.literal(at, segments_[segment]);
  if (literal != kNoNode) return literal;
  if (is_value(at, segment)) return step_into_parameter(at, segment);
  experience_.note_literal(segments_[segment], literal_before(at));
  return tree_.add_literal(at, segments_[segment]);
}

bool Learner::is_value(NodeIndex at, std::size_t segment) const {
  const std::string_view text = segments_[segment];
  const Kind kind = kinds_[segment];
  if (text.empty()) return false;
  if (is_value_at_once(at, text, kind)) return true;
  const Evidence evidence(tree_, experience_);
  if (tree_.takes(at, text, kind)) return !evidence.stands_out(text, is_usual(tree_.at(at).parameter, segment));
  return kind != Kind::version && evidence.is_value_at_once(at, text);
}

bool Learner::is_value_at_once(NodeIndex at, std::string_view text, Kind kind) const {
  if (text.size() > kMaxLiteral) return true;
  switch (kind) {
    case Kind::word:
    case Kind::slug:
    case Kind::file:
      return false;
    case Kind::version:
      return !is_in_prefix(at);
    case Kind::integer:
    case Kind::date: {
      // `/rest/api/3/…`, `/admin/api/2024-01/…`: right after such a word they are a version.
      const bool is_short = kind == Kind::date || text.size() <= 2;
      const std::string& before = tree_.at(at).text;
      return !(is_short && is_in_prefix(at) && (before == "api" || before == "rest"));
    }
    default:
      return true;
  }
}

/// Whether the parameter has ended in this method before, or gone on with such a segment.
bool Learner::is_usual(NodeIndex parameter, std::size_t segment) const {
  const std::size_t next = segment + 1;
  if (next == segments_.size()) {
    const auto& leaves = tree_.at(parameter).leaves;
    return std::any_of(leaves.begin(), leaves.end(), [this](const Leaf& leaf) { return leaf.method == method_; });
  }
  return tree_.literal(parameter, segments_[next]) != kNoNode || tree_.takes(parameter, segments_[next], kinds_[next]);
}

NodeIndex Learner::step_into_parameter(NodeIndex at, std::size_t segment) {
  const Kind kind = kinds_[segment];
  NodeIndex parameter = tree_.at(at).parameter;
  if (parameter == kNoNode) {
    parameter = tree_.add_parameter(at, segments_[segment].substr(0, kMaxLiteral));
    tree_.at(parameter).is_named_id = is_identifier(kind);
  }
  Node& node = tree_.at(parameter);
  if ((node.kinds & set_of(kind)) != 0) return parameter;
  has_changed_ = true;
  if (is_identifier(kind)) {
    node.kinds |= kIdentifierKinds;
  } else if (kind == Kind::word || kind == Kind::slug) {
    node.kinds = kAnyKind;
    if (node.reason == Reason::none) node.reason = Reason::spelling;
    if (at != kTop) experience_.note_words_after(tree_.at(at).text);
  } else {
    node.kinds |= set_of(kind);
  }
  return parameter;
}

bool Learner::is_in_prefix(NodeIndex at) const {
  std::size_t depth = 0;
  for (; at != kTop; at = tree_.at(at).parent, ++depth) {
    if (tree_.at(at).is_parameter) return false;
  }
  return depth <= kPrefixDepth;
}

std::string_view Learner::literal_before(NodeIndex at) const {
  while (at != kTop && tree_.at(at).is_parameter) at = tree_.at(at).parent;
  return tree_.at(at).text;
}

}  // namespace weir::route
