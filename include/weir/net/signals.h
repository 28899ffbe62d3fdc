#pragma once

#include <functional>
#include <vector>

#include <weir/net/loop.h>

namespace weir::net {

struct SignalHandle;

/// Calls back on the loop when the process gets one of the signals.
class Signals {
 public:
  using OnSignal = std::function<void(int signal)>;

  Signals(Loop& loop, std::vector<int> signals, OnSignal on_signal);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  friend struct SignalHandle;

  OnSignal on_signal_;
  std::vector<SignalHandle*> handles_;
};

}  // namespace weir::net
