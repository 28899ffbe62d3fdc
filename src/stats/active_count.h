#pragma once

#include <weir/base/distinct_hashes.h>

#include "rings.h"

namespace weir::stats {

/// Exact up to 256, then with a standard error of 2.3 %. At most 2 KiB.
using ActiveHashes = DistinctHashes<256, 2048>;

/// Different hashes over every window. At most 450 KB.
using ActiveCount = Rings<ActiveHashes>;

}  // namespace weir::stats
