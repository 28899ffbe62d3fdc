// HOT PATH: no allocation once warm, no lock, no system call, no log.
// What an answer says of itself is copied into its record; the control thread reads it.
#include <algorithm>
#include <charconv>

#include <weir/base/bytes.h>

#include "exchange.h"

namespace weir::proto::http1 {
namespace {

/// Of each kind and answer; an entry that crosses it is left out as a whole, and so is what follows.
constexpr std::size_t kMaxSaid = 1024;

/// Appends to what stands behind `start`. Lines become one, as RFC 9110 section 5.3 has it.
void append_said(HeadBuffer& out, std::size_t start, std::string_view value) {
  if (value.empty()) return;
  const std::size_t separator = out.size() == start ? 0 : 2;
  const std::size_t room = kMaxSaid - std::min(kMaxSaid, out.size() - start + separator);
  if (value.size() > room) {
    // A number that is cut in two would be another number.
    const std::size_t last_whole = value.substr(0, room).rfind(',');
    if (last_whole == std::string_view::npos) return;
    value = value.substr(0, last_whole);
  }
  if (separator != 0) out.append(", ");
  out.append(value);
}

/// Appends `12.345`: milliseconds, to the microsecond.
char* append_milliseconds(char* at, char* end, Nanos time) {
  const auto micros = std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(time).count());
  at = std::to_chars(at, end, micros / 1000).ptr;
  *at++ = '.';
  for (std::int64_t digit = 100; digit > 0; digit /= 10) *at++ = static_cast<char>('0' + micros / digit % 10);
  return at;
}

char* append(char* at, std::string_view text) { return std::copy(text.begin(), text.end(), at); }

}  // namespace

void Exchange::note_said(const http::ResponseHead& head) {
  const Shape& shape = http_.shape();
  std::uint8_t first_cache = 0;
  for (const http::Field& field : head.fields) {
    const std::uint8_t says = shape.says[static_cast<std::uint8_t>(field.id)];
    if (says == 0) continue;
    if (says == Shape::kSaysTiming) {
      append_said(said_timing_, 0, field.value());
    } else if (first_cache == 0 || says < first_cache) {
      first_cache = says;
    }
  }
  texts.server_timing = said_timing_.view();
  if (first_cache == 0) return;
  said_cache_.append(shape.plan->measure.cache_headers[first_cache - 1U]);
  said_cache_.append(": ");
  const std::size_t start = said_cache_.size();
  for (const http::Field& field : head.fields) {
    if (shape.says[static_cast<std::uint8_t>(field.id)] == first_cache) append_said(said_cache_, start, field.value());
  }
  if (said_cache_.size() > start) texts.cache_status = said_cache_.view();
}

/// Where the app knows its times only at the end, it says them there.
void Exchange::note_said_in_trailers(std::string_view trailers) {
  constexpr std::string_view kName = "server-timing:";
  if (http_.plan().measure.server_timing == stats::ServerTimingUse::off) return;
  while (!trailers.empty()) {
    const std::size_t end = std::min(trailers.find("\r\n"), trailers.size());
    const std::string_view line = trailers.substr(0, end);
    if (line.size() > kName.size() && equals_ignoring_case(line.substr(0, kName.size()), kName)) {
      append_said(said_timing_, 0, trim(line.substr(kName.size())));
    }
    trailers.remove_prefix(std::min(trailers.size(), end + 2));
  }
  texts.server_timing = said_timing_.view();
}

/// `weir;dur=0.084, upstream;dur=12.345`: what weir has added so far, and how long the app took to begin its answer.
std::string_view Exchange::own_timing(TimePoint now) {
  if (at.first_byte_sent == TimePoint() || at.response_first == TimePoint()) return {};
  const Nanos waited = at.connection_ready > at.upstream_asked ? at.connection_ready - at.upstream_asked : Nanos(0);
  const Nanos before = at.first_byte_sent - at.head_complete - waited;
  char* const begin = own_timing_.data();
  char* const end = begin + own_timing_.size();
  char* place = append(begin, "weir;dur=");
  place = append_milliseconds(place, end, std::max(before, Nanos(0)) + (now - at.response_first));
  place = append(place, ", upstream;dur=");
  place = append_milliseconds(place, end, at.response_first - at.first_byte_sent);
  return {begin, static_cast<std::size_t>(place - begin)};
}

}  // namespace weir::proto::http1
