#include "confirmation.h"

namespace weir::route {

Proof proof_of(std::uint16_t status) {
  if (status >= 200 && status < 300) return Proof::good;
  switch (status) {
    case 101:
    case 304:
    case 402:
    case 409:
    case 412:
    case 422:
    case 423:
    case 424:
    case 500:
      return Proof::good;
    case 400:
    case 406:
    case 408:
    case 410:
    case 411:
    case 413:
    case 415:
    case 416:
    case 417:
    case 428:
    case 429:
      return Proof::weak;
    case 501:
      return Proof::none;
    default:
      return (status >= 300 && status < 400) || (status >= 500 && status < 600) ? Proof::weak : Proof::none;
  }
}

bool Confirmations::is_enough(std::uint64_t hash) {
  if (slots_.empty()) slots_.resize(kSlots);
  Slot& slot = slots_[hash % kSlots];
  if (slot.hash != hash) slot = {hash, 0};
  if (++slot.count < kEnough || routes_ >= kMaxRoutes) return false;
  slot = {};
  ++routes_;
  return true;
}

}  // namespace weir::route
