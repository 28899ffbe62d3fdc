#include "tally.h"

#include <algorithm>

#include <weir/stats/events.h>

namespace weir::stats {

void Tally::add(const Record& record) {
  if (record.has(kProbe)) {
    ++probes_;
    return;
  }
  std::uint32_t& place = index_.place(record.route, record.method);
  if (place == SeriesIndex::kNone) {
    place = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({record.route, record.method, {}, 0, {}, 0, 0});
  }
  Entry& entry = entries_[place];
  entry.figures.add(record);
  add_to_levels(entry.levels, record.concurrency, record.duration_ns);
  entry.newest_ns = std::max(entry.newest_ns, record.ended_ns);
  entry.highest_concurrency = std::max(entry.highest_concurrency, record.route_concurrency);
  entry.successes += is_success(record);
  note_second(record.ended_ns);

  if (record.server == kNoServer) return;
  while (servers_.size() <= record.server.index()) {
    servers_.push_back({ServerId(static_cast<std::uint32_t>(servers_.size())), {}, 0});
  }
  ServerEntry& server = servers_[record.server.index()];
  server.figures.add(record);
  server.newest_ns = std::max(server.newest_ns, record.ended_ns);
}

void Tally::note_second(std::int64_t ended_ns) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t second = ended_ns - ended_ns % kSecond;
  // One worker's exchanges end one after the other.
  if (seconds_.empty() || seconds_.back().ended_ns < second) seconds_.push_back({second, 0});
  ++seconds_.back().requests;
}

}  // namespace weir::stats
