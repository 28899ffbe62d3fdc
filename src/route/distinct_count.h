#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::route {

/// How many different texts there were: exact up to 64, then HyperLogLog with 512 registers (standard error 4.6 %).
/// At most 512 bytes. Merging is exact: as if one had seen both.
class DistinctCount {
 public:
  void add(std::string_view text);
  void merge(const DistinctCount& other);
  std::uint64_t value() const;

 private:
  static constexpr std::size_t kExact = 64;
  static constexpr std::size_t kRegisters = 512;

  void add_hash(std::uint64_t hash);
  void raise(std::uint64_t hash);
  void go_over();

  std::vector<std::uint64_t> hashes_;     // sorted; empty once there are registers
  std::vector<std::uint8_t> registers_;
};

}  // namespace weir::route
