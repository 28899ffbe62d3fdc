// The part of the learner that decides what becomes one route.
#include <algorithm>
#include <bit>
#include <functional>

#include "learner.h"

namespace weir::route {

namespace {

/// A value that has been the only one so often, in front of everything, is part of the address.
constexpr std::uint32_t kFixedAfter = 20;
/// How far below a fold the merged places are looked at again.
constexpr int kSettleDepth = 3;
/// What a rest is told by: so many files, at so many depths.
constexpr std::size_t kRestFiles = 4;
constexpr int kRestDepths = 3;
/// Without ids left: the fullest place is folded once in so many refusals, if it holds so many literals.
constexpr std::uint32_t kRefusalsPerRelief = 256;
constexpr std::size_t kFullPlace = 32;

}  // namespace

/// What is new at `from` may tell something about every place above it.
void Learner::settle(NodeIndex from) {
  for (NodeIndex place = tree_.at(from).parent; place != kNoNode; place = tree_.at(place).parent) {
    if (settle_place(place)) has_changed_ = true;
  }
}

bool Learner::settle_place(NodeIndex place) {
  const NodeIndex parameter = tree_.at(place).parameter;
  if (place == kTop && parameter != kNoNode) {
    // `/2010-04-01/Accounts/…`.
    const Node& node = tree_.at(parameter);
    if (node.has_one_value && node.hits >= kFixedAfter && !node.literals.empty() && node.parameter == kNoNode &&
        node.leaves.empty()) {
      tree_.unfold(place);
      return true;
    }
  }
  if (tree_.at(place).literals.size() < 2 && parameter == kNoNode) return false;
  if (!kinds_.empty() && kinds_.back() == Kind::file && looks_like_rest(place)) {
    tree_.fold_into_rest(place, merges_);
    return true;
  }
  const Verdict verdict = Evidence(tree_, experience_).weigh(place);
  if (!verdict.is_parameter) return false;
  fold(place, verdict.values, verdict.reason);
  return true;
}

void Learner::fold(NodeIndex place, const std::vector<NodeIndex>& values, Reason reason) {
  for (const NodeIndex value : values) {
    experience_.note_value(tree_.at(value).text);
    tree_.fold(place, value, merges_);
  }
  Node& parameter = tree_.at(tree_.at(place).parameter);
  parameter.kinds = kAnyKind;
  if (parameter.reason == Reason::none) parameter.reason = reason;
  if (place != kTop && !tree_.at(place).is_parameter) experience_.note_words_after(tree_.at(place).text);

  // Merged, the places below may be told apart better than each alone.
  std::vector<NodeIndex> below{tree_.at(place).parameter};
  for (int depth = 0; depth < kSettleDepth; ++depth) {
    std::vector<NodeIndex> next;
    for (const NodeIndex node : below) {
      settle_place(node);
      for (const auto& [text, child] : tree_.at(node).literals) next.push_back(child);
      if (tree_.at(node).parameter != kNoNode) next.push_back(tree_.at(node).parameter);
    }
    below = std::move(next);
  }
}

/// Files at several depths below one name: `/contents/{path...}`.
bool Learner::looks_like_rest(NodeIndex place) const {
  if (place == kTop || tree_.at(place).is_parameter || tree_.at(place).is_rest) return false;
  std::size_t files = 0;
  std::size_t others = 0;
  std::uint64_t depths = 0;
  const std::function<void(NodeIndex, std::uint32_t)> walk = [&](NodeIndex at, std::uint32_t depth) {
    const Node& node = tree_.at(at);
    if (depth > 0 && !node.leaves.empty()) {
      const bool is_file = node.is_parameter ? (node.seen & set_of(Kind::file)) != 0
                                             : node.text.find('.', 1) != std::string::npos;
      ++(is_file ? files : others);
      if (is_file) depths |= std::uint64_t{1} << depth;
    }
    for (const auto& [text, child] : node.literals) walk(child, depth + 1);
    if (node.parameter != kNoNode) walk(node.parameter, depth + 1);
  };
  walk(place, 0);
  return files >= kRestFiles && std::popcount(depths) >= kRestDepths && others * 2 <= files;
}

/// There is no id for another route: the fullest place gives some back, whatever its words look like.
void Learner::relieve() {
  if (refused_++ % kRefusalsPerRelief != 0) return;
  NodeIndex fullest = kNoNode;
  std::size_t most = kFullPlace - 1;
  for (NodeIndex i = 0; i < tree_.capacity(); ++i) {
    if (tree_.at(i).literals.size() <= most) continue;
    most = tree_.at(i).literals.size();
    fullest = i;
  }
  if (fullest == kNoNode) return;
  std::vector<NodeIndex> values;
  for (const auto& [text, child] : tree_.at(fullest).literals) {
    if (!text.empty()) values.push_back(child);
  }
  fold(fullest, values, Reason::pressure);
  has_changed_ = true;
}

}  // namespace weir::route
