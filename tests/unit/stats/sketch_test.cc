#include <weir/stats/sketch.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::stats;

namespace {

using Values = std::vector<std::int64_t>;

Sketch sketch_of(const Values& values) {
  Sketch sketch;
  for (const std::int64_t value : values) sketch.add(value);
  return sketch;
}

std::int64_t nearest_rank(const Values& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size()) * (1 - 1e-12)));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

constexpr std::array kQuantiles = {0.0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0};

/// The worst relative error of all quantiles; what rounding to whole nanoseconds adds is taken off.
double worst_error(Values values) {
  const Sketch sketch = sketch_of(values);
  std::sort(values.begin(), values.end());
  double worst = 0;
  for (const double q : kQuantiles) {
    const auto truth = static_cast<double>(nearest_rank(values, q));
    const double miss = std::abs(static_cast<double>(sketch.quantile(q).count()) - truth) - 0.5;
    worst = std::max(worst, miss / truth);
  }
  return worst;
}

Values draw(std::size_t count, std::uint32_t seed, const std::function<double(std::mt19937_64&)>& one_ns) {
  std::mt19937_64 random(seed);
  Values values(count);
  for (auto& value : values) {
    value = static_cast<std::int64_t>(std::clamp(one_ns(random), 1e3, 3.6e12));
  }
  return values;
}

struct Stream {
  std::string name;
  std::function<double(std::mt19937_64&)> one_ns;
};

std::vector<Stream> streams() {
  return {
      {"lognormal", [](auto& r) { return std::lognormal_distribution(std::log(20e6), 0.8)(r); }},
      {"narrow lognormal", [](auto& r) { return std::lognormal_distribution(std::log(3e6), 0.02)(r); }},
      {"bimodal",
       [](auto& r) {
         return std::bernoulli_distribution(0.9)(r) ? std::normal_distribution(2e6, 1e5)(r)
                                                    : std::normal_distribution(9e8, 5e7)(r);
       }},
      {"heavy tail", [](auto& r) { return 1e5 * std::pow(1 - std::uniform_real_distribution(0.0, 1.0)(r), -1 / 0.7); }},
      {"uniform in octaves", [](auto& r) { return std::exp2(std::uniform_real_distribution(10.0, 41.0)(r)); }},
      {"constant", [](auto&) { return 12'345'678.0; }},
      {"steps", [](auto& r) { return 1e6 * std::pow(10, std::uniform_int_distribution(0, 3)(r)); }},
  };
}

}  // namespace

TEST_CASE("Sketch: a boundary belongs to the bucket below it, the next nanosecond to the one above") {
  // Exact powers of two of a second are boundaries whose value is a whole number of nanoseconds.
  CHECK(bounds::index_of(1'000'000'000) == 0);
  CHECK(bounds::index_of(1'000'000'001) == 1);
  CHECK(bounds::index_of(500'000'000) == -64);
  CHECK(bounds::index_of(500'000'001) == -63);
  CHECK(bounds::index_of(2'000'000'000) == 64);
  CHECK(bounds::index_of(1'000'000'000ull << 33) == 64 * 33);
  CHECK(bounds::index_of((1'000'000'000ull << 33) + 1) == 64 * 33 + 1);
}

TEST_CASE("Sketch: the index agrees with the logarithm everywhere from 1 us to 1 h and beyond") {
  const auto reference = [](std::uint64_t ns) {
    return static_cast<int>(std::ceil(64 * (std::log2(static_cast<long double>(ns)) - std::log2(1e9L))));
  };
  std::mt19937_64 random(1);
  for (int i = 0; i < 1'000'000; ++i) {
    const std::uint64_t ns = random() >> (1 + random() % 54);
    if (ns == 0) continue;
    const int index = bounds::index_of(ns);
    const int expected = reference(ns);
    // Only where the logarithm itself cannot tell may they differ.
    if (index == expected) continue;
    const long double exact = 64 * (std::log2(static_cast<long double>(ns)) - std::log2(1e9L));
    CAPTURE(ns);
    REQUIRE(std::abs(exact - std::round(exact)) < 1e-12L);
  }
  int previous = bounds::index_of(1);
  for (std::uint64_t ns = 2; ns < 2'000'000; ++ns) {
    const int index = bounds::index_of(ns);
    REQUIRE(index >= previous);
    REQUIRE(index == reference(ns));
    previous = index;
  }
}

TEST_CASE("Sketch: quantiles keep to the stated bound on streams of every shape") {
  for (const Stream& stream : streams()) {
    double worst = 0;
    for (const std::size_t count : {1u, 2u, 10u, 1'000u, 50'000u}) {
      for (std::uint32_t seed = 0; seed < 3; ++seed) {
        worst = std::max(worst, worst_error(draw(count, seed, stream.one_ns)));
      }
    }
    MESSAGE(stream.name << ": worst relative error " << worst);
    CHECK(worst <= Sketch::kRelativeError);
  }
}

TEST_CASE("Sketch: the bound holds at both ends of every bucket from 1 us to 1 h") {
  double worst = 0;
  const auto check = [&](std::uint64_t value) {
    Sketch sketch;
    for (const std::uint64_t one : {std::uint64_t{1}, value, std::uint64_t{1} << 60}) {
      sketch.add(static_cast<std::int64_t>(one));
    }
    const double miss = std::abs(static_cast<double>(sketch.quantile(0.5).count()) - static_cast<double>(value)) - 0.5;
    worst = std::max(worst, miss / static_cast<double>(value));
  };
  std::uint64_t first = 1000;
  while (first < 3'600'000'000'000) {
    // The last value of the bucket of `first`, by halving; a bucket is never wider than 1.1 %.
    std::uint64_t last = first;
    for (std::uint64_t step = first / 64; step != 0; step /= 2) {
      while (bounds::index_of(last + step) == bounds::index_of(first)) last += step;
    }
    check(first);
    check(last);
    first = last + 1;
  }
  MESSAGE("worst relative error of any value from 1 us to 1 h: " << worst);
  CHECK(worst <= Sketch::kRelativeError);
  CHECK(worst > 0.99 * Sketch::kRelativeError);
}

TEST_CASE("Sketch: the rank is the nearest one in spite of floating point") {
  Sketch sketch;
  for (int i = 1; i <= 100; ++i) sketch.add(i * 1'000'000'000LL);
  // 0.07 * 100 is a little more than 7: the seventh is meant, not the eighth.
  CHECK(sketch.quantile(0.07).count() == doctest::Approx(7e9).epsilon(Sketch::kRelativeError));
  CHECK(sketch.quantile(0.0701).count() == doctest::Approx(8e9).epsilon(Sketch::kRelativeError));
}

TEST_CASE("Sketch: count, sum, min and max are exact") {
  const Values values = draw(10'000, 7, streams()[0].one_ns);
  const Sketch sketch = sketch_of(values);
  Uint128 sum = 0;
  for (const auto value : values) sum += static_cast<Uint128>(value);
  CHECK(sketch.count() == values.size());
  CHECK((sketch.sum_ns() == sum));
  CHECK(sketch.min().count() == *std::min_element(values.begin(), values.end()));
  CHECK(sketch.max().count() == *std::max_element(values.begin(), values.end()));
}

TEST_CASE("Sketch: an empty one has nothing to say, and says zero") {
  const Sketch sketch;
  CHECK(sketch.is_empty());
  CHECK(sketch.quantile(0.5) == Nanos(0));
  CHECK(sketch.min() == Nanos(0));
  CHECK(sketch.max() == Nanos(0));
  CHECK(sketch.mean_seconds() == 0);
}

TEST_CASE("Sketch: zero has a bucket of its own") {
  Sketch sketch;
  for (int i = 0; i < 9; ++i) sketch.add(0);
  sketch.add(5'000'000);
  CHECK(sketch.zero_count() == 9);
  CHECK(sketch.quantile(0.9) == Nanos(0));
  CHECK(sketch.quantile(0.91) == Nanos(5'000'000));
  CHECK(sketch.min() == Nanos(0));
}

TEST_CASE("Sketch: merging is exact and commutative") {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const auto all = streams();
    const Values a = draw(1 + seed * 97, seed, all[seed % all.size()].one_ns);
    const Values b = draw(2000 - seed * 97, seed + 100, all[(seed + 3) % all.size()].one_ns);
    Values both = a;
    both.insert(both.end(), b.begin(), b.end());
    Sketch ab = sketch_of(a);
    ab.merge(sketch_of(b));
    Sketch ba = sketch_of(b);
    ba.merge(sketch_of(a));
    CHECK(ab == ba);
    CHECK(ab == sketch_of(both));
  }
}

TEST_CASE("Sketch: what was merged in can be taken out again") {
  const Values a = draw(3000, 1, streams()[0].one_ns);
  const Values b = draw(500, 2, streams()[3].one_ns);
  Sketch sketch = sketch_of(a);
  sketch.merge(sketch_of(b));
  sketch.remove(sketch_of(b));
  const Sketch expected = sketch_of(a);
  sketch.set_extremes(expected.min(), expected.max());
  CHECK(sketch == expected);
  sketch.remove(expected);
  CHECK(sketch == Sketch());
  CHECK(sketch.heap_bytes() == 0);
}

TEST_CASE("Sketch: a bucket outgrows one, two and four bytes without losing a count") {
  Sketch sketch;
  for (int i = 0; i < 70'000; ++i) {
    sketch.add(1'000'000);
    if (i == 254 || i == 255 || i == 256 || i == 65'534 || i == 65'535 || i == 65'536) {
      CHECK(sketch.count_up_to(1ms) == static_cast<std::uint64_t>(i) + 1);
    }
  }
  Sketch doubled = sketch;
  std::uint64_t expected = 70'000;
  for (int i = 0; i < 20; ++i, expected *= 2) {
    const Sketch copy = doubled;
    doubled.merge(copy);
  }
  CHECK(expected > 0xFFFFFFFFull);
  CHECK(doubled.count() == expected);
  CHECK(doubled.count_up_to(1ms) == expected);
  doubled.add(1'000'000);
  CHECK(doubled.count_up_to(1ms) == expected + 1);
}

TEST_CASE("Sketch: joining buckets for a lower scale is exact") {
  const Sketch sketch = sketch_of(draw(5000, 3, streams()[4].one_ns));
  for (int scale = 0; scale <= Sketch::kScale; ++scale) {
    std::uint64_t total = 0;
    int previous = -100'000;
    sketch.for_each_bucket(
        [&](int index, std::uint64_t count) {
          CHECK(index > previous);
          previous = index;
          total += count;
          // All values up to the bound of a joined bucket are those up to the same bound at full scale.
          const auto limit = static_cast<std::int64_t>(std::floor(Sketch::upper_seconds(index, scale) * 1e9));
          CHECK(sketch.count_up_to(Nanos(limit)) == total);
        },
        scale);
    CHECK(total == sketch.count());
  }
}

TEST_CASE("Sketch: a quantile never lies outside what was seen") {
  Sketch sketch;
  sketch.add(1'000'001);
  sketch.add(1'000'002);
  for (const double q : kQuantiles) {
    CHECK(sketch.quantile(q).count() >= 1'000'001);
    CHECK(sketch.quantile(q).count() <= 1'000'002);
  }
}

TEST_CASE("Sketch: the longest duration there is has a bucket") {
  Sketch sketch;
  sketch.add(INT64_MAX);
  sketch.add(INT64_MAX);
  sketch.add(1);
  sketch.add(-5);
  CHECK(sketch.max().count() == INT64_MAX);
  CHECK((sketch.sum_ns() == static_cast<Uint128>(INT64_MAX) * 2 + 1));
  CHECK(sketch.count() == 4);
  CHECK(sketch.zero_count() == 1);
}
