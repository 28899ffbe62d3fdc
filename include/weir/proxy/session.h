#pragma once

#include <memory>

#include <weir/net/reaper.h>
#include <weir/net/stream.h>

namespace weir::proxy {

class Worker;

/// One client connection under one protocol. Owned by its Worker, which it tells when it is over.
class Session : public net::Reapable {
 public:
  /// Ends the connection in order if nothing is under way; what is goes on to its end, and then it closes. `all`: also
  /// where nothing was asked yet, which may be because it is on its way.
  virtual void begin_drain(bool all) = 0;
  /// Closes at once; what is under way counts as cut short by weir.
  virtual void abort() = 0;

 private:
  friend class Worker;
  std::size_t index_ = 0;
  std::size_t listener_ = 0;
};

/// What a protocol offers to a worker: sessions for new connections. One object a worker.
class Protocol {
 public:
  virtual ~Protocol() = default;
  /// `listener` is the index in the Plan. `is_over_limit`: the connection is one too many and gets a refusal.
  virtual std::unique_ptr<Session> open(std::size_t listener, net::Accepted accepted, bool is_over_limit) = 0;
  /// The worker has a new plan. Sessions stay; from the next exchange on they go by it.
  virtual void plan_changed() = 0;
};

}  // namespace weir::proxy
