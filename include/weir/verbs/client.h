#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weir/base/clock.h>
#include <weir/base/names.h>
#include <weir/verbs/admin_url.h>

namespace weir::verbs {

/// The weir that is asked, and how.
struct Server {
  AdminUrl url;
  std::string token;          ///< sent as a bearer token; empty: none
  std::string ca;             ///< PEM file of the authorities to trust with https; empty: the system's
  Nanos timeout = 10s;        ///< for a whole answer
};

enum class Colour : std::uint8_t { automatic, always, never };

/// Query parameters of a call, in clear.
using Parameters = std::vector<std::pair<std::string, std::string>>;

}  // namespace weir::verbs

template <>
struct weir::Names<weir::verbs::Colour> {
  static constexpr std::array<std::string_view, 3> labels = {"auto", "always", "never"};
};
