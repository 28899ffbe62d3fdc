#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include <weir/base/names.h>

namespace weir::proxy {

/// What happens to client connections, above all what never becomes an exchange and is therefore in no record.
enum class Event : std::uint8_t {
  accepted,
  refused,               ///< beyond `limits.connections`: told so with 503
  shed,                  ///< far beyond it: closed without a word
  closed_idle,           ///< no request came in time
  proxy_header_refused,  ///< no or a wrong PROXY header where the listener asks for one, or too late
  tls_refused,           ///< the TLS handshake failed, or took too long
  retry_denied,          ///< of a request: the retry budget was spent
  accept_paused,         ///< of a listener: connections had to wait in the kernel's queue, for want of descriptors
  exhausted,             ///< of a request: no descriptor, memory or port was left for a connection to the app
};

/// How often each has happened since the start, over all workers. Threads: any; relaxed, each count stands on its own.
class EventCounts {
 public:
  void count(Event event) { counts_[static_cast<std::size_t>(event)].fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t of(Event event) const { return counts_[static_cast<std::size_t>(event)].load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<std::uint64_t>, 9> counts_{};
};

}  // namespace weir::proxy

template <>
struct weir::Names<weir::proxy::Event> {
  static constexpr std::array<std::string_view, 9> labels = {
      "accepted", "refused", "shed", "closed_idle", "proxy_header_refused", "tls_refused", "retry_denied",
      "accept_paused", "exhausted"};
};
