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

/// How many client connections that many descriptors will do for: `wanted`, or fewer where each of them could not have one
/// to the app as well. At least 1.
std::uint32_t affordable_connections(std::uint32_t wanted, std::uint64_t upstream_connections, std::uint64_t descriptors);

}  // namespace weir::app
