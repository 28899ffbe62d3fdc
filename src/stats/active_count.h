#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include <weir/base/distinct_hashes.h>

#include "rings.h"

namespace weir::stats {

/// Exact up to 256, then with a standard error of 2.3 %. At most 2 KiB.
using ActiveHashes = DistinctHashes<256, 2048>;

/// Different hashes over every window. At most 450 KB.
using ActiveCount = Rings<ActiveHashes>;

/// Ends in the finisher of MurmurHash3, so that every bit counts whatever std::hash does.
inline std::uint64_t hash_of(std::string_view name) {
  std::uint64_t x = std::hash<std::string_view>{}(name);
  x = (x ^ x >> 33) * 0xFF51AFD7ED558CCD;
  x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53;
  return x ^ x >> 33;
}

}  // namespace weir::stats
