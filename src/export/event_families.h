#pragma once

#include <weir/export/events_json.h>
#include <weir/stats/events.h>

#include "exposition.h"

namespace weir::exporter {

/// What events come to, as metric families: `view` is cumulative. Tags are labels beside `event`, their name.
void write_events(Exposition& out, const stats::EventsView& view);
/// How StatsD is received.
void write_statsd(Exposition& out, const StatsdFigures& statsd);

}  // namespace weir::exporter
