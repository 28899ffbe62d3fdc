#pragma once

namespace weir::app {

/// Has the kernel run the calling thread in many short turns in place of few long ones: its share of the CPU stays as
/// it is, but it need not wait until somebody else's turn is over, when a CPU is shared with the book-keeping, the app
/// or the load. Linux 6.12 and later; without effect elsewhere.
void ask_for_short_turns();

}  // namespace weir::app
