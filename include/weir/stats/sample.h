#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weir/base/clock.h>
#include <weir/base/names.h>
#include <weir/stats/record.h>

namespace weir::stats {

/// Why an exchange is called slow.
enum class SlowReason : std::uint8_t {
  none,       ///< it is not
  threshold,  ///< at or above the threshold that holds for its route
  p99,        ///< below it, but far above what is usual for its route
};

/// One exchange kept in full, because it was slow, failed, or happened to be drawn. Texts are bounded by
/// Batch::kMaxText. The query string is not among them.
struct Sample {
  WallTime ended;
  /// When it counts, on the clock of `record.ended_ns`: its end, or the begin of the slice that took it in late.
  std::int64_t counted_ns = 0;
  std::uint64_t number = 0;  ///< tells those of one ledger apart, the later the higher
  SlowReason slow_reason = SlowReason::none;
  Nanos usual_p99{0};  ///< with SlowReason::p99: the p99 of its route that it was held against
  Record record;  ///< `record.detail` means nothing here
  std::string path;
  std::string client;
  std::string user;
  std::string tenant;
  std::string request_id;
  std::string trace_id;
  std::string method;  ///< the token, where `record.method` is `other`
  std::string server_timing;
  std::string cache_status;
  std::vector<std::pair<std::string, Nanos>> components;  ///< read from `server_timing`
};

using SamplePtr = std::shared_ptr<const Sample>;

struct Said;

/// Writes one down, all but why it is slow. `said` is what was read from the texts of `detail`.
Sample make_sample(const Record& record, const Detail& detail, const Said& said, WallTime ended);
/// Copies the texts of `detail` alone.
void write_texts(Sample& sample, const Detail& detail);

}  // namespace weir::stats

template <>
struct weir::Names<weir::stats::SlowReason> {
  static constexpr std::array<std::string_view, 3> labels = {"none", "threshold", "p99"};
};
