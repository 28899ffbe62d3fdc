#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weir/base/clock.h>
#include <weir/stats/record.h>

namespace weir::stats {

/// One exchange kept in full, because it was slow, failed, or happened to be drawn. Texts are bounded by
/// Batch::kMaxText. The query string is not among them.
struct Sample {
  WallTime ended;
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

}  // namespace weir::stats
