#pragma once

#include <cstdint>

namespace weir::app {

/// How many CPUs this process may use: its affinity, and the quota of its control group where that is less. At least 1.
std::uint32_t usable_cpus();

/// As many file descriptors as the system allows this process; a proxy needs two a connection. Returns the limit.
std::uint64_t raise_descriptor_limit();

/// Unmaps what was read of the program and its libraries so far: starting takes a good part of them, serving little, and what
/// is wanted again comes back from the page cache by itself. Writable parts stay.
void give_back_start_up_code();

}  // namespace weir::app
