// Hot path: no allocation, no lock, no system call, no log.
#include "segment_hash.h"
#include "table_bits.h"

#include <array>
#include <bit>
#include <cstring>

#include <weir/route/normal_form.h>
#include <weir/route/table.h>

namespace weir::route {

namespace {

const Match kNoMatch{};

/// A place with more than one way on: what is left to try there once the first way has failed.
struct Fork {
  std::uint32_t node;
  std::uint32_t begin;
  std::uint32_t end;
  std::uint32_t affix;  ///< the next parameter with text around it
  bool has_parameter;
};

}  // namespace

/// A segment of the path at hand.
struct Table::Piece {
  std::string_view path;
  std::size_t begin = 1;
  std::size_t end = 1;
  std::uint32_t hash = 0;

  std::string_view text() const { return path.substr(begin, end - begin); }
  bool is_empty() const { return begin == end; }
  bool is_last() const { return end == path.size(); }
};

const Match& Table::match(Method method, std::string_view path) const {
  const std::uint32_t wanted = bit_of(method);
  if (!is_normal_form(path)) [[unlikely]] {
    thread_local std::string normal;
    normal.clear();
    append_normal_form(normal, path);
    path = normal;
  }
  if (!path.empty() && path.front() == '/') {
    return affixes_.empty() ? walk<false>(wanted, path) : walk<true>(wanted, path);
  }
  if (path == "*" && (nodes_[kAsterisk].methods & (wanted | kAnyMethod)) != 0) {
    return pick(nodes_[kAsterisk].methods, nodes_[kAsterisk].routes, wanted);
  }
  return kNoMatch;
}

template <bool has_affixes>
const Match& Table::walk(std::uint32_t wanted, std::string_view path) const {
  const std::uint32_t suits = wanted | kAnyMethod;
  std::array<Fork, Pattern::kMaxSegments + 1> forks;
  std::size_t open = 0;
  std::uint32_t at = kRoot;
  Piece piece{path};
  for (std::uint32_t visits = 0; visits < kMaxVisits; ++visits) {
    const Node& here = nodes_[at];
    const HashedSegment hashed = hash_segment(path, piece.begin);
    piece.end = hashed.end;
    piece.hash = hashed.hash;

    std::uint32_t next = here.has_literals ? literal_child(at, piece) : kNone;
    if (next != kNone && (nodes_[next].below & suits) == 0) next = kNone;
    std::uint32_t affix = kNone;
    if (has_affixes && here.affixes != kNone) affix = affix_from(here.affixes, piece, suits);
    bool has_parameter = takes(here, piece, suits);
    const bool has_rest = (here.rest_methods & suits) != 0;
    if (has_affixes && next == kNone && affix != kNone) {
      next = affixes_[affix].child;
      affix = affix_after(affix, piece, suits);
    }
    if (next == kNone && has_parameter) {
      next = here.parameter;
      has_parameter = false;
    }
    if (next == kNone) {
      if (has_rest) return pick(here.rest_methods, here.rest_routes, wanted);
      if (piece.is_empty() && piece.is_last() && (here.tolerant & suits) != 0) {
        return pick(here.methods, here.routes, wanted);
      }
    } else if (has_parameter || has_rest || (has_affixes && affix != kNone)) {
      forks[open++] = {at, static_cast<std::uint32_t>(piece.begin), static_cast<std::uint32_t>(piece.end), affix,
                       has_parameter};
    }

    // Onwards; and where that is a dead end, back to the last fork.
    while (true) {
      if (next != kNone) {
        if (!piece.is_last()) break;
        if ((nodes_[next].methods & suits) != 0) return pick(nodes_[next].methods, nodes_[next].routes, wanted);
      }
      if (open == 0) return kNoMatch;
      Fork& fork = forks[open - 1];
      const Node& node = nodes_[fork.node];
      piece.begin = fork.begin;
      piece.end = fork.end;
      if (has_affixes && fork.affix != kNone) {
        next = affixes_[fork.affix].child;
        fork.affix = affix_after(fork.affix, piece, suits);
      } else if (fork.has_parameter) {
        next = node.parameter;
        fork.has_parameter = false;
      } else {
        return pick(node.rest_methods, node.rest_routes, wanted);
      }
      if ((!has_affixes || fork.affix == kNone) && !fork.has_parameter && (node.rest_methods & suits) == 0) --open;
    }
    at = next;
    piece.begin = piece.end + 1;
  }
  return kNoMatch;
}

std::uint32_t Table::literal_child(std::uint32_t node, const Piece& piece) const {
  std::uint32_t slot = slot_of(node, piece.hash) & edge_mask_;
  while (true) {
    const Edge& edge = edges_[slot];
    if (edge.child == kNone) return kNone;
    if (edge.hash == piece.hash && edge.parent == node && edge.size == piece.end - piece.begin &&
        std::memcmp(texts_.data() + edge.text, piece.path.data() + piece.begin, edge.size) == 0) {
      return edge.child;
    }
    slot = (slot + 1) & edge_mask_;
  }
}

std::uint32_t Table::affix_from(std::uint32_t index, const Piece& piece, std::uint32_t suits) const {
  const std::string_view text = piece.text();
  for (;; ++index) {
    const Affix& affix = affixes_[index];
    const std::string_view around = std::string_view(texts_).substr(affix.text, affix.prefix_size + affix.suffix_size);
    if (text.size() > around.size() && text.starts_with(around.substr(0, affix.prefix_size)) &&
        text.ends_with(around.substr(affix.prefix_size)) && (nodes_[affix.child].below & suits) != 0) {
      return index;
    }
    if (affix.is_last) return kNone;
  }
}

std::uint32_t Table::affix_after(std::uint32_t index, const Piece& piece, std::uint32_t suits) const {
  return affixes_[index].is_last ? kNone : affix_from(index + 1, piece, suits);
}

bool Table::takes(const Node& node, const Piece& piece, std::uint32_t suits) const {
  if (node.parameter == kNone || piece.is_empty()) return false;
  if ((nodes_[node.parameter].below & suits) == 0) return false;
  return node.kinds == kAnyKind || (node.kinds & set_of(kind_of(piece.text()))) != 0;
}

const Match& Table::pick(std::uint32_t methods, std::uint32_t first, std::uint32_t wanted) const {
  const std::uint32_t chosen = (methods & wanted) != 0 ? wanted : kAnyMethod;
  return matches_[first + static_cast<std::uint32_t>(std::popcount(methods & (chosen - 1)))];
}

}  // namespace weir::route
