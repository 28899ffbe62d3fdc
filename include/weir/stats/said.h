#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/clock.h>
#include <weir/base/names.h>
#include <weir/stats/sketch.h>

namespace weir::stats {

/// What a cache says of one answer. `unknown`: it was not asked, or says nothing that we understand.
enum class CacheOutcome : std::uint8_t { hit, miss, unknown };

/// What one answer says of itself, read from the texts of its Detail: views into those, but for made-up names.
struct Said {
  struct Component {
    std::string_view name;
    Nanos duration;
  };
  struct Layer {
    std::string name;
    CacheOutcome outcome;
  };

  std::vector<Component> components;  ///< each name once
  std::vector<Layer> layers;

  bool is_empty() const { return components.empty() && layers.empty(); }
  void clear() {
    components.clear();
    layers.clear();
  }
};

/// The answers of one cache layer. Also how those of a closed slice are kept: there is nothing to pack.
struct CacheCounts {
  using Packed = CacheCounts;

  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t unknown = 0;

  void add(CacheOutcome outcome);
  void merge(const CacheCounts& other);
  void add_to(CacheCounts& sum) const { sum.merge(*this); }
  void remove_from(CacheCounts& sum) const;
  /// Percent of hits and misses; meaningless where there was neither.
  double hit_rate() const { return 100.0 * static_cast<double>(hits) / static_cast<double>(hits + misses); }
  bool has_rate() const { return hits + misses != 0; }
  std::size_t bytes() const { return 0; }
  std::size_t heap_bytes() const { return 0; }

  friend bool operator==(const CacheCounts&, const CacheCounts&) = default;
};

/// What answers said of themselves, summed up over the window of a View. Both lists are in the order of the names.
struct SaidFigures {
  struct Component {
    std::string name;
    Sketch duration;  ///< over the answers that named it: its count is their number
  };
  struct Layer {
    std::string name;
    CacheCounts counts;
  };

  std::vector<Component> components;
  std::vector<Layer> layers;

  void merge(const SaidFigures& other);
  /// Takes out what was merged in before.
  void remove(const SaidFigures& part);
  /// Null where nobody named it.
  const Sketch* component(std::string_view name) const;
  const CacheCounts* layer(std::string_view name) const;
};

/// Distinct names that are kept apart in one process; what comes after them goes under kOtherName, as do names that
/// are longer.
inline constexpr std::size_t kMaxComponents = 64;
inline constexpr std::size_t kMaxCacheLayers = 32;
inline constexpr std::size_t kMaxSaidName = 64;
inline constexpr std::string_view kOtherName = "(other)";

}  // namespace weir::stats

template <>
struct weir::Names<weir::stats::CacheOutcome> {
  static constexpr std::array<std::string_view, 3> labels = {"hit", "miss", "unknown"};
};
