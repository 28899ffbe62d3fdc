#include "event_reader.h"

#include <utility>

namespace weir::verbs {

bool EventReader::feed(std::string_view piece) {
  for (const char c : piece) {
    const bool belongs_to_return = std::exchange(was_return_, c == '\r') && c == '\n';
    if (belongs_to_return) continue;
    if (c == '\r' || c == '\n') {
      take_line();
    } else if (line_.size() < kLongestLine) {
      line_ += c;
    } else {
      return false;
    }
  }
  return true;
}

void EventReader::take_line() {
  const std::string line = std::exchange(line_, {});
  if (line.empty()) {
    const std::string event = std::exchange(event_, {});
    const std::string data = std::exchange(data_, {});
    if (std::exchange(has_data_, false)) on_event_(event.empty() ? std::string_view("message") : event, data);
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = std::string_view(line).substr(0, colon);
  std::string_view value;
  if (colon != std::string::npos) value = std::string_view(line).substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") event_ = value;
  if (field != "data") return;
  if (has_data_) data_ += '\n';
  data_ += value;
  has_data_ = true;
}

}  // namespace weir::verbs
