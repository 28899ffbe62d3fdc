#pragma once

#include <cstdint>

namespace weir::app {

/// How many CPUs this process may use: its affinity, and the quota of its control group where that is less. At least 1.
std::uint32_t usable_cpus();

/// As many file descriptors as the system allows this process; a proxy needs two a connection. Returns the limit.
std::uint64_t raise_descriptor_limit();

}  // namespace weir::app
