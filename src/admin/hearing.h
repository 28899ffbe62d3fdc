#pragma once

#include <weir/stats/record.h>
#include <weir/stats/said.h>

namespace weir::admin {

/// Reads what an answer says of itself: its Server-Timing and the cache field that was kept of it. See
/// stats::Ledger::Hear.
void hear(const stats::Detail& detail, stats::Said& said);

}  // namespace weir::admin
