#include <weir/export/status_set.h>

#include <weir/base/bytes.h>

namespace weir::exporter {

std::optional<StatusSet> StatusSet::parse(std::string_view text) {
  StatusSet set;
  bool is_good = true;
  split(text, ',', [&](std::string_view part) {
    part = trim(part);
    const bool has_class = part.size() == 3 && part[0] >= '1' && part[0] <= '5';
    const auto code = parse_decimal(part);
    if (part == "none") {
      set.statuses_.set(0);
    } else if (part == "faults") {
      set.has_faults_ = true;
    } else if (has_class && code) {
      set.statuses_.set(*code);
    } else if (has_class && ascii_lower(part[1]) == 'x' && ascii_lower(part[2]) == 'x') {
      const std::size_t first = static_cast<std::size_t>(part[0] - '0') * 100;
      for (std::size_t i = 0; i < 100; ++i) set.statuses_.set(first + i);
    } else {
      is_good = false;
    }
  });
  return is_good ? std::optional(set) : std::nullopt;
}

}  // namespace weir::exporter
