#include "samples.h"

#include <algorithm>
#include <memory>

namespace weir::stats {

namespace {

SamplePtr write_down(const Record& record, const Detail& detail, const Said& said, const Slow& slow, WallTime ended) {
  auto sample = std::make_shared<Sample>(make_sample(record, detail, said, ended));
  sample->slow_reason = slow.reason;
  sample->usual_p99 = slow.usual_p99;
  return sample;
}

/// Workers hand over one after the other, so what comes may have ended before what another worker brought. Nearly
/// always it goes to the front.
void push_newest(std::deque<SamplePtr>& list, const SamplePtr& sample, std::size_t limit) {
  const auto place = std::find_if(list.begin(), list.end(), [&](const SamplePtr& kept) {
    return kept->record.ended_ns <= sample->record.ended_ns;
  });
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
  visit(newest_outliers_);
  visit(slowest_);
  visit(errors_);
}

void Samples::expect(std::size_t slow, std::size_t errors) {
  slow_to_come_ = slow;
  errors_to_come_ = errors;
}

void Samples::add(const Record& record, const Detail& detail, const Said& said, const Slow& slow, WallTime ended) {
  const bool is_slow = slow.reason != SlowReason::none;
  const bool is_error = record.is_error();
  if (record.has(kSampled) && !is_slow && !is_error) {
    uniform_.add(record.sample_level, [&] { return write_down(record, detail, said, slow, ended); });
  }
  const bool is_outlier = slow.reason == SlowReason::p99;
  const bool is_new_slow = slow.reason == SlowReason::threshold && slow_to_come_-- <= limits_.slow;
  const bool is_new_error = is_error && errors_to_come_-- <= limits_.errors;
  const bool is_slowest = is_slow && is_among_slowest(record);
  if (!is_new_slow && !is_outlier && !is_new_error && !is_slowest) return;
  const SamplePtr sample = write_down(record, detail, said, slow, ended);
  if (is_new_slow) push_newest(newest_slow_, sample, limits_.slow);
  if (is_outlier) push_newest(newest_outliers_, sample, limits_.slow);
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

void Samples::reset(const Scope& scope) {
  const auto is_in_scope = [&](const SamplePtr& s) { return scope.holds(s->record.route, s->record.method); };
  for_each_list([&](std::deque<SamplePtr>& list) { std::erase_if(list, is_in_scope); });
  uniform_.erase_if(is_in_scope);
}

void Samples::rename(RouteId from, RouteId into) {
  const auto rename_one = [&](SamplePtr& sample) {
    if (sample->record.route != from) return;
    auto renamed = std::make_shared<Sample>(*sample);
    renamed->record.route = into;
    sample = std::move(renamed);
  };
  for_each_list([&](std::deque<SamplePtr>& list) { std::for_each(list.begin(), list.end(), rename_one); });
  uniform_.for_each(rename_one);
}

void Samples::set_limits(LedgerLimits limits) {
  limits_ = limits;
  const auto cut = [](std::deque<SamplePtr>& list, std::size_t limit) {
    if (list.size() > limit) list.resize(limit);
  };
  cut(newest_slow_, limits_.slow);
  cut(newest_outliers_, limits_.slow);
  cut(slowest_, limits_.slow);
  cut(errors_, limits_.errors);
  uniform_.set_limit(limits_.uniform);
}

void Samples::copy_to(View& view, const Scope& scope) const {
  const auto is_in_scope = [&](const SamplePtr& s) { return scope.holds(s->record.route, s->record.method); };
  const auto copy = [&](const auto& from, std::vector<SamplePtr>& to) {
    std::copy_if(from.begin(), from.end(), std::back_inserter(to), is_in_scope);
  };
  const auto is_newer = [](const SamplePtr& a, const SamplePtr& b) { return a->record.ended_ns > b->record.ended_ns; };
  std::vector<SamplePtr> slow;
  std::merge(newest_slow_.begin(), newest_slow_.end(), newest_outliers_.begin(), newest_outliers_.end(),
             std::back_inserter(slow), is_newer);
  copy(slow, view.newest_slow);
  copy(slowest_, view.slowest);
  copy(errors_, view.errors);
  copy(uniform_.samples(), view.uniform);
  std::stable_sort(view.uniform.begin(), view.uniform.end(), is_newer);
}

std::size_t Samples::bytes() const {
  std::size_t total = 0;
  for (const auto* list : {&newest_slow_, &newest_outliers_, &slowest_, &errors_}) {
    for (const SamplePtr& sample : *list) total += bytes_of(*sample);
  }
  for (const SamplePtr& sample : uniform_.samples()) total += bytes_of(*sample);
  return total;
}

}  // namespace weir::stats
