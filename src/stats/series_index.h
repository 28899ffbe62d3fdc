#pragma once

#include <cstdint>
#include <vector>

#include <weir/base/ids.h>
#include <weir/base/method.h>

namespace weir::stats {

/// Where the series of a route and method stands in its owner's list: one look-up in a dense table, 76 bytes a route.
class SeriesIndex {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  /// The place, to be written by the caller if it is still kNone. Valid until the next call.
  std::uint32_t& place(RouteId route, Method method) {
    const std::size_t at = route.index() * count_of<Method>() + static_cast<std::size_t>(method);
    if (at >= places_.size()) [[unlikely]] places_.resize((route.index() + 1) * count_of<Method>(), kNone);
    return places_[at];
  }
  /// The same to read: kNone where it was never asked for.
  std::uint32_t find(RouteId route, Method method) const {
    const std::size_t at = route.index() * count_of<Method>() + static_cast<std::size_t>(method);
    return at < places_.size() ? places_[at] : kNone;
  }
  std::size_t bytes() const { return places_.capacity() * sizeof(std::uint32_t); }

 private:
  std::vector<std::uint32_t> places_;
};

}  // namespace weir::stats
