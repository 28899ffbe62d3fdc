// What the learner tells others: patterns for tables, reasons for people.
#include <algorithm>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "learner.h"
#include "naming.h"

namespace weir::route {

namespace {

std::string_view sentence_of(Reason reason) {
  switch (reason) {
    case Reason::alike:
      return "they go on alike";
    case Reason::novelty:
      return "new ones keep coming";
    case Reason::spelling:
      return "they read like names of things, not like parts of an API";
    case Reason::place:
      return "the same name is followed by values elsewhere";
    case Reason::company:
      return "they go on like the values beside them";
    case Reason::pressure:
      return "there were too many of them for max_routes";
    case Reason::none:
      break;
  }
  return "of their form";
}

std::string kinds_in(KindSet seen) {
  std::string out;
  for (std::size_t i = 0; i < count_of<Kind>(); ++i) {
    const auto kind = static_cast<Kind>(i);
    if ((seen & set_of(kind)) == 0) continue;
    if (!out.empty()) out += ", ";
    out += label(kind);
  }
  return out;
}

/// Calls `each(leaf, segments, way, is_rest)` for every route, its parameters not named yet.
template <class Each>
class Walk {
 public:
  Walk(const Tree& tree, Each each) : tree_(tree), each_(std::move(each)) {}

  void go(NodeIndex at) {
    const Node& node = tree_.at(at);
    for (const Leaf& leaf : node.leaves) {
      if (leaf.route == kUnmatchedRoute) continue;
      std::vector<Segment> segments = segments_;
      if (node.ends_with_slash) segments.push_back({});
      each_(leaf, std::move(segments), way_);
    }
    for (const Leaf& leaf : node.rest_leaves) {
      if (leaf.route == kUnmatchedRoute) continue;
      std::vector<Segment> segments = segments_;
      segments.push_back({Segment::Type::rest, {}, kAnyKind});
      each_(leaf, std::move(segments), way_);
    }
    for (const auto& [text, child] : node.literals) descend(child, {Segment::Type::literal, text, kAnyKind});
    if (node.parameter != kNoNode) {
      const Node& parameter = tree_.at(node.parameter);
      descend(node.parameter, {Segment::Type::parameter, parameter.is_named_id ? "id" : "", parameter.kinds});
    }
  }

 private:
  void descend(NodeIndex child, Segment segment) {
    segments_.push_back(std::move(segment));
    way_.push_back(child);
    go(child);
    way_.pop_back();
    segments_.pop_back();
  }

  const Tree& tree_;
  Each each_;
  std::vector<Segment> segments_;
  std::vector<NodeIndex> way_;
};

}  // namespace

std::vector<Learner::Learned> Learner::routes() const {
  std::vector<Learned> out;
  Walk walk(tree_, [&out](const Leaf& leaf, std::vector<Segment> segments, const std::vector<NodeIndex>&) {
    const bool takes_words = std::any_of(segments.begin(), segments.end(), [](const Segment& segment) {
      return segment.type == Segment::Type::parameter && (segment.kinds & set_of(Kind::word)) != 0;
    });
    const bool is_studied = leaf.hits < (takes_words ? kStudiedWords : kStudied);
    out.push_back({leaf.route, Pattern(leaf.method, name_parameters(std::move(segments))), is_studied});
  });
  walk.go(kTop);
  return out;
}

std::string Learner::explain(RouteId route) const {
  std::string out;
  Walk walk(tree_, [&](const Leaf& leaf, std::vector<Segment> segments, const std::vector<NodeIndex>& way) {
    if (leaf.route != route) return;
    segments = name_parameters(std::move(segments));
    out = fmt::format("Learned from {} answer{}", leaf.hits, leaf.hits == 1 ? "" : "s");
    for (std::size_t i = 0; i < way.size(); ++i) {
      const Node& node = tree_.at(way[i]);
      if (!node.is_parameter) continue;
      out += fmt::format("; {{{}}} has taken {}", segments[i].text, kinds_in(node.seen));
      if (node.folded != 0 || node.reason != Reason::none) {
        out += fmt::format(" ({} had been routes: {})", node.folded, sentence_of(node.reason));
      }
    }
    if (!segments.empty() && segments.back().type == Segment::Type::rest) {
      out += "; files at many depths below it";
    }
    out += '.';
  });
  walk.go(kTop);
  return out;
}

void Learner::drop(RouteId route) {
  const auto is_it = [route](const Leaf& leaf) { return leaf.route == route; };
  for (NodeIndex i = 0; i < tree_.capacity(); ++i) {
    std::erase_if(tree_.at(i).leaves, is_it);
    std::erase_if(tree_.at(i).rest_leaves, is_it);
  }
  has_changed_ = true;
}

}  // namespace weir::route
