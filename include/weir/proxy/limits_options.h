#pragma once

#include <algorithm>
#include <cstdint>

#include <weir/base/settings.h>

namespace weir::proxy {

/// `limits`: what a client may send and how many may come. Beyond it: an answer with a reason, never a crash.
struct LimitsOptions {
  std::uint64_t header_size = 64 * 1024;  ///< bytes of a whole head, request or response; beyond it 431 (502)
  std::uint64_t uri_size = 16 * 1024;     ///< bytes of a request target; beyond it 414
  std::uint32_t header_count = 200;       ///< fields of a head or of trailers; beyond it 431 (502)
  std::uint64_t body_size = kUnlimited;   ///< bytes of a request body; beyond it 413
  std::uint32_t connections = 10000;      ///< client connections at once, over all workers; beyond it 503

  /// So many beyond `limit` connections are told why they are refused; a flood is not worth even that.
  static constexpr std::uint32_t refusals_beyond(std::uint32_t limit) {
    return std::min(limit / 16 + 64, std::max(limit, 8U));
  }

  void read(Settings& settings);
};

}  // namespace weir::proxy
