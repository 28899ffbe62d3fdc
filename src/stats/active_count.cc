#include "active_count.h"

namespace weir::stats {

void ActiveCount::note(SliceNumber number, std::uint64_t hash) {
  slices_.note(number, hash);
  minutes_.note(number / kSlicesPerMinute, hash);
  quarters_.note(number / kSlicesPerQuarter, hash);
  all_.add(hash);
}

ActiveHashes ActiveCount::in(Window window, SliceNumber current) const {
  switch (window) {
    case Window::minute: return slices_.in(current, 12);
    case Window::five_minutes: return slices_.in(current, 60);
    case Window::hour: return minutes_.in(current / kSlicesPerMinute, 60);
    case Window::day: return quarters_.in(current / kSlicesPerQuarter, 96);
    case Window::all: break;
  }
  return all_;
}

std::size_t ActiveCount::bytes() const { return slices_.bytes() + minutes_.bytes() + quarters_.bytes() + all_.bytes(); }

}  // namespace weir::stats
