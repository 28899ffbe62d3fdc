#include <weir/proto/statsd/receiver.h>

#include <utility>

namespace weir::proto::statsd {

Receiver::Receiver(net::Loop& loop, net::DatagramSocket socket, OnEvent on_event)
    : on_event_(std::move(on_event)),
      datagrams_(loop, std::move(socket), [this](std::string_view datagram) { read(datagram); }) {}

void Receiver::read(std::string_view datagram) {
  ++received_;
  while (!datagram.empty()) {
    const std::size_t end = datagram.find('\n');
    std::string_view line = datagram.substr(0, end);
    datagram = end == std::string_view::npos ? std::string_view() : datagram.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) read_line(line);
  }
}

void Receiver::read_line(std::string_view text) {
  const Outcome outcome = parse_line(text, line_);
  ++lines_[static_cast<std::size_t>(outcome)];
  if (is_taken(outcome)) {
    for (const Line::Amount& amount : line_.amounts) {
      line_.event.amount = amount.value;
      line_.event.is_delta = amount.is_delta;
      on_event_(line_.event);
    }
  }
  if (is_malformed(outcome) || is_simplified(outcome)) {
    bad_lines_.push_front({WallClock::now(), outcome, std::string(text.substr(0, kLongestShown))});
    if (bad_lines_.size() > kBadLinesKept) bad_lines_.pop_back();
  }
}

}  // namespace weir::proto::statsd
