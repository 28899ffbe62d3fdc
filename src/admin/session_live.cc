// Answers without an end: server-sent events.
#include <array>

#include <fmt/format.h>

#include "session.h"

namespace weir::admin {

namespace {

/// How long a client may be silent on the wire before the kernel asks whether it still lives.
constexpr Nanos kProbeAfter = 60s;

}  // namespace

void Session::begin_live(const Answer& answer) {
  closes_ = true;
  if (stream_.write(head_of(answer)) == net::Write::failed) return close();
  stream_.probe_peer(kProbeAfter);
  stream_.start_reading();
  live_ = answer.live;
  in_ = {};
  at_ = 0;
  wait_for(stream_.queued() == 0 ? Wait::live : Wait::stalled);
  live_->on_open(*this);
}

bool Session::write(std::string_view piece) {
  if (!is_live() || piece.empty()) return is_live();
  const std::string frame = is_http10_ ? std::string() : fmt::format("{:x}\r\n", piece.size());
  const std::string_view end = is_http10_ ? "" : "\r\n";
  const std::array<iovec, 3> parts = {iovec{const_cast<char*>(frame.data()), frame.size()},
                                      iovec{const_cast<char*>(piece.data()), piece.size()},
                                      iovec{const_cast<char*>(end.data()), end.size()}};
  switch (stream_.write(parts)) {
    case net::Write::done: return true;
    case net::Write::queued: wait_for(Wait::stalled); return false;
    case net::Write::failed: close(); return false;
  }
  return false;
}

void Session::end_live() {
  if (!is_live()) return;
  if (!is_http10_) stream_.write("0\r\n\r\n");
  close();
}

}  // namespace weir::admin
