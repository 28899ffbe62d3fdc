#pragma once

#include <cstdint>
#include <vector>

namespace weir::route {

/// How much an answer says about whether the app knows the path.
enum class Proof : std::uint8_t {
  none,  ///< 401, 403, 404, 405, 407, 421, 501, no answer: what a scanner gets for any path
  weak,  ///< 400, most of 3xx, other 5xx, 429 and the like: also what a server gives to any path now and then
  good,  ///< 2xx, 304, 101, refusals that have looked at the thing itself (402, 409, 412, 422 to 424), and 500: the app's
         ///< own code failed, and a route that only ever fails is the one to see
};

Proof proof_of(std::uint16_t status);

/// Lets the third weak answer for the same thing count as a good one, so that a route that only ever redirects or only
/// ever fails is seen all the same. In bounded memory: what has not come again for long is forgotten.
class Confirmations {
 public:
  /// So many routes at most rest on weak answers alone.
  static constexpr std::uint32_t kMaxRoutes = 200;

  /// One more weak answer for the thing with this hash.
  bool is_enough(std::uint64_t hash);

 private:
  static constexpr std::size_t kSlots = 1024;
  static constexpr std::uint32_t kEnough = 3;

  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t count = 0;
  };
  std::vector<Slot> slots_;
  std::uint32_t routes_ = 0;
};

}  // namespace weir::route
