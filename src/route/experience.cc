#include "experience.h"

#include <algorithm>
#include <functional>

namespace weir::route {

namespace {

std::uint32_t hash_of(std::string_view text) {
  const std::size_t hash = std::hash<std::string_view>{}(text);
  return static_cast<std::uint32_t>(hash >> 32 ^ hash) | 1U;  // 0 is an empty slot
}

}  // namespace

void Experience::note_value(std::string_view value) {
  const std::uint32_t hash = hash_of(value);
  values_[(hash >> 1) % kValueSlots] = hash;
}

bool Experience::is_known_value(std::string_view value) const {
  const std::uint32_t hash = hash_of(value);
  return values_[(hash >> 1) % kValueSlots] == hash;
}

void Experience::note_words_after(std::string_view before) {
  if (words_after_.size() < kMaxNames) words_after_.emplace(before);
}

bool Experience::has_words_after(std::string_view before) const { return words_after_.contains(std::string(before)); }

void Experience::note_literal(std::string_view text, std::string_view before) {
  if (literals_.size() >= kMaxNames) return;
  std::vector<std::uint32_t>& places = literals_[std::string(text)];
  const std::uint32_t hash = hash_of(before);
  if (places.size() < kPlacesOfLiteral && std::find(places.begin(), places.end(), hash) == places.end()) {
    places.push_back(hash);
  }
}

bool Experience::is_known_literal(std::string_view text) const {
  const auto found = literals_.find(std::string(text));
  return found != literals_.end() && found->second.size() >= kPlacesOfLiteral && !is_known_value(text);
}

}  // namespace weir::route
