#pragma once

#include <functional>
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

/// A member of whoever posts calls: those that are still to be made when it ends are not made.
class OwnerToken {
 public:
  OwnerToken() = default;
  OwnerToken(const OwnerToken&) = delete;
  OwnerToken& operator=(const OwnerToken&) = delete;

 private:
  friend class Reaper;
  std::shared_ptr<const char> life_ = std::make_shared<const char>();
};

/// Does what has to wait until the turn's callbacks are done; above all it destroys what was handed to it, because
/// nobody deletes itself.
class Reaper {
 public:
  explicit Reaper(uv_loop_s* loop);
  ~Reaper();
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  void take(std::unique_ptr<Reapable> object) { doomed_.push_back(std::move(object)); }
  /// Calls back once the turn's callbacks are done: for what must not happen inside the call that asks for it.
  /// The caller sees to it that what the call uses is still there.
  void later(std::function<void()> call) { calls_.push_back(std::move(call)); }
  /// The same, for as long as the token's owner lives.
  void later(const OwnerToken& owner, std::function<void()> call);
  /// Makes the calls and destroys the objects that are waiting, and what those hand over in turn.
  void reap();

 private:
  std::vector<std::unique_ptr<Reapable>> doomed_;
  std::vector<std::function<void()>> calls_;
  uv_prepare_s* before_wait_;
  uv_check_s* after_wait_;
};

}  // namespace weir::net
