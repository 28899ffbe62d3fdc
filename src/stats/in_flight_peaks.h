#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "history.h"

namespace weir::stats {

/// The highest of a figure over every window, as Peaks has it, for each of very many: it keeps what no later value has
/// reached, so that each value stands at most once and as a rule there is a handful of them.
class HighWater {
 public:
  /// `number` is never less than in the call before.
  void note(SliceNumber number, std::uint32_t value) {
    if (value == 0) return;
    highest_ = std::max(highest_, value);
    while (!steps_.empty() && steps_.back().value <= value) steps_.pop_back();
    const auto first = std::find_if(steps_.begin(), steps_.end(),
                                    [&](const Step& step) { return step.number >= number - span_of(Window::day); });
    steps_.erase(steps_.begin(), first);
    steps_.push_back({number, value});
  }

  std::uint32_t highest(Window window, SliceNumber current) const {
    if (window == Window::all) return highest_;
    return highest_since(current - span_of(window));
  }

  /// Of every window the sum of both: they may have been highest at once.
  void merge(const HighWater& other) {
    std::vector<SliceNumber> numbers;
    for (const Step& step : steps_) numbers.push_back(step.number);
    for (const Step& step : other.steps_) numbers.push_back(step.number);
    std::sort(numbers.begin(), numbers.end());
    std::vector<Step> sums;
    for (const SliceNumber number : numbers) {
      const std::uint32_t sum = highest_since(number) + other.highest_since(number);
      // As of the latest time that it holds for.
      if (!sums.empty() && (sums.back().value == sum || sums.back().number == number)) sums.pop_back();
      sums.push_back({number, sum});
    }
    steps_ = std::move(sums);
    highest_ += other.highest_;
  }

  std::size_t heap_bytes() const { return steps_.capacity() * sizeof(Step); }

 private:
  /// Higher before lower, older before newer.
  struct Step {
    SliceNumber number;
    std::uint32_t value;
  };

  std::uint32_t highest_since(SliceNumber oldest) const {
    const auto first =
        std::find_if(steps_.begin(), steps_.end(), [&](const Step& step) { return step.number >= oldest; });
    return first == steps_.end() ? 0 : first->value;
  }
  static constexpr SliceNumber span_of(Window window) { return shape_of(window).span / kSlice; }

  std::vector<Step> steps_;
  std::uint32_t highest_ = 0;
};

/// How many exchanges of one series were under way at once over all workers. Each says the highest number of what it
/// hands over; what they said within the last two slices adds up, so it is an upper bound where there are several.
class InFlightPeaks {
 public:
  /// `fold` tells hand-overs apart.
  void note(std::size_t worker, std::uint64_t fold, SliceNumber current, std::uint32_t value) {
    if (worker >= workers_.size()) workers_.resize(worker + 1);
    Worker& mine = workers_[worker];
    if (mine.fold != fold) mine = {fold, current, 0};
    if (value <= mine.value) return;
    mine.value = value;
    std::uint32_t sum = 0;
    for (const Worker& any : workers_) {
      if (any.at >= current - 1) sum += any.value;
    }
    peaks_.note(current, sum);
  }
  std::uint32_t highest(Window window, SliceNumber current) const { return peaks_.highest(window, current); }
  void merge(const InFlightPeaks& other) {
    peaks_.merge(other.peaks_);
    if (workers_.size() < other.workers_.size()) workers_.resize(other.workers_.size());
    for (std::size_t i = 0; i < other.workers_.size(); ++i) {
      workers_[i].value += other.workers_[i].value;
      workers_[i].fold = std::max(workers_[i].fold, other.workers_[i].fold);
      workers_[i].at = std::max(workers_[i].at, other.workers_[i].at);
    }
  }
  void reset() { *this = {}; }
  std::size_t heap_bytes() const { return workers_.capacity() * sizeof(Worker) + peaks_.heap_bytes(); }

 private:
  struct Worker {
    std::uint64_t fold = 0;
    SliceNumber at = -1'000'000;
    std::uint32_t value = 0;
  };

  std::vector<Worker> workers_;
  HighWater peaks_;
};

}  // namespace weir::stats
