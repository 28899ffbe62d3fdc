#pragma once

#include <cstdint>
#include <string_view>

#include <weir/app/command_line.h>

namespace weir::app {

/// Takes the place of what the caller has closed of standard input, output and error. Else the next file or socket
/// would get that number, and be written to as if it were a terminal. What comes is like what was closed: it takes
/// nothing.
void fill_standard_descriptors();

/// Signals wait while there is one, and whoever started this process has no say in it: afterwards none is blocked.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
};

/// Writes it to standard output. Where that takes no more, a line on standard error says so.
Exit print(std::string_view verb, std::string_view text);

/// How many CPUs this process may use: its affinity, and the quota of its control group where that is less. At least 1.
std::uint32_t usable_cpus();

/// As many file descriptors as the system allows this process; a proxy needs two a connection. Returns the limit.
std::uint64_t raise_descriptor_limit();

/// Unmaps what was read of the program and its libraries so far: starting takes a good part of them, serving little,
/// and what is wanted again comes back from the page cache by itself. Writable parts stay.
void give_back_start_up_code();

/// How many client connections that many descriptors will do for, beside weir's own and connections to the app:
/// `wanted`, or fewer. At least 1.
std::uint32_t affordable_connections(std::uint32_t wanted, std::uint64_t upstream_connections,
                                     std::uint64_t descriptors);

}  // namespace weir::app
