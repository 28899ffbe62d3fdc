#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <weir/base/check.h>

/// What libFuzzer calls with each input, and what the replay of the corpus calls with each file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace weir::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace weir::fuzz
