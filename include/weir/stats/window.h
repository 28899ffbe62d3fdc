#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <weir/base/clock.h>
#include <weir/base/names.h>

namespace weir::stats {

/// One instant on both clocks: the monotonic one decides, the wall one is what people read.
struct Moment {
  TimePoint clock;
  WallTime wall;
};

/// The spans that every figure is kept for; `all` is since the start or the last reset.
enum class Window : std::uint8_t { minute, five_minutes, hour, day, all };

/// Each window is a row of closed slices and the open ones, so that it slides in steps of one slice: it holds every
/// record younger than its span and none older than span plus step.
struct WindowShape {
  Nanos span;
  Nanos step;
};

constexpr WindowShape shape_of(Window window) {
  switch (window) {
    case Window::minute: return {1min, 5s};
    case Window::five_minutes: return {5min, 5s};
    case Window::hour: return {1h, 1min};
    case Window::day: return {24h, 15min};
    case Window::all: return {Nanos::max(), Nanos(0)};
  }
  return {};
}

}  // namespace weir::stats

template <>
struct weir::Names<weir::stats::Window> {
  static constexpr std::array<std::string_view, 5> labels = {"1m", "5m", "1h", "1d", "all"};
};
