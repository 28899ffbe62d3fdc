#pragma once

#include <span>
#include <string_view>

namespace weir {

/// The candidate that `word` was most likely meant to be: the fewest letters put in, left out, changed or swapped, at
/// most a third of the word's. Empty where none is that near.
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace weir
