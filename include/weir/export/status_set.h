#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

#include <weir/stats/record.h>

namespace weir::exporter {

/// Requests to let through by how they ended: `5xx`, `404`, `none` for those without a response, `faults` for those that
/// were cut short whatever their status (a client that left is no fault), or several of them with commas between.
class StatusSet {
 public:
  /// How it is written, for messages.
  static constexpr std::string_view kForms = "a class, a code, none or faults, such as 5xx, 404 or 429,5xx,faults";

  /// Nothing where `text` cannot be read so.
  static std::optional<StatusSet> parse(std::string_view text);

  bool holds(const stats::Record& record) const {
    if (record.status < statuses_.size() && statuses_.test(record.status)) return true;
    return has_faults_ && record.fault != Fault::none && record.fault != Fault::client_aborted &&
           record.fault != Fault::client_stalled;
  }

 private:
  std::bitset<600> statuses_;
  bool has_faults_ = false;
};

}  // namespace weir::exporter
