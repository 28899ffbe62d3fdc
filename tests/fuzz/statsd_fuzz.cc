// Whatever comes as StatsD: a line that is taken means something that the ledger can count, and no line crashes.
#include <cmath>

#include <weir/base/printable.h>
#include <weir/proto/statsd/line.h>
#include <weir/stats/event_ledger.h>

#include "target.h"

using namespace weir;
using stats::Event;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const stats::Moment now{TimePoint(Nanos(1'000'000'000)), WallTime(Nanos(1'000'000'000))};
  static stats::EventLedger ledger(now);
  static proto::statsd::Line line;
  std::string_view rest = fuzz::text_of(data, size);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view text = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (!is_taken(proto::statsd::parse_line(text, line))) continue;
    Event& event = line.event;
    WEIR_CHECK(!event.name.empty() && event.name.size() <= Event::kLongestName && is_printable(event.name),
               "an odd name");
    WEIR_CHECK(event.sample_rate >= Event::kLowestRate && event.sample_rate <= 1, "an odd sample rate");
    WEIR_CHECK(event.tags.size() <= stats::kMostTags, "too many tags");
    WEIR_CHECK(!line.amounts.empty() && line.amounts.size() <= text.size(), "amounts out of nothing");
    for (const auto& amount : line.amounts) {
      WEIR_CHECK(std::abs(amount.value) <= Event::kLargest, "an amount beyond bounds");
      event.amount = amount.value;
      event.is_delta = amount.is_delta;
      ledger.add(event, now.clock, now);
    }
  }
  return 0;
}
