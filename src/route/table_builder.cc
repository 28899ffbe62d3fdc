#include "segment_hash.h"
#include "table_bits.h"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include <weir/route/table.h>

namespace weir::route {

namespace {

/// The literal text around a parameter. The longest comes first, as it says most.
struct Around {
  std::string prefix;
  std::string suffix;

  std::size_t size() const { return prefix.size() + suffix.size(); }
  friend bool operator<(const Around& a, const Around& b) {
    if (a.size() != b.size()) return a.size() > b.size();
    if (a.prefix.size() != b.prefix.size()) return a.prefix.size() > b.prefix.size();
    return std::tie(a.prefix, a.suffix) < std::tie(b.prefix, b.suffix);
  }
};

/// A node while it is still growing. Children have higher numbers than their parents.
struct Sprout {
  std::map<std::string, std::uint32_t, std::less<>> literals;
  std::map<Around, std::uint32_t> affixes;
  std::optional<std::uint32_t> parameter;
  KindSet kinds = 0;
  std::map<std::uint32_t, Match> routes;       // by method bit, so that kAnyMethod comes last
  std::map<std::uint32_t, Match> rest_routes;
  std::uint32_t tolerant = 0;
};

/// What the parameters with text around them can add to a walk: the most that one segment can fit all of, each with what
/// is below it. `:cancel` and `:run` never fit both.
std::uint32_t most_visits(const std::map<Around, std::uint32_t>& affixes, const std::vector<std::uint32_t>& visits) {
  // Beyond that the sum is near enough: it is never too low.
  constexpr std::size_t kExactUpTo = 64;
  const bool is_exact = affixes.size() <= kExactUpTo;
  std::uint64_t most = 0;
  for (const auto& [front, ignored] : affixes) {
    for (const auto& [back, also_ignored] : affixes) {
      std::uint64_t sum = 0;
      for (const auto& [around, child] : affixes) {
        const bool fits = front.prefix.starts_with(around.prefix) && back.suffix.ends_with(around.suffix);
        if (fits || !is_exact) sum += visits[child];
      }
      most = std::max(most, sum);
      if (!is_exact) return static_cast<std::uint32_t>(std::min<std::uint64_t>(most, UINT32_MAX / 4));
    }
  }
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(most, UINT32_MAX / 4));
}

std::uint32_t methods_of(const std::map<std::uint32_t, Match>& routes) {
  std::uint32_t methods = 0;
  for (const auto& [bit, match] : routes) methods |= bit;
  return methods;
}

}  // namespace

struct Table::Builder {
  std::vector<Sprout> sprouts{2};

  void add(const Entry& entry) {
    const auto method = entry.pattern.method();
    const std::uint32_t bit = method ? bit_of(*method) : kAnyMethod;
    const auto& segments = entry.pattern.segments();
    std::size_t count = segments.size();
    if (entry.is_slash_tolerant && count > 1 && segments.back() == Segment{}) --count;

    std::uint32_t at = entry.pattern.is_asterisk() ? kAsterisk : kRoot;
    for (std::size_t i = 0; i < count; ++i) {
      if (segments[i].type == Segment::Type::rest) {
        sprouts[at].rest_routes.emplace(bit, entry.match);
        return;
      }
      at = child(at, segments[i]);
    }
    if (sprouts[at].routes.emplace(bit, entry.match).second && entry.is_slash_tolerant) {
      sprouts[at].tolerant |= bit;
    }
  }

  std::uint32_t child(std::uint32_t parent, const Segment& segment) {
    const auto fresh = static_cast<std::uint32_t>(sprouts.size());
    if (segment.type == Segment::Type::literal) {
      const auto [place, is_new] = sprouts[parent].literals.emplace(segment.text, fresh);
      const std::uint32_t found = place->second;
      if (is_new) sprouts.emplace_back();
      return found;
    }
    if (segment.has_affix()) {
      const auto [place, is_new] = sprouts[parent].affixes.emplace(Around{segment.prefix, segment.suffix}, fresh);
      const std::uint32_t found = place->second;
      if (is_new) sprouts.emplace_back();
      return found;
    }
    sprouts[parent].kinds |= segment.kinds;
    if (!sprouts[parent].parameter) {
      sprouts[parent].parameter = fresh;
      sprouts.emplace_back();
      return fresh;
    }
    return *sprouts[parent].parameter;
  }
};

Table::Table(const std::vector<Entry>& entries) {
  Builder builder;
  for (const Entry& entry : entries) {
    builder.add(entry);
    if (!entry.match.is_matched()) continue;
    const std::size_t place = entry.match.route.index();
    if (names_.size() <= place) names_.resize(place + 1);
    if (names_[place].empty()) names_[place] = entry.pattern.path();
  }

  std::size_t literals = 0;
  for (const Sprout& sprout : builder.sprouts) literals += sprout.literals.size();
  edges_.resize(std::bit_ceil(std::max<std::size_t>(2 * literals, 2)));
  edge_mask_ = static_cast<std::uint32_t>(edges_.size() - 1);

  const auto store = [this](const std::map<std::uint32_t, Match>& routes) {
    const auto first = static_cast<std::uint32_t>(matches_.size());
    for (const auto& [bit, match] : routes) matches_.push_back(match);
    return first;
  };
  nodes_.resize(builder.sprouts.size());
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    const Sprout& sprout = builder.sprouts[i];
    Node& node = nodes_[i];
    node.parameter = sprout.parameter.value_or(kNone);
    node.kinds = sprout.kinds;
    node.methods = methods_of(sprout.routes);
    node.rest_methods = methods_of(sprout.rest_routes);
    node.tolerant = sprout.tolerant;
    node.routes = store(sprout.routes);
    node.rest_routes = store(sprout.rest_routes);
    node.has_literals = !sprout.literals.empty();
    if (!sprout.affixes.empty()) node.affixes = static_cast<std::uint32_t>(affixes_.size());
    for (const auto& [around, child] : sprout.affixes) {
      affixes_.push_back({static_cast<std::uint32_t>(texts_.size()), static_cast<std::uint32_t>(around.prefix.size()),
                          static_cast<std::uint32_t>(around.suffix.size()), child, false});
      texts_.append(around.prefix).append(around.suffix);
    }
    if (!sprout.affixes.empty()) affixes_.back().is_last = true;
    for (const auto& [text, child] : sprout.literals) {
      const std::uint32_t hash = hash_segment(text, 0).hash;
      std::uint32_t slot = slot_of(i, hash) & edge_mask_;
      while (edges_[slot].child != kNone) slot = (slot + 1) & edge_mask_;
      edges_[slot] = {i, hash, static_cast<std::uint32_t>(texts_.size()),
                      static_cast<std::uint32_t>(text.size()), child};
      texts_ += text;
    }
  }

  // Children come after their parents, so one pass from the back sees every child first.
  std::vector<std::uint32_t> visits(nodes_.size());
  const auto add_up = [](std::uint32_t a, std::uint32_t b) { return std::min(a + b, kNone / 4); };
  for (std::uint32_t i = static_cast<std::uint32_t>(nodes_.size()); i-- > 0;) {
    Node& node = nodes_[i];
    const Sprout& sprout = builder.sprouts[i];
    node.below = node.methods | node.rest_methods;
    std::uint32_t deepest = 0;
    for (const auto& [text, child] : sprout.literals) {
      node.below |= nodes_[child].below;
      deepest = std::max(deepest, visits[child]);
    }
    visits[i] = add_up(1, deepest);
    for (const auto& [around, child] : sprout.affixes) node.below |= nodes_[child].below;
    visits[i] = add_up(visits[i], most_visits(sprout.affixes, visits));
    if (sprout.parameter) {
      node.below |= nodes_[*sprout.parameter].below;
      visits[i] = add_up(visits[i], visits[*sprout.parameter]);
    }
  }
  worst_visits_ = visits[kRoot];
}

std::size_t Table::memory_bytes() const {
  return nodes_.capacity() * sizeof(Node) + affixes_.capacity() * sizeof(Affix) + edges_.capacity() * sizeof(Edge) +
         matches_.capacity() * sizeof(Match) + texts_.capacity() + names_.capacity() * sizeof(std::string) +
         std::accumulate(names_.begin(), names_.end(), std::size_t{0},
                         [](std::size_t bytes, const std::string& name) { return bytes + name.capacity(); }) +
         sizeof(*this);
}

}  // namespace weir::route
