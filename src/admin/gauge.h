#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <weir/base/clock.h>
#include <weir/stats/window.h>

namespace weir::admin {

/// One figure that is read again and again: the newest value, and average and highest over every window. Slices of five
/// seconds, a minute and a quarter of an hour, so that windows slide as those of the ledger do. 5 KB.
class Gauge {
 public:
  struct Span {
    double average = 0;
    double highest = 0;
    std::uint64_t samples = 0;  ///< 0: nothing is known
  };

  /// `at` is never less than in the call before.
  void add(double value, TimePoint at) {
    current_ = value;
    slices_.add(value, at);
    minutes_.add(value, at);
    quarters_.add(value, at);
    all_.add(value);
  }

  double current() const { return current_; }
  Span over(stats::Window window, TimePoint now) const {
    switch (window) {
      case stats::Window::minute: return slices_.over(1min, now);
      case stats::Window::five_minutes: return slices_.over(5min, now);
      case stats::Window::hour: return minutes_.over(1h, now);
      case stats::Window::day: return quarters_.over(24h, now);
      case stats::Window::all: return all_.span();
    }
    return {};
  }

 private:
  struct Sum {
    double sum = 0;
    double highest = 0;
    std::uint64_t samples = 0;

    void add(double value) {
      highest = samples == 0 ? value : std::max(highest, value);
      sum += value;
      ++samples;
    }
    void merge(const Sum& other) {
      if (other.samples == 0) return;
      highest = samples == 0 ? other.highest : std::max(highest, other.highest);
      sum += other.sum;
      samples += other.samples;
    }
    Span span() const { return {samples == 0 ? 0 : sum / static_cast<double>(samples), highest, samples}; }
  };

  /// The newest slices of one length; each is overwritten by the one that comes a round later.
  template <std::size_t kSize, std::int64_t kSeconds>
  class Ring {
   public:
    void add(double value, TimePoint at) {
      const std::int64_t number = number_of(at);
      Cell& cell = cells_[static_cast<std::size_t>(number) % kSize];
      if (cell.number != number) cell = {number, {}};
      cell.sum.add(value);
    }
    Span over(Nanos span, TimePoint now) const {
      const std::int64_t last = number_of(now);
      const std::int64_t first = last - span / kLength;
      Sum sum;
      for (const Cell& cell : cells_) {
        if (cell.number >= first && cell.number <= last) sum.merge(cell.sum);
      }
      return sum.span();
    }

   private:
    static constexpr Nanos kLength = std::chrono::seconds(kSeconds);
    static std::int64_t number_of(TimePoint at) { return at.time_since_epoch() / kLength; }

    struct Cell {
      std::int64_t number = -1'000'000;
      Sum sum;
    };
    std::array<Cell, kSize> cells_{};
  };

  double current_ = 0;
  Ring<61, 5> slices_;
  Ring<61, 60> minutes_;
  Ring<97, 900> quarters_;
  Sum all_;
};

}  // namespace weir::admin
