#include "tree.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace weir::route {

namespace {

std::uint32_t hash_of(std::string_view text) {
  return static_cast<std::uint32_t>(std::hash<std::string_view>{}(text)) | 1U;  // 0 is none
}

void note(Node& node, std::uint32_t parent) {
  if (node.first_parent == 0) node.first_parent = parent;
  if (node.first_parent != parent) node.has_many_parents = true;
}

}  // namespace

void Tree::note_parent(NodeIndex index, std::string_view value) { note(nodes_[index], hash_of(value)); }

Tree::Tree() { nodes_.emplace_back(); }

NodeIndex Tree::make(NodeIndex parent, std::string_view text) {
  NodeIndex index;
  if (free_.empty()) {
    index = static_cast<NodeIndex>(nodes_.size());
    nodes_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
    nodes_[index] = Node{};
  }
  nodes_[index].parent = parent;
  nodes_[index].text = text;
  return index;
}

NodeIndex Tree::literal(NodeIndex parent, std::string_view text) const {
  const auto found = nodes_[parent].literals.find(text);
  return found == nodes_[parent].literals.end() ? kNoNode : found->second;
}

NodeIndex Tree::add_literal(NodeIndex parent, std::string_view text) {
  const NodeIndex child = make(parent, text);
  nodes_[parent].literals.emplace(text, child);
  return child;
}

NodeIndex Tree::add_parameter(NodeIndex parent, std::string_view first_value) {
  const NodeIndex child = make(parent, first_value);
  nodes_[child].is_parameter = true;
  nodes_[parent].parameter = child;
  return child;
}

Leaf* Tree::leaf(std::vector<Leaf>& leaves, Method method) {
  const auto found =
      std::find_if(leaves.begin(), leaves.end(), [method](const Leaf& leaf) { return leaf.method == method; });
  return found == leaves.end() ? nullptr : &*found;
}

bool Tree::takes(NodeIndex place, std::string_view segment, Kind kind) const {
  const NodeIndex parameter = nodes_[place].parameter;
  return parameter != kNoNode && !segment.empty() && (nodes_[parameter].kinds & set_of(kind)) != 0;
}

void Tree::merge_leaves(std::vector<Leaf>& target, const std::vector<Leaf>& source, Merges& merges) {
  for (const Leaf& from : source) {
    Leaf* into = leaf(target, from.method);
    if (into == nullptr) {
      target.push_back(from);
      continue;
    }
    into->hits += from.hits;
    if (into->route == kUnmatchedRoute) {
      into->route = from.route;
    } else if (from.route != kUnmatchedRoute) {
      merges.push_back({from.route, into->route});
    }
  }
}

void Tree::merge_into(NodeIndex target, NodeIndex source, Merges& merges) {
  // The source's parts are taken out first: `add` may move the arena.
  Node taken = std::move(nodes_[source]);
  free_.push_back(source);
  nodes_[source] = Node{};
  Node& into = nodes_[target];
  into.hits += taken.hits;
  into.ends_with_slash = into.ends_with_slash || taken.ends_with_slash;
  into.is_rest = into.is_rest || taken.is_rest;
  if (taken.first_parent != 0) note(into, taken.first_parent);
  into.has_many_parents = into.has_many_parents || taken.has_many_parents;
  merge_leaves(into.leaves, taken.leaves, merges);
  merge_leaves(into.rest_leaves, taken.rest_leaves, merges);
  if (taken.is_parameter && into.is_parameter) {
    into.kinds |= taken.kinds;
    into.seen |= taken.seen;
    into.folded += taken.folded;
    if (into.reason == Reason::none) into.reason = taken.reason;
    into.has_one_value = into.has_one_value && taken.has_one_value && into.text == taken.text;
  }
  for (auto& [text, child] : taken.literals) {
    const NodeIndex same = literal(target, text);
    if (same != kNoNode) {
      merge_into(same, child, merges);
    } else {
      nodes_[child].parent = target;
      nodes_[target].literals.emplace(text, child);
    }
  }
  if (taken.parameter == kNoNode) return;
  if (nodes_[target].parameter == kNoNode) {
    nodes_[taken.parameter].parent = target;
    nodes_[target].parameter = taken.parameter;
  } else {
    merge_into(nodes_[target].parameter, taken.parameter, merges);
  }
}

void Tree::fold(NodeIndex parent, NodeIndex child, Merges& merges) {
  const std::string text = nodes_[child].text;
  nodes_[parent].literals.erase(text);
  if (nodes_[parent].parameter == kNoNode) add_parameter(parent, text);
  const NodeIndex parameter = nodes_[parent].parameter;
  Node& into = nodes_[parameter];
  const KindSet kind = set_of(kind_of(text));
  into.kinds |= kind;
  into.seen |= kind;
  into.has_one_value = into.has_one_value && into.text == text;
  ++into.folded;
  for (const auto& [name, below] : nodes_[child].literals) {
    if (nodes_[below].first_parent == 0) note_parent(below, text);
  }
  merge_into(parameter, child, merges);
}

void Tree::unfold(NodeIndex parent) {
  const NodeIndex child = std::exchange(nodes_[parent].parameter, kNoNode);
  Node& node = nodes_[child];
  node.is_parameter = false;
  node.kinds = 0;
  node.seen = 0;
  nodes_[parent].literals.emplace(node.text, child);
}

void Tree::take_all(NodeIndex source, std::vector<Leaf>& target, Merges& merges) {
  const Node taken = std::move(nodes_[source]);
  nodes_[source] = Node{};
  free_.push_back(source);
  merge_leaves(target, taken.leaves, merges);
  merge_leaves(target, taken.rest_leaves, merges);
  for (const auto& [text, child] : taken.literals) take_all(child, target, merges);
  if (taken.parameter != kNoNode) take_all(taken.parameter, target, merges);
}

void Tree::fold_into_rest(NodeIndex parent, Merges& merges) {
  std::vector<Leaf> leaves = std::move(nodes_[parent].rest_leaves);
  const auto literals = std::exchange(nodes_[parent].literals, {});
  const NodeIndex parameter = std::exchange(nodes_[parent].parameter, kNoNode);
  if (parameter != kNoNode) take_all(parameter, leaves, merges);
  for (const auto& [text, child] : literals) take_all(child, leaves, merges);
  nodes_[parent].rest_leaves = std::move(leaves);
  nodes_[parent].is_rest = true;
}

std::vector<NodeIndex> Tree::way_to(NodeIndex index) const {
  std::vector<NodeIndex> way;
  for (; index != kTop && index != kNoNode; index = nodes_[index].parent) way.push_back(index);
  std::reverse(way.begin(), way.end());
  return way;
}

}  // namespace weir::route
