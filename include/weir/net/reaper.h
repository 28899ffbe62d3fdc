#pragma once

#include <memory>
#include <vector>

struct uv_prepare_s;
struct uv_check_s;
struct uv_loop_s;

namespace weir::net {

/// Something that takes part in callbacks of its own and therefore must not be destroyed inside one.
class Reapable {
 public:
  virtual ~Reapable() = default;
};

/// Destroys what was handed to it once the turn's callbacks are done: nobody deletes itself.
class Reaper {
 public:
  explicit Reaper(uv_loop_s* loop);
  ~Reaper();
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  void take(std::unique_ptr<Reapable> object) { doomed_.push_back(std::move(object)); }
  /// Destroys what is waiting, and what that hands over in turn.
  void reap();

 private:
  std::vector<std::unique_ptr<Reapable>> doomed_;
  uv_prepare_s* before_wait_;
  uv_check_s* after_wait_;
};

}  // namespace weir::net
