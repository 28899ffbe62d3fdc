#include "samples.h"

#include <algorithm>
#include <utility>

namespace weir::stats {

namespace {

std::size_t bytes_of(const Sample& sample) {
  std::size_t total = sizeof(Sample) + sample.components.capacity() * sizeof(sample.components[0]);
  for (const auto* text : {&sample.path, &sample.client, &sample.user, &sample.tenant, &sample.request_id,
                           &sample.trace_id, &sample.method, &sample.server_timing, &sample.cache_status}) {
    total += text->capacity();
  }
  return total;
}

std::size_t bytes_of(const TopBand& band) {
  std::size_t total = sizeof(TopBand) + band.heap_bytes();
  for (const TopBand::Entry& entry : band.entries()) total += bytes_of(*entry.sample);
  return total;
}

std::uint64_t score_of(const Sample& sample) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, sample.record.duration_ns));
}

bool is_newer(const SamplePtr& a, const SamplePtr& b) {
  if (a->record.ended_ns != b->record.ended_ns) return a->record.ended_ns > b->record.ended_ns;
  return a->number > b->number;
}

/// Newest first, each once.
void put_in_order(std::vector<SamplePtr>& samples) {
  std::sort(samples.begin(), samples.end(), is_newer);
  const auto is_same = [](const SamplePtr& a, const SamplePtr& b) { return a->number == b->number; };
  samples.erase(std::unique(samples.begin(), samples.end(), is_same), samples.end());
}

/// The largest size to which all can be cut so that at most `total` are left.
std::size_t fair_size(std::vector<std::size_t> sizes, std::size_t total) {
  std::sort(sizes.begin(), sizes.end());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::size_t share = total / (sizes.size() - i);
    if (sizes[i] > share) return share;
    total -= sizes[i];
  }
  return sizes.empty() ? 0 : sizes.back();
}

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ x >> 33) * 0xFF51AFD7ED558CCD;
  return x ^ x >> 33;
}

}  // namespace

std::size_t Samples::KeyHash::operator()(const Key& key) const {
  return mixed(std::uint64_t{key.route.value} << 32 | std::uint64_t{key.status} << 16 |
               static_cast<std::uint64_t>(key.method) << 8 | static_cast<std::uint64_t>(key.kind));
}

std::size_t Samples::SeriesHash::operator()(const std::pair<RouteId, Method>& key) const {
  return mixed(std::uint64_t{key.first.value} << 8 | static_cast<std::uint64_t>(key.second));
}

Samples::Samples(LedgerLimits limits) : limits_(limits), draw_(limits.uniform), random_(0x9E3779B97F4A7C15) {
  for (std::size_t i = 0; i < kKinds; ++i) {
    of_all_.push_back({{}, TopBand(std::min(newest_of(static_cast<Kind>(i)), kMostBest))});
  }
}

std::size_t Samples::newest_of(Kind kind) const {
  return kind == Kind::slow || kind == Kind::outlier ? limits_.slow : limits_.errors;
}

Samples::Key Samples::key_of(const Sample& sample, Kind kind) {
  const bool is_error = kind == Kind::server_error || kind == Kind::client_error;
  return {sample.record.route, sample.record.method, kind, is_error ? sample.record.status : std::uint16_t{0}};
}

void Samples::keep(Kind kind, const SamplePtr& sample) {
  OfAll& all = of_all_[static_cast<std::size_t>(kind)];
  // Workers hand over one after the other, so it may be older than what another worker brought.
  std::size_t place = all.newest.size();
  while (place > 0 && all.newest[place - 1]->counted_ns > sample->counted_ns) --place;
  all.newest.insert(all.newest.begin() + static_cast<std::ptrdiff_t>(place), sample);
  if (all.newest.size() > newest_of(kind)) all.newest.pop_front();
  all.band.add(sample, score_of(*sample));
  keep_in_series(kind, sample);
}

void Samples::keep_in_series(Kind kind, const SamplePtr& sample) {
  of_series_.try_emplace(key_of(*sample, kind), best_of_series(kind)).first->second.add(sample, score_of(*sample));
}

void Samples::add(const Record& record, const Said& said, const Slow& slow, WallTime ended, std::int64_t slice_begin) {
  const auto sample = std::make_shared<Sample>(make_sample(record, {}, said, ended));
  sample->record.detail = record.detail;
  sample->counted_ns = std::max(record.ended_ns, slice_begin);
  sample->number = ++added_;
  sample->slow_reason = slow.reason;
  sample->usual_p99 = slow.usual_p99;
  unsettled_.push_back(sample);
  if (slow.reason == SlowReason::threshold) keep(Kind::slow, sample);
  if (slow.reason == SlowReason::p99) keep(Kind::outlier, sample);
  if (record.is_error()) keep(record.status / 100 == 4 ? Kind::client_error : Kind::server_error, sample);
  if (slow.reason != SlowReason::none || record.is_error() || !record.has(kSampled)) return;
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  // A worker that sends only one in 2^n has thrown away the higher keys already; that changes nothing as long as there
  // are many more than are kept.
  const std::uint64_t key = random_ >> std::min<unsigned>(record.sample_level, 63);
  draw_.add(sample, key);
  draws_.try_emplace({record.route, record.method}, std::min(limits_.uniform, kDrawnOfSeries))
      .first->second.add(sample, key);
}

void Samples::settle(const Batch& batch) {
  for (const std::shared_ptr<Sample>& sample : unsettled_) {
    // What newer ones of the same batch have pushed out again needs no texts.
    if (sample.use_count() > 1) write_texts(*sample, batch.detail(sample->record));
    sample->record.detail = kNoDetail;
  }
  added_since_measured_ += unsettled_.size();
  unsettled_.clear();
  constexpr std::size_t kMeasureEvery = 256;
  if (added_since_measured_ < kMeasureEvery) return;
  added_since_measured_ = 0;
  keep_within_bytes();
}

void Samples::keep_within_bytes() {
  std::size_t bytes = 0;
  std::size_t held = 0;
  std::vector<std::size_t> sizes;
  const auto measure = [&](const TopBand& band) {
    bytes += bytes_of(band);
    held += band.entries().size();
    sizes.push_back(band.entries().size());
  };
  for (const auto& [key, band] : of_series_) measure(band);
  for (const auto& [key, draw] : draws_) measure(draw.band());
  if (bytes <= kMostSeriesBytes) return;
  // Down to three quarters, so that this is rare.
  const std::size_t most = held * (kMostSeriesBytes / 4 * 3 / 1024) / (bytes / 1024);
  const std::size_t each = fair_size(std::move(sizes), most);
  const auto nobody = [](const TopBand::Entry&) {};
  for (auto& [key, band] : of_series_) band.cut(each, nobody);
  for (auto& [key, draw] : draws_) draw.cut(each, nobody);
  std::erase_if(of_series_, [](const auto& one) { return one.second.entries().empty(); });
}

template <class Visit>
void Samples::for_each_sample(Visit visit) {
  for (OfAll& all : of_all_) {
    std::for_each(all.newest.begin(), all.newest.end(), visit);
    all.band.for_each(visit);
  }
  for (auto& [key, band] : of_series_) band.for_each(visit);
  draw_.band().for_each(visit);
  for (auto& [key, draw] : draws_) draw.band().for_each(visit);
}

void Samples::reset(const Scope& scope) {
  if (scope.is_everything()) {
    const std::uint64_t random = random_;
    const std::uint64_t added = added_;
    *this = Samples(limits_);
    random_ = random;
    added_ = added;
    return;
  }
  std::erase_if(of_series_, [&](const auto& one) { return scope.holds(one.first.route, one.first.method); });
  std::erase_if(draws_, [&](const auto& one) { return scope.holds(one.first.first, one.first.second); });
  const auto is_in_scope = [&](const SamplePtr& s) { return scope.holds(s->record.route, s->record.method); };
  for (OfAll& all : of_all_) {
    std::erase_if(all.newest, is_in_scope);
    all.band.erase_if(is_in_scope);
  }
  draw_.band().erase_if(is_in_scope);
}

void Samples::rename(RouteId from, RouteId into) {
  std::unordered_map<const Sample*, SamplePtr> renamed;  // one that is in several lists stays one
  for_each_sample([&](SamplePtr& sample) {
    if (sample->record.route != from) return;
    SamplePtr& other = renamed[sample.get()];
    if (other == nullptr) {
      auto copy = std::make_shared<Sample>(*sample);
      copy->record.route = into;
      other = std::move(copy);
    }
    sample = other;
  });
  std::vector<Key> moved;
  for (const auto& [key, band] : of_series_) {
    if (key.route == from) moved.push_back(key);
  }
  for (const Key& key : moved) {
    const TopBand band = std::move(of_series_.extract(key).mapped());
    for (const TopBand::Entry& entry : band.entries()) keep_in_series(key.kind, entry.sample);
  }
  std::vector<std::pair<RouteId, Method>> drawn;
  for (const auto& [key, draw] : draws_) {
    if (key.first == from) drawn.push_back(key);
  }
  for (const auto& key : drawn) {
    const Draw draw = std::move(draws_.extract(key).mapped());
    draws_.try_emplace({into, key.second}, std::min(limits_.uniform, kDrawnOfSeries)).first->second.merge(draw);
  }
}

void Samples::set_limits(LedgerLimits limits) {
  limits_ = limits;
  const auto nobody = [](const TopBand::Entry&) {};
  for (std::size_t i = 0; i < kKinds; ++i) {
    const std::size_t newest = newest_of(static_cast<Kind>(i));
    OfAll& all = of_all_[i];
    while (all.newest.size() > newest) all.newest.pop_front();
    all.band.set_best(std::min(newest, kMostBest), nobody);
  }
  for (auto& [key, band] : of_series_) band.set_best(best_of_series(key.kind), nobody);
  draw_.set_limit(limits_.uniform);
  for (auto& [key, draw] : draws_) draw.set_limit(std::min(limits_.uniform, kDrawnOfSeries));
}

void Samples::copy_to(View& view, const Scope& scope, std::int64_t from,
                      const std::function<bool(RouteId, Method)>& holds) const {
  const auto copy = [&](const SamplePtr& sample, Kind kind) {
    const Record& record = sample->record;
    if (sample->counted_ns < from || !scope.holds(record.route, record.method)) return;
    (kind == Kind::slow || kind == Kind::outlier ? view.slow : view.errors).push_back(sample);
  };
  const auto copy_band = [&](const TopBand& band, Kind kind) {
    for (const TopBand::Entry& entry : band.entries()) copy(entry.sample, kind);
  };
  for (std::size_t i = 0; i < kKinds; ++i) {
    for (const SamplePtr& sample : of_all_[i].newest) copy(sample, static_cast<Kind>(i));
    copy_band(of_all_[i].band, static_cast<Kind>(i));
  }
  for (const auto& [key, band] : of_series_) copy_band(band, key.kind);
  put_in_order(view.slow);
  put_in_order(view.errors);

  const auto is_meant = [&](RouteId route, Method method) {
    return scope.holds(route, method) && (!holds || holds(route, method));
  };
  // By key, so that what is in the draw of everything and in that of its series is there once.
  std::vector<std::pair<std::uint64_t, SamplePtr>> drawn;
  std::uint64_t ceiling = UINT64_MAX;
  const auto take = [&](const Draw& draw) {
    for (const TopBand::Entry& entry : draw.band().entries()) {
      const Record& record = entry.sample->record;
      if (entry.at() >= from && is_meant(record.route, record.method)) {
        drawn.emplace_back(Draw::key_of(entry), entry.sample);
      }
    }
  };
  take(draw_);
  if (scope.is_everything() && !holds) {
    ceiling = draw_.ceiling(from);
  } else {
    for (const auto& [key, draw] : draws_) {
      if (!is_meant(key.first, key.second)) continue;
      take(draw);
      ceiling = std::min(ceiling, draw.ceiling(from));
    }
    ceiling = std::max(ceiling, draw_.ceiling(from));
  }
  std::erase_if(drawn, [&](const auto& one) { return one.first >= ceiling; });
  std::sort(drawn.begin(), drawn.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.second->number) < std::pair(b.first, b.second->number);
  });
  for (const auto& [key, sample] : drawn) {
    if (!view.uniform.empty() && view.uniform.back()->number == sample->number) continue;
    if (view.uniform.size() == limits_.uniform) break;
    view.uniform.push_back(sample);
  }
  put_in_order(view.uniform);
}

std::size_t Samples::bytes() const {
  std::size_t total = 0;
  for (const OfAll& all : of_all_) {
    for (const SamplePtr& sample : all.newest) total += bytes_of(*sample);
    total += bytes_of(all.band);
  }
  for (const auto& [key, band] : of_series_) total += bytes_of(band);
  total += bytes_of(draw_.band());
  for (const auto& [key, draw] : draws_) total += bytes_of(draw.band());
  return total;
}

}  // namespace weir::stats
