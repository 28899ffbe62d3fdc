#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace weir {

/// A small dense index with a type of its own, so that a route is never taken for a server.
template <class Tag>
struct Id {
  std::uint32_t value = 0;

  constexpr Id() = default;
  constexpr explicit Id(std::uint32_t v) : value(v) {}
  constexpr std::size_t index() const { return value; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

/// A route as interned by the route book: dense from 0, capped by `max_routes`, never reused in a process's life.
using RouteId = Id<struct RouteTag>;
/// One server of one upstream, dense over the whole configuration.
using ServerId = Id<struct ServerTag>;
/// One upstream of the configuration, in the order of the file.
using UpstreamId = Id<struct UpstreamTag>;

/// The route of requests that fit no known pattern; the control thread may still find one for them.
inline constexpr RouteId kUnmatchedRoute{0};
/// No server was chosen (weir answered itself).
inline constexpr ServerId kNoServer{0xFFFFFFFF};

}  // namespace weir

template <class Tag>
struct std::hash<weir::Id<Tag>> {
  std::size_t operator()(weir::Id<Tag> id) const noexcept { return std::hash<std::uint32_t>{}(id.value); }
};
