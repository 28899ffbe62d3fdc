#include "tap_line.h"

#include <algorithm>

#include <fmt/format.h>

#include "quantities.h"
#include "view.h"
#include "views/samples_view.h"

namespace weir::verbs {

namespace {

// Lines come one at a time, so their columns are as wide as most of what stands in them.
constexpr std::size_t kTimeWidth = 12;
constexpr std::size_t kStatusWidth = 6;
constexpr std::size_t kDurationWidth = 8;
constexpr std::size_t kRequestWidth = 36;
constexpr std::size_t kWhereWidth = 34;

std::string left(std::string text, std::size_t width) {
  const std::size_t is = width_of(text);
  return text.append(width > is ? width - is : 0, ' ');
}

std::string right(const std::string& text, std::size_t width) {
  const std::size_t is = width_of(text);
  return std::string(width > is ? width - is : 0, ' ') + text;
}

/// `10:30:00.123`
std::string time_text(std::string_view rfc3339) {
  const bool has_milliseconds = rfc3339.size() == 24;
  return harmless(local_clock_text(rfc3339)).append(has_milliseconds ? harmless(rfc3339.substr(19, 4)) : "");
}

}  // namespace

Line tap_heading() {
  return {{fmt::format("{}  {}  {}  {}  {}  WHO", left(fmt::format("TIME ({})", time_zone()), kTimeWidth),
                       right("STATUS", kStatusWidth), right("DURATION", kDurationWidth), left("REQUEST", kRequestWidth),
                       left("WHERE THE TIME WENT", kWhereWidth)),
           Style::faint}};
}

Line tap_line(const Json& request) {
  const double status = request["status"].number_or(0);
  Line line;
  line.push_back({left(time_text(request["timestamp"].text()), kTimeWidth) + "  ", Style::faint});
  line.push_back(
      {right(status == 0 ? "-" : fmt::format("{:.0f}", status), kStatusWidth) + "  ", style_of_status(status)});
  line.push_back({right(duration_text(request["duration"].number()), kDurationWidth) + "  "});
  const std::string what = fmt::format("{} {}", request["method"].text(), request["path"].text());
  line.push_back({left(harmless(what), kRequestWidth) + "  ", Style::strong});
  line.push_back({left(where_time_went(request), kWhereWidth) + "  "});
  std::string who = harmless(request["client"].text());
  if (!request["user"].text().empty()) who += " " + harmless(request["user"].text());
  line.push_back({who, Style::faint});
  if (!request["fault"].text().empty()) line.push_back({"  " + harmless(request["fault"].text()), Style::bad});
  return line;
}

Line cut(const Line& line, std::size_t width) {
  Line out;
  std::size_t room = width;
  for (const Span& span : line) {
    if (room == 0) break;
    out.push_back({cut(span.text, room), span.style});
    room -= std::min(room, width_of(out.back().text));
  }
  return out;
}

}  // namespace weir::verbs
