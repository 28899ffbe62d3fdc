#include "samples.h"

#include <algorithm>
#include <memory>

namespace weir::stats {

namespace {

SamplePtr write_down(const Record& record, const Detail& detail, const Said& said, WallTime ended) {
  auto sample = std::make_shared<Sample>();
  sample->ended = ended;
  sample->record = record;
  sample->record.detail = kNoDetail;
  sample->path = detail.path;
  sample->client = detail.client;
  sample->user = detail.user;
  sample->tenant = detail.tenant;
  sample->request_id = detail.request_id;
  sample->trace_id = detail.trace_id;
  sample->method = detail.method;
  sample->server_timing = detail.server_timing;
  sample->cache_status = detail.cache_status;
  for (const Said::Component& one : said.components) sample->components.emplace_back(one.name, one.duration);
  return sample;
}

/// Workers hand over one after the other, so what comes may have ended before what another worker brought. Nearly
/// always it goes to the front.
void push_newest(std::deque<SamplePtr>& list, const SamplePtr& sample, std::size_t limit) {
  const auto place = std::find_if(list.begin(), list.end(),
                                  [&](const SamplePtr& kept) { return kept->ended <= sample->ended; });
  list.insert(place, sample);
  if (list.size() > limit) list.pop_back();
}

std::size_t bytes_of(const Sample& sample) {
  std::size_t total = sizeof(Sample) + sample.components.capacity() * sizeof(sample.components[0]);
  for (const auto* text : {&sample.path, &sample.client, &sample.user, &sample.tenant, &sample.request_id,
                           &sample.trace_id, &sample.method, &sample.server_timing, &sample.cache_status}) {
    total += text->capacity();
  }
  return total;
}

}  // namespace

template <class Visit>
void Samples::for_each_list(Visit visit) {
  visit(newest_slow_);
  visit(slowest_);
  visit(errors_);
  visit(uniform_);
}

void Samples::expect(std::size_t slow, std::size_t errors) {
  slow_to_come_ = slow;
  errors_to_come_ = errors;
}

void Samples::add(const Record& record, const Detail& detail, const Said& said, WallTime ended) {
  if (record.has(kSampled)) draw(record, detail, said, ended);
  const bool is_slow = record.has(kSlow);
  const bool is_error = record.is_error();
  const bool is_new_slow = is_slow && slow_to_come_-- <= limits_.slow;
  const bool is_new_error = is_error && errors_to_come_-- <= limits_.errors;
  const bool is_slowest = is_slow && is_among_slowest(record);
  if (!is_new_slow && !is_new_error && !is_slowest) return;
  const SamplePtr sample = write_down(record, detail, said, ended);
  if (is_new_slow) push_newest(newest_slow_, sample, limits_.slow);
  if (is_new_error) push_newest(errors_, sample, limits_.errors);
  if (is_slowest) keep_slowest(sample);
}

bool Samples::is_among_slowest(const Record& record) const {
  if (slowest_.size() < limits_.slow) return true;
  return limits_.slow != 0 && record.duration_ns > slowest_.back()->record.duration_ns;
}

void Samples::keep_slowest(const SamplePtr& sample) {
  const auto place = std::upper_bound(
      slowest_.begin(), slowest_.end(), sample,
      [](const SamplePtr& a, const SamplePtr& b) { return a->record.duration_ns > b->record.duration_ns; });
  slowest_.insert(place, sample);
  if (slowest_.size() > limits_.slow) slowest_.pop_back();
}

/// Vitter, "Random sampling with a reservoir", 1985, algorithm R; the generator is a xorshift, seeded by a constant so
/// that tests repeat.
void Samples::draw(const Record& record, const Detail& detail, const Said& said, WallTime ended) {
  ++drawn_from_;
  if (uniform_.size() < limits_.uniform) {
    uniform_.push_back(write_down(record, detail, said, ended));
    return;
  }
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  const std::uint64_t place = random_ % drawn_from_;
  if (place < uniform_.size()) uniform_[place] = write_down(record, detail, said, ended);
}

void Samples::reset(const Scope& scope) {
  for_each_list([&](std::deque<SamplePtr>& list) {
    std::erase_if(list, [&](const SamplePtr& s) { return scope.holds(s->record.route, s->record.method); });
  });
  drawn_from_ = uniform_.size();
}

void Samples::rename(RouteId from, RouteId into) {
  for_each_list([&](std::deque<SamplePtr>& list) {
    for (SamplePtr& sample : list) {
      if (sample->record.route != from) continue;
      auto renamed = std::make_shared<Sample>(*sample);
      renamed->record.route = into;
      sample = std::move(renamed);
    }
  });
}

void Samples::set_limits(LedgerLimits limits) {
  limits_ = limits;
  const auto cut = [](std::deque<SamplePtr>& list, std::size_t limit) {
    if (list.size() > limit) list.resize(limit);
  };
  cut(newest_slow_, limits_.slow);
  cut(slowest_, limits_.slow);
  cut(errors_, limits_.errors);
  cut(uniform_, limits_.uniform);
}

void Samples::copy_to(View& view, const Scope& scope) const {
  const auto copy = [&](const std::deque<SamplePtr>& from, std::vector<SamplePtr>& to) {
    std::copy_if(from.begin(), from.end(), std::back_inserter(to), [&](const SamplePtr& sample) {
      return scope.holds(sample->record.route, sample->record.method);
    });
  };
  copy(newest_slow_, view.newest_slow);
  copy(slowest_, view.slowest);
  copy(errors_, view.errors);
  copy(uniform_, view.uniform);
}

std::size_t Samples::bytes() const {
  std::size_t total = 0;
  for (const auto* list : {&newest_slow_, &slowest_, &errors_, &uniform_}) {
    for (const SamplePtr& sample : *list) total += bytes_of(*sample);
  }
  return total;
}

}  // namespace weir::stats
