#include "learner.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <cstdlib>
#include <cstdio>

#include "naming.h"
#include "words.h"

namespace weir::route {

#ifdef WEIR_TUNE
static double W(const char* n, double d) { const char* e = getenv(n); return e ? atof(e) : d; }
#define TUNE(name, def) static const double name = W(#name, def)
#else
#define TUNE(name, def) [[maybe_unused]] constexpr double name = def
#endif

namespace {

/// How much an answer says about whether the app knows the path.
enum class Proof { none, weak, good };

Proof proof_of(std::uint16_t status) {
  if (status >= 200 && status < 300) return Proof::good;
  switch (status) {
    case 101: case 304: case 402: case 409: case 412: case 422: case 423: case 424: return Proof::good;
    case 400: case 406: case 408: case 410: case 411: case 413: case 415: case 416: case 417: case 428: case 429: return Proof::weak;
    default: break;
  }
  if (status >= 300 && status < 400) return Proof::weak;
  if (status >= 500 && status < 600) return Proof::weak;
  return Proof::none;
}

}  // namespace

RouteId Learner::learn(const Sighting& sighting) {
  std::string_view path = sighting.path;
  if (path.empty() || path.front() != '/' || path.size() > kMaxPath) return kUnmatchedRoute;
  segments_.clear();
  kinds_.clear();
  has_trailing_slash_ = path.size() > 1 && path.back() == '/';
  if (has_trailing_slash_) path.remove_suffix(1);
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    segments_.push_back(path.substr(at, end - at));
    kinds_.push_back(kind_of(segments_.back()));
    if (segments_.size() > kMaxDepth) return kUnmatchedRoute;
    at = end + 1;
  }
  const Proof proof = proof_of(sighting.status);
  int visits = 256;
  const Found found = find(kTop, 0, sighting.method, visits);
  if (found.node != kNoNode && !(proof == Proof::good && stands_out(found))) {
    Node& node = tree_.at(found.node);
    RouteId route = Tree::leaf(found.is_rest ? node.rest_leaves : node.leaves, sighting.method)->route;
    const std::size_t before = merges_.size();
    if (proof == Proof::good) note_hit(found, sighting.method);
    for (std::size_t i = before; i < merges_.size(); ++i) {
      if (merges_[i].from == route) route = merges_[i].into;
    }
    return route;
  }
  if (proof == Proof::none) return kUnmatchedRoute;
  if (proof == Proof::weak && !is_confirmed(sighting.method, path, sighting.status)) return kUnmatchedRoute;
  if (tree_.size() > kMaxNodes) return kUnmatchedRoute;
  return insert(sighting.method);
}

/// A parameter has taken a word that is hardly one of its values.
bool Learner::stands_out(const Found& found) const {
  TUNE(T_OUT, -2.2);
  const auto way = tree_.way_to(found.node);
  for (std::size_t i = 0; i < way.size(); ++i) {
    if (!tree_.at(way[i]).is_parameter) continue;
    if (kinds_[i] != Kind::word && kinds_[i] != Kind::slug) continue;
    if (Evidence(tree_, experience_).of_word(segments_[i]) < T_OUT) return true;
  }
  return false;
}

bool Learner::takes(NodeIndex place, std::string_view text, Kind kind) const {
  const Node& node = tree_.at(place);
  return node.parameter != kNoNode && !text.empty() && (tree_.at(node.parameter).kinds & set_of(kind)) != 0;
}

Learner::Found Learner::find(NodeIndex at, std::size_t segment, Method method, int& visits) const {
  if (--visits < 0) return {};
  const Node& here = tree_.at(at);
  if (segment == segments_.size()) {
    const bool ends = std::any_of(here.leaves.begin(), here.leaves.end(), [method](const Leaf& leaf) {
      return leaf.method == method && leaf.route != kUnmatchedRoute;
    });
    return ends ? Found{at, false} : Found{};
  }
  const NodeIndex literal = tree_.literal(at, segments_[segment]);
  if (literal != kNoNode) {
    const Found found = find(literal, segment + 1, method, visits);
    if (found.node != kNoNode) return found;
  }
  if (takes(at, segments_[segment], kinds_[segment])) {
    const Found found = find(here.parameter, segment + 1, method, visits);
    if (found.node != kNoNode) return found;
  }
  const bool rests = std::any_of(here.rest_leaves.begin(), here.rest_leaves.end(), [method](const Leaf& leaf) {
    return leaf.method == method && leaf.route != kUnmatchedRoute;
  });
  return rests ? Found{at, true} : Found{};
}

void Learner::note_hit(const Found& found, Method method) {
  Node& end = tree_.at(found.node);
  ++Tree::leaf(found.is_rest ? end.rest_leaves : end.leaves, method)->hits;
  const std::vector<NodeIndex> way = tree_.way_to(found.node);
  for (std::size_t i = 0; i < way.size(); ++i) {
    Node& node = tree_.at(way[i]);
    ++node.hits;
    if (!node.is_parameter) continue;
    node.seen |= set_of(kinds_[i]);
    if (node.has_one_value && node.text != segments_[i]) node.has_one_value = false;
    if (!is_identifier(kinds_[i])) experience_.note_value(segments_[i]);
  }
  // Now and then what has been seen here may have become enough.
  const std::uint32_t hits = end.hits;
  if ((hits & (hits - 1)) == 0) settle(found.node);
}

std::string_view Learner::word_before(NodeIndex at) const {
  while (at != kTop && tree_.at(at).is_parameter) at = tree_.at(at).parent;
  return tree_.at(at).text;
}

bool Learner::in_prefix(NodeIndex at) const {
  std::size_t depth = 0;
  for (NodeIndex node = at; node != kTop; node = tree_.at(node).parent, ++depth) {
    if (tree_.at(node).is_parameter) return false;
  }
  return depth <= 3;
}

bool Learner::is_parameter_at_once(NodeIndex at, std::string_view text, Kind kind) const {
  if (text.size() > 100) return true;
  switch (kind) {
    case Kind::word:
    case Kind::slug:
    case Kind::file:
      return false;
    case Kind::version:
      return !in_prefix(at);
    case Kind::integer:
      // `/rest/api/3/…`: one or two digits right after such a word are a version, not a number of something.
      return !(text.size() <= 2 && in_prefix(at) && (tree_.at(at).text == "api" || tree_.at(at).text == "rest"));
    case Kind::other:
      return !text.empty();
    default:
      return true;
  }
}

NodeIndex Learner::step(NodeIndex at, std::size_t segment) {
  TUNE(T_NOW, 3.2); TUNE(T_OPENLIT, -2.2);
  const std::string_view text = segments_[segment];
  const Kind kind = kinds_[segment];
  const NodeIndex literal = tree_.literal(at, text);
  if (literal != kNoNode) return literal;
  NodeIndex parameter = tree_.at(at).parameter;
  bool is_value = is_parameter_at_once(at, text, kind);
  const bool is_open = takes(at, text, kind);
  if (!is_value && !text.empty()) {
    const Evidence evidence(tree_, experience_);
    if (is_open) {
      // A parameter that has never ended in this method, or never gone on like this, is a worse home for a known word.
      TUNE(T_NEWLIT, -0.9);
      const Node& param = tree_.at(parameter);
      bool fits;
      if (segment + 1 == segments_.size()) fits = Tree::leaf(tree_.at(parameter).leaves, method_) != nullptr;
      else fits = tree_.literal(parameter, segments_[segment + 1]) != kNoNode || takes(parameter, segments_[segment + 1], kinds_[segment + 1]);
      (void)param;
      is_value = evidence.of_word(text) >= (fits ? T_OPENLIT : T_NEWLIT);
    } else if (kind != Kind::version) {
      const double odds = evidence.of_place(at) + evidence.of_word(text);
      is_value = odds >= T_NOW;
      if (is_value && at != kTop) experience_.note_words_after(tree_.at(at).text);
    }
  }
  if (!is_value) {
    const NodeIndex child = tree_.add_literal(at, text);
    experience_.note_literal(text, word_before(at));
    return child;
  }
  if (parameter == kNoNode) {
    parameter = tree_.add_parameter(at, text);
    tree_.at(parameter).is_named_id = is_identifier(kind);
  }
  Node& node = tree_.at(parameter);
  if ((node.kinds & set_of(kind)) == 0) {
    node.kinds |= set_of(kind);
    if (is_identifier(kind)) node.kinds |= kIdentifierKinds;
    if (!is_identifier(kind) && (kind == Kind::word || kind == Kind::slug)) node.kinds = kAnyKind;
    has_changed_ = true;
  }
  return parameter;
}

RouteId Learner::insert(Method method) {
  NodeIndex at = kTop;
  method_ = method;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (tree_.at(at).is_rest && tree_.literal(at, segments_[i]) == kNoNode) {
      auto& leaves = tree_.at(at).rest_leaves;
      leaves.push_back({method, make_route_(method), 1});
      has_changed_ = true;
      return leaves.back().route;
    }
    at = step(at, i);
    Node& node = tree_.at(at);
    ++node.hits;
    if (node.is_parameter) {
      node.seen |= set_of(kinds_[i]);
      if (node.has_one_value && node.text != segments_[i]) node.has_one_value = false;
      if (!is_identifier(kinds_[i])) experience_.note_value(segments_[i]);
    }
  }
  Node& end = tree_.at(at);
  Leaf* leaf = Tree::leaf(end.leaves, method);
  if (leaf == nullptr) {
    end.leaves.push_back({method, kUnmatchedRoute, 0});
    leaf = &end.leaves.back();
  }
  ++leaf->hits;
  if (leaf->route == kUnmatchedRoute) {
    leaf->route = make_route_(method);
    end.ends_with_slash = has_trailing_slash_;
    has_changed_ = true;
  }
  const RouteId made = leaf->route;
  settle(at);
  // Its place may have been folded, so look again.
  int visits = 256;
  const Found found = find(kTop, 0, method, visits);
  if (found.node == kNoNode) return made;
  Node& node = tree_.at(found.node);
  return Tree::leaf(found.is_rest ? node.rest_leaves : node.leaves, method)->route;
}

void Learner::settle(NodeIndex from) {
  for (NodeIndex place = tree_.at(from).parent; place != kNoNode; place = tree_.at(place).parent) {
    if (settle_place(place)) {
      // What was folded has a new shape: once more from the root of what changed.
      has_changed_ = true;
      if (place == kTop) return;
    }
  }
}

bool Learner::settle_place(NodeIndex place) {
  TUNE(T_FOLD, 4.0);
  // A lone number in front of everything is part of the address: `/2010-04-01/…`, `/rest/api/3/…`.
  const NodeIndex parameter = tree_.at(place).parameter;
  if (parameter != kNoNode && place == kTop) {
    const Node& node = tree_.at(parameter);
    if (node.has_one_value && node.hits >= 20 && node.literals.size() >= 1 && node.parameter == kNoNode && node.leaves.empty()) {
      tree_.unfold(place);
      return true;
    }
  }
  if (tree_.at(place).literals.size() < 2 && parameter == kNoNode) return false;
  if (looks_like_rest(place)) {
    tree_.fold_into_rest(place, merges_);
    return true;
  }
  const Verdict verdict = Evidence(tree_, experience_).weigh(place);
  if (verdict.odds < T_FOLD) return false;
#ifdef WEIR_TUNE
  if (getenv("TRACE")) {
    std::string p; for (auto n : tree_.way_to(place)) p += "/" + (tree_.at(n).is_parameter ? std::string("{}") : tree_.at(n).text);
    fprintf(stderr, "FOLD %s odds %.2f n=%zu:", p.c_str(), verdict.odds, verdict.values.size());
    for (auto n : verdict.values) fprintf(stderr, " %s(%u)", tree_.at(n).text.c_str(), tree_.at(n).hits);
    fprintf(stderr, "\n");
  }
#endif
  fold_words(place, verdict.values);
  return true;
}

void Learner::fold_words(NodeIndex place, const std::vector<NodeIndex>& values) {
  for (const NodeIndex value : values) {
    experience_.note_value(tree_.at(value).text);
    tree_.fold(place, value, merges_);
  }
  const NodeIndex parameter = tree_.at(place).parameter;
  tree_.at(parameter).kinds = kAnyKind;
  if (place != kTop && !tree_.at(place).is_parameter) experience_.note_words_after(tree_.at(place).text);
  // The merged children may now be told apart better than each alone.
  std::vector<NodeIndex> below{parameter};
  for (int depth = 0; depth < 3 && !below.empty(); ++depth) {
    std::vector<NodeIndex> next;
    for (const NodeIndex node : below) {
      settle_place(node);
      for (const auto& [text, child] : tree_.at(node).literals) next.push_back(child);
      if (tree_.at(node).parameter != kNoNode) next.push_back(tree_.at(node).parameter);
    }
    below = std::move(next);
  }
}

bool Learner::looks_like_rest(NodeIndex place) const {
  if (place == kTop || tree_.at(place).is_parameter || tree_.at(place).is_rest) return false;
  std::size_t files = 0;
  std::uint32_t depths = 0;
  std::size_t others = 0;
  std::function<void(NodeIndex, int)> walk = [&](NodeIndex at, int depth) {
    const Node& node = tree_.at(at);
    if (depth > 0 && !node.leaves.empty()) {
      const bool is_file = node.is_parameter ? (node.seen & set_of(Kind::file)) != 0
                                             : node.text.find('.') != std::string::npos && node.text.front() != '.';
      if (is_file) {
        ++files;
        depths |= 1U << depth;
      } else {
        ++others;
      }
    }
    for (const auto& [text, child] : node.literals) walk(child, depth + 1);
    if (node.parameter != kNoNode) walk(node.parameter, depth + 1);
  };
  walk(place, 0);
  return files >= 4 && std::popcount(depths) >= 3 && others * 2 <= files;
}

bool Learner::is_confirmed(Method method, std::string_view path, std::uint16_t) {
  if (weak_.empty()) weak_.resize(1024);
  std::uint64_t hash = static_cast<std::uint64_t>(method) + 1;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const std::uint64_t part = is_identifier(kinds_[i]) ? 7 : std::hash<std::string_view>{}(segments_[i]);
    hash = (hash ^ part) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 31;
  }
  (void)path;
  auto& slot = weak_[hash % weak_.size()];
  if (slot.first != hash) slot = {hash, 0};
  if (++slot.second < 3) return false;
  return weak_routes_++ < 200;
}

std::vector<Learner::Learned> Learner::routes() const {
  std::vector<Learned> out;
  std::vector<Segment> segments;
  std::function<void(NodeIndex)> walk = [&](NodeIndex at) {
    const Node& node = tree_.at(at);
    for (const Leaf& leaf : node.leaves) {
      if (leaf.route == kUnmatchedRoute) continue;
      std::vector<Segment> full = segments;
      if (node.ends_with_slash) full.push_back({});
      out.push_back({leaf.route, Pattern(leaf.method, name_parameters(std::move(full))), leaf.hits, true});
    }
    for (const Leaf& leaf : node.rest_leaves) {
      if (leaf.route == kUnmatchedRoute) continue;
      std::vector<Segment> full = segments;
      full.push_back({Segment::Type::rest, "rest", kAnyKind});
      out.push_back({leaf.route, Pattern(leaf.method, name_parameters(std::move(full))), leaf.hits, true});
    }
    for (const auto& [text, child] : node.literals) {
      segments.push_back({Segment::Type::literal, text, kAnyKind});
      walk(child);
      segments.pop_back();
    }
    if (node.parameter != kNoNode) {
      segments.push_back({Segment::Type::parameter, tree_.at(node.parameter).is_named_id ? "id" : "", tree_.at(node.parameter).kinds});
      walk(node.parameter);
      segments.pop_back();
    }
  };
  walk(kTop);
  return out;
}

void Learner::drop(RouteId route) {
  const auto is_it = [route](const Leaf& leaf) { return leaf.route == route; };
  tree_.for_each([&](Node& node) {
    std::erase_if(node.leaves, is_it);
    std::erase_if(node.rest_leaves, is_it);
  });
}

std::string Learner::explain(RouteId route) const { (void)route; return {}; }

}  // namespace weir::route
