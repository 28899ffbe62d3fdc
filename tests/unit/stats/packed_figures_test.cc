#include <weir/stats/packed_figures.h>

#include <random>

#include <doctest/doctest.h>

#include "feeding.h"

using namespace weir;
using namespace weir::stats;
using namespace weir::stats::test;

namespace {

Figures figures_of(std::size_t count, std::uint32_t seed) {
  std::mt19937_64 random(seed);
  Figures figures;
  for (std::size_t i = 0; i < count; ++i) figures.add(random_record(random, 1s));
  return figures;
}

}  // namespace

TEST_CASE("PackedFigures: what is packed comes back the same, whatever its size") {
  for (std::size_t count = 1; count < 20'000; count = count * 3 / 2 + 1) {
    CAPTURE(count);
    const Figures figures = figures_of(count, static_cast<std::uint32_t>(count));
    const PackedFigures packed(figures);
    Figures back;
    packed.add_to(back);
    CHECK(same_figures(back, figures));
    CHECK(packed.summary().requests == count);
    CHECK(packed.summary().min == figures.duration.min());
    CHECK(packed.summary().max == figures.duration.max());
  }
}

TEST_CASE("PackedFigures: extremes of a phase come back as the edges of its buckets") {
  const Figures figures = figures_of(500, 1);
  Figures back;
  PackedFigures(figures).add_to(back);
  const Sketch& truth = figures.phase(Phase::wait);
  const Sketch& packed = back.phase(Phase::wait);
  CHECK(packed.min() <= truth.min());
  CHECK(packed.max() >= truth.max());
  CHECK(static_cast<double>(packed.min().count()) >= static_cast<double>(truth.min().count()) * 0.989);
  CHECK(static_cast<double>(packed.max().count()) <= static_cast<double>(truth.max().count()) * 1.011);
}

TEST_CASE("PackedFigures: adding and removing are exact opposites") {
  const Figures a = figures_of(700, 1);
  const Figures b = figures_of(90, 2);
  Figures sum = a;
  PackedFigures(b).add_to(sum);
  Figures expected = a;
  expected.merge(b);
  CHECK(same_figures(sum, expected));
  PackedFigures(b).remove_from(sum);
  sum.duration.set_extremes(a.duration.min(), a.duration.max());
  CHECK(same_figures(sum, a));
}

TEST_CASE("PackedFigures: extreme counts survive") {
  Figures figures;
  Record record = record_at(1s);
  record.duration_ns = INT64_MAX;
  figures.add(record);
  record.duration_ns = 0;
  figures.add(record);
  record.duration_ns = 1;
  for (int i = 0; i < 100'000; ++i) figures.add(record);
  for (int i = 0; i < 24; ++i) {
    const Figures copy = figures;
    figures.merge(copy);
  }
  Figures back;
  PackedFigures(figures).add_to(back);
  CHECK(same_figures(back, figures));
  CHECK(figures.counts.requests == std::uint64_t{100'002} << 24);
}

TEST_CASE("PackedFigures: a slice stays small") {
  for (const std::size_t count : {1u, 6u, 70u, 1'000u, 30'000u}) {
    const Figures figures = figures_of(count, 5);
    MESSAGE(count << " requests, all phases in use: " << PackedFigures(figures).bytes() << " bytes packed, "
                  << figures.heap_bytes() + sizeof(Figures) << " open");
  }
  CHECK(PackedFigures(figures_of(1'000, 5)).bytes() < 1'400);
}
