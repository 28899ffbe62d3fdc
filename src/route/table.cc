// Hot path: no allocation, no lock, no system call, no log.
#include <weir/route/table.h>

#include <array>
#include <bit>
#include <cstring>

#include "segment_hash.h"
#include "table_bits.h"

namespace weir::route {

namespace {

const Match kNoMatch{};

/// A place with more than one way on: what is left to try there once the first way has failed.
struct Fork {
  std::uint32_t node;
  std::uint32_t begin;
  std::uint32_t end;
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
  if (!path.empty() && path.front() == '/') return walk(wanted, path);
  if (path == "*" && (nodes_[kAsterisk].methods & (wanted | kAnyMethod)) != 0) {
    return pick(nodes_[kAsterisk].methods, nodes_[kAsterisk].routes, wanted);
  }
  return kNoMatch;
}

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
    bool has_parameter = takes(here, piece, suits);
    const bool has_rest = (here.rest_methods & suits) != 0;
    if (next == kNone && has_parameter) {
      next = here.parameter;
      has_parameter = false;
    }
    if (next == kNone) {
      if (has_rest) return pick(here.rest_methods, here.rest_routes, wanted);
      if (piece.is_empty() && piece.is_last() && (here.tolerant & suits) != 0) {
        return pick(here.methods, here.routes, wanted);
      }
    } else if (has_parameter || has_rest) {
      forks[open++] = {at, static_cast<std::uint32_t>(piece.begin), static_cast<std::uint32_t>(piece.end),
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
      if (!fork.has_parameter) return pick(node.rest_methods, node.rest_routes, wanted);
      piece.begin = fork.begin;
      piece.end = fork.end;
      next = node.parameter;
      fork.has_parameter = false;
      if ((node.rest_methods & suits) == 0) --open;
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
