#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace weir::bench {

/// A hot piece of weir, made ready: does its work so many times.
using Work = std::function<void(std::uint64_t times)>;

struct Piece {
  const char* name;
  Work (*make)();
  std::uint64_t counted;  ///< times that its instructions are counted over; 0: it is only timed
};

/// Every piece that is timed by bench/micro and counted by bench/instructions.
std::vector<Piece> all_pieces();

std::vector<Piece> http_pieces();
std::vector<Piece> route_pieces();
std::vector<Piece> stats_pieces();

/// Keeps the compiler from leaving out what made `value`.
template <typename T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace weir::bench
