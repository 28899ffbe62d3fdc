// Hot path: no allocation once warm, no lock, no system call, no log above debug.
#include <weir/stats/figures.h>

#include <algorithm>

namespace weir::stats {

namespace {

/// Calls `combine(a, b)` for each plain count of two sets.
template <class Combine>
void for_each_count(Figures::Counts& a, const Figures::Counts& b, Combine combine) {
  combine(a.requests, b.requests);
  combine(a.errors, b.errors);
  combine(a.slow, b.slow);
  combine(a.client_aborted, b.client_aborted);
  combine(a.local_replies, b.local_replies);
  combine(a.retried, b.retried);
  combine(a.reused, b.reused);
  combine(a.bytes_in, b.bytes_in);
  combine(a.bytes_out, b.bytes_out);
  for (std::size_t i = 0; i < a.status.size(); ++i) combine(a.status[i], b.status[i]);
  for (std::size_t i = 0; i < a.faults.size(); ++i) combine(a.faults[i], b.faults[i]);
}

}  // namespace

float phase_of(const Phases& phases, Phase phase) {
  switch (phase) {
    case Phase::client_send: return phases.client_send;
    case Phase::queue: return phases.queue;
    case Phase::retry: return phases.retry;
    case Phase::connect: return phases.connect;
    case Phase::send: return phases.send;
    case Phase::wait: return phases.wait;
    case Phase::receive: return phases.receive;
    case Phase::client_read: return phases.client_read;
    case Phase::weir: return phases.weir;
  }
  return 0;
}

void Figures::add(const Record& record) {
  ++counts.requests;
  counts.errors += record.is_error();
  counts.slow += record.has(kSlow);
  counts.client_aborted += record.fault == Fault::client_aborted;
  counts.local_replies += record.has(kLocalReply);
  counts.retried += record.has(kRetried);
  counts.reused += record.has(kReusedConnection);
  counts.bytes_in += record.bytes_in;
  counts.bytes_out += record.bytes_out;
  ++counts.status[std::min<std::size_t>(record.status / 100, 5)];
  if (record.fault != Fault::none) ++counts.faults[static_cast<std::size_t>(record.fault)];
  duration.add(record.duration_ns);
  const Phases& taken = record.phases;
  const std::array<float, kPhases> in_order = {taken.client_send, taken.queue, taken.retry,
                                               taken.connect,     taken.send,  taken.wait,
                                               taken.receive,     taken.client_read, taken.weir};
  for (std::size_t i = 0; i < kPhases; ++i) phases[i].add(static_cast<std::int64_t>(in_order[i]));
  if (record.has(kStream)) streams.add(record.stream_ns);
}

void Figures::merge(const Figures& other) {
  merge_without_phases(other);
  for (std::size_t i = 0; i < kPhases; ++i) phases[i].merge(other.phases[i]);
}

void Figures::merge_without_phases(const Figures& other) {
  if (other.is_empty()) return;
  for_each_count(counts, other.counts, [](std::uint64_t& a, std::uint64_t b) { a += b; });
  duration.merge(other.duration);
  streams.merge(other.streams);
}

void Figures::remove(const Figures& part) {
  remove_without_phases(part);
  for (std::size_t i = 0; i < kPhases; ++i) phases[i].remove(part.phases[i]);
}

void Figures::remove_without_phases(const Figures& part) {
  if (part.is_empty()) return;
  for_each_count(counts, part.counts, [](std::uint64_t& a, std::uint64_t b) { a -= b; });
  duration.remove(part.duration);
  streams.remove(part.streams);
}

double Figures::error_rate() const {
  return is_empty() ? 0 : 100.0 * static_cast<double>(counts.errors) / static_cast<double>(counts.requests);
}

std::size_t Figures::heap_bytes() const {
  std::size_t total = duration.heap_bytes() + streams.heap_bytes();
  for (const Sketch& phase : phases) total += phase.heap_bytes();
  return total;
}

}  // namespace weir::stats
