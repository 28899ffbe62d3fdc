#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace weir {

/// The labels of an enum whose values are dense from 0: one table feeds logs, metrics, JSON and configuration.
/// Specialise for each enum: `static constexpr std::array<std::string_view, N> labels = {...}`.
template <class Enum>
struct Names;

template <class Enum>
constexpr std::size_t count_of() {
  return Names<Enum>::labels.size();
}

template <class Enum>
constexpr std::string_view label(Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < Names<Enum>::labels.size() ? Names<Enum>::labels[index] : std::string_view("?");
}

/// The value whose label is `text`, exact in case; nothing if there is none.
template <class Enum>
constexpr std::optional<Enum> from_label(std::string_view text) {
  for (std::size_t i = 0; i < Names<Enum>::labels.size(); ++i) {
    if (Names<Enum>::labels[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace weir
