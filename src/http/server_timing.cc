#include <weir/http/server_timing.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <weir/base/bytes.h>
#include <weir/http/member_reader.h>

namespace weir::http {
namespace {

constexpr double kMaxMilliseconds = 24.0 * 3600 * 1000;

std::optional<Nanos> duration_of(std::string_view text) {
  text = trim(text);
  // HTML, rules for parsing floating-point number values: a plus sign is passed over.
  if (text.starts_with('+')) text.remove_prefix(1);
  double milliseconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  if (error != std::errc() || !(milliseconds >= 0 && milliseconds <= kMaxMilliseconds)) return std::nullopt;
  return Nanos(std::llround(milliseconds * 1e6));
}

}  // namespace

void read_server_timing(std::string_view value, std::vector<ServerTiming>& timings) {
  MemberReader reader(value);
  for (std::size_t read = 0; read < kMaxServerTimings && reader.next_member(); ++read) {
    std::optional<Nanos> duration;
    bool has_duration = false;
    while (reader.next_parameter()) {
      if (has_duration || !equals_ignoring_case(reader.parameter(), "dur")) continue;
      has_duration = true;
      duration = duration_of(reader.value());
    }
    if (!duration) continue;
    const auto same = std::find_if(timings.begin(), timings.end(),
                                   [&](const ServerTiming& timing) { return timing.name == reader.name(); });
    if (same != timings.end()) {
      same->duration += *duration;
    } else {
      timings.push_back({reader.name(), *duration});
    }
  }
}

}  // namespace weir::http
