#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::exporter {

/// Statuses to let through: `5xx`, `404`, `none` for requests without a response, or several of them with commas between.
class StatusSet {
 public:
  /// How it is written, for messages.
  static constexpr std::string_view kForms = "a class or a code, such as 5xx, 404, none or 429,5xx";

  /// Nothing where `text` cannot be read so.
  static std::optional<StatusSet> parse(std::string_view text);

  bool holds(std::uint16_t status) const { return status < statuses_.size() && statuses_.test(status); }

 private:
  std::bitset<600> statuses_;
};

}  // namespace weir::exporter
