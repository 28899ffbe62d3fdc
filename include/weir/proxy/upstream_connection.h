#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <weir/base/clock.h>
#include <weir/base/fault.h>
#include <weir/base/ids.h>
#include <weir/net/deadlines.h>
#include <weir/net/reaper.h>
#include <weir/net/stream.h>

namespace weir::proxy {

class Attempt;
class UpstreamPool;
struct UpstreamServer;

/// One connection to one server of an upstream. Owned by an attempt while it connects, by the pool while it idles, and by
/// an exchange while that uses it, which then is the owner of its stream's events too.
class UpstreamConnection final : public net::Reapable, private net::StreamOwner, private net::Deadline {
 public:
  UpstreamConnection(UpstreamPool& pool, UpstreamServer& server);
  ~UpstreamConnection() override;

  net::Stream& stream() { return stream_; }
  ServerId server() const;
  /// It has carried an exchange before, so the server may be about to close it.
  bool is_reused() const { return exchanges_ > 0; }
  /// It has carried one more exchange without going back to its pool.
  void note_exchange() { ++exchanges_; }
  /// When a place was found for it; for one that was handed on, when that was.
  TimePoint connect_begun() const { return begun_; }

 private:
  friend class Attempt;
  friend class UpstreamPool;

  void on_data(net::Stream& stream, std::span<char> data) override;
  void on_end(net::Stream& stream) override;
  void on_failed(net::Stream& stream, int error) override;
  void on_drained(net::Stream& stream) override;
  void on_connected(net::Stream& stream, int error) override;
  void on_deadline() override;
  void on_ended();

  UpstreamPool& pool_;
  UpstreamServer& server_;
  net::Stream stream_;
  TimePoint begun_;
  Attempt* attempt_ = nullptr;  ///< while it connects
  std::uint32_t address_ = 0;   ///< of ServerAddresses
  std::uint32_t exchanges_ = 0;
  bool is_stillborn_ = false;        ///< the system refused even to begin connecting
};

/// Who asks a pool for a connection. Gets exactly one of `on_connection` and `on_no_connection`, later, unless it
/// withdraws before. It may end while it waits, and outlive the pool, of which it hears nothing more then.
class ConnectionWaiter {
 public:
  ConnectionWaiter(const ConnectionWaiter&) = delete;
  ConnectionWaiter& operator=(const ConnectionWaiter&) = delete;

  /// A place among the connections was found: from `at` on the server's time runs. Also from within `ask`.
  virtual void on_place(TimePoint) {}
  virtual void on_connection(std::unique_ptr<UpstreamConnection> connection) = 0;
  /// `overloaded`: no place came free in time, or weir has no descriptors and the like; `reason` is a sentence, and
  /// `server` is kNoServer where none was tried. `connect_timeout`: `reason` is a sentence. `connect_failed`: `reason`
  /// says what went wrong, in a few words. It is gone after the call.
  virtual void on_no_connection(Fault fault, ServerId server, std::string_view reason) = 0;

 protected:
  ConnectionWaiter() = default;
  virtual ~ConnectionWaiter();

  /// A pool has an attempt under way for it; so that pool is still there.
  bool is_waiting() const { return attempt_ != nullptr; }

 private:
  friend class Attempt;
  friend class UpstreamPool;
  Attempt* attempt_ = nullptr;  ///< null while it does not wait
};

}  // namespace weir::proxy
