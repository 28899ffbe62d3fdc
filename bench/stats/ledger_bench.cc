// What the ledger costs: time to fold a record and to make a view, memory for a day of history.
// Prints one line per figure, in CPU time; takes about a minute.

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <random>
#include <vector>

#include <weir/stats/batch.h>
#include <weir/stats/ledger.h>

using namespace weir;
using namespace weir::stats;

namespace {

constexpr Nanos kDay = 24h;

Moment at(Nanos since_start) { return {TimePoint(1h + since_start), WallTime(1'769'852'000s)}; }

/// CPU time of this thread, so that a busy machine does not spoil the figures.
class Stopwatch {
 public:
  double micros() const { return now() - start_; }

 private:
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
  }
  double start_ = now();
};

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages >> pages;
  return pages * 4096;
}

/// Exchanges of an ordinary JSON service: kept-alive upstream connections, small bodies, one in a hundred slow.
class Traffic {
 public:
  Traffic(std::size_t routes, bool is_even) {
    std::mt19937_64 random(7);
    const auto lognormal = [&](double median, double spread) {
      return static_cast<float>(std::lognormal_distribution(std::log(median), spread)(random));
    };
    std::vector<double> weights;
    for (std::size_t i = 0; i < routes; ++i) weights.push_back(is_even ? 1 : 1 / static_cast<double>(i + 1));
    std::discrete_distribution<std::uint32_t> route(weights.begin(), weights.end());
    for (Record& record : pool_) {
      record.route = RouteId(1 + route(random));
      record.method = Method::get;
      record.status = random() % 100 == 0 ? 500 : 200;
      record.server = ServerId(0);
      record.bytes_out = 500 + random() % 4000;
      record.traits = kReusedConnection;
      record.phases.send = lognormal(9e3, 0.25);
      record.phases.wait = lognormal(2e7 * (1 + record.route.value % 7), 0.5) * (random() % 100 == 0 ? 20 : 1);
      record.phases.client_read = lognormal(1.2e4, 0.25);
      record.phases.weir = lognormal(2.5e4, 0.25);
      if (random() % 4 == 0) record.phases.receive = lognormal(4e4, 0.5);
      if (random() % 200 == 0) record.phases.connect = lognormal(2e5, 0.3);
      record.duration_ns = static_cast<std::int64_t>(record.phases.send + record.phases.wait + record.phases.receive +
                                                     record.phases.client_read + record.phases.weir);
    }
  }

  /// `rate` exchanges a second from `from` to `to`, folded once in `step`.
  void run(Ledger& ledger, Nanos from, Nanos to, Nanos step, std::size_t rate) {
    for (Nanos now = from; now < to; now += step) {
      batch_.clear();
      const std::size_t count = rate * static_cast<std::size_t>(step / 1s);
      for (std::size_t i = 0; i < count; ++i) {
        if (batch_.records().size() == Batch::kMaxRecords) {
          ledger.fold(batch_, 0, at(now));
          batch_.clear();
        }
        batch_.add(next(now));
      }
      ledger.fold(batch_, 0, at(now));
    }
  }

  const Record& next(Nanos ended) {
    // A stride prime to the pool's size: a day does not repeat the pool in step with its slices.
    Record& record = pool_[at_ = (at_ + 40'503) % pool_.size()];
    record.ended_ns = at(ended).clock.time_since_epoch().count();
    return record;
  }

 private:
  Batch batch_;
  std::size_t at_ = 0;
  std::vector<Record> pool_ = std::vector<Record>(1 << 18);
};

void measure_sketch() {
  std::mt19937_64 random(1);
  std::vector<std::int64_t> values(1 << 16);
  for (auto& value : values) value = static_cast<std::int64_t>(std::lognormal_distribution(std::log(2e7), 0.5)(random));
  Sketch sketch;
  for (const auto value : values) sketch.add(value);
  const Stopwatch watch;
  for (int round = 0; round < 100; ++round) {
    for (const auto value : values) sketch.add(value);
  }
  std::printf("sketch: %.2f ns an insert\n", watch.micros() * 1000 / (100.0 * static_cast<double>(values.size())));
}

void measure_views(Ledger& ledger) {
  for (std::size_t i = 0; i < count_of<Window>(); ++i) {
    for (const bool with_phases : {true, false}) {
      const ViewRequest request{.window = static_cast<Window>(i), .with_phases = with_phases};
      std::vector<double> micros;
      std::size_t series = 0;
      for (int round = 0; round < 15; ++round) {
        const Stopwatch watch;
        series = ledger.view(request, at(kDay))->series.size();
        micros.push_back(watch.micros());
      }
      std::nth_element(micros.begin(), micros.begin() + 7, micros.end());
      std::printf("  view %3s%s: %.2f ms, %zu series\n", label(request.window).data(),
                  with_phases ? "" : " without phases", micros[7] / 1000, series);
    }
  }
}

void measure_courses(Ledger& ledger) {
  for (std::size_t i = 0; i < count_of<Window>(); ++i) {
    const auto window = static_cast<Window>(i);
    std::vector<double> micros;
    for (int round = 0; round < 5; ++round) {
      const Stopwatch watch;
      ledger.course({window, {}}, at(kDay));
      micros.push_back(watch.micros());
    }
    std::nth_element(micros.begin(), micros.begin() + 2, micros.end());
    std::printf("  course %3s: %.2f ms\n", label(window).data(), micros[2] / 1000);
  }
}

void measure_fold(Ledger& ledger, Traffic& traffic) {
  double fold = 0;
  double step = 0;
  constexpr int kRounds = 24;
  for (int round = 0; round < kRounds; ++round) {
    const Nanos now = kDay + round * 5s;
    const Stopwatch stepping;
    ledger.advance(at(now).clock);
    step += stepping.micros();
    Batch batch;
    for (int i = 0; i < 4000; ++i) batch.add(traffic.next(now));
    const Stopwatch folding;
    ledger.fold(batch, 0, at(now));
    fold += folding.micros();
  }
  std::printf("  fold: %.0f ns a record; closing the slices of five seconds: %.2f ms\n", fold * 1000 / (4000.0 * kRounds),
              step / 1000 / kRounds);
}

void measure_day(const char* name, std::size_t routes, bool is_even, std::size_t rate) {
  Traffic traffic(routes, is_even);
  const std::size_t before = resident_bytes();
  Ledger ledger({}, at(0s));
  // What is kept of all but the last hour is the same whether a minute's records come at once or slice by slice.
  traffic.run(ledger, 0s, kDay - 70min, 1min, rate);
  traffic.run(ledger, kDay - 70min, kDay, 5s, rate);
  std::printf("%s: %zu routes, %zu requests a second, one day\n", name, routes, rate);
  std::printf("  memory: %.1f MB (%.1f KB a route), resident %.1f MB\n", static_cast<double>(ledger.bytes()) / 1e6,
              static_cast<double>(ledger.bytes()) / 1e3 / static_cast<double>(routes),
              static_cast<double>(resident_bytes() - before) / 1e6);
  measure_views(ledger);
  measure_courses(ledger);
  measure_fold(ledger, traffic);
}

}  // namespace

int main() {
  measure_sketch();
  measure_day("as traffic is, few routes take most", 200, false, 200);
  measure_day("every route alike", 200, true, 20);
  measure_day("as traffic is, many routes", 1000, false, 200);
}
