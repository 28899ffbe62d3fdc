#include "distinct_count.h"

#include <functional>

namespace weir::route {

namespace {

/// The finisher of MurmurHash3, so that every bit counts whatever std::hash does.
std::uint64_t spread(std::uint64_t x) {
  x = (x ^ x >> 33) * 0xFF51AFD7ED558CCD;
  x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53;
  return x ^ x >> 33;
}

}  // namespace

void DistinctCount::add(std::string_view text) { hashes_.add(spread(std::hash<std::string_view>{}(text))); }

}  // namespace weir::route
