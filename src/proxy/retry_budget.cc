#include <weir/proxy/retry_budget.h>

namespace weir::proxy {

void RetryBudget::step() {
  Slice& slice = slices_[oldest_];
  const Slice gone = slice;
  slice = {requests_ - requests_before_, taken_ - taken_before_};
  requests_ -= gone.requests;
  taken_ -= gone.taken;
  requests_before_ = requests_;
  taken_before_ = taken_;
  oldest_ = (oldest_ + 1) % kSteps;
}

}  // namespace weir::proxy
