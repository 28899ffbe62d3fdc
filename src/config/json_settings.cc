#include "json_settings.h"

#include <weir/base/bytes.h>

namespace weir::config {

void JsonSettings::write(const std::string& text, Style style) {
  if (style == Style::stand_in || (style == Style::secret && secrets_ == Secrets::masked)) {
    json_.value(kMask);
  } else if (style == Style::plain && (text == "true" || text == "false" || parse_decimal(text))) {
    json_.raw(text);
  } else {
    json_.value(text);
  }
}

std::optional<std::string> JsonSettings::scalar(std::string_view key, const std::string& current, Style style) {
  json_.key(key);
  write(current, style);
  return std::nullopt;
}

std::optional<std::vector<std::string>> JsonSettings::scalars(std::string_view key,
                                                              const std::vector<std::string>& current, Style style) {
  json_.key(key).begin_array();
  for (const std::string& text : current) write(text, style);
  json_.end_array();
  return std::nullopt;
}

bool JsonSettings::open_section(std::string_view key) {
  json_.key(key).begin_object();
  is_list_.push_back(false);
  return true;
}

std::optional<std::size_t> JsonSettings::open_items(std::string_view key, std::size_t current) {
  json_.key(key).begin_array();
  is_list_.push_back(true);
  return current;
}

bool JsonSettings::open_item(std::size_t, bool) {
  json_.begin_object();
  is_list_.push_back(false);
  return true;
}

std::optional<std::vector<std::string>> JsonSettings::open_entries(std::string_view key,
                                                                   const std::vector<std::string>& current) {
  open_section(key);
  return current;
}

void JsonSettings::close() {
  if (is_list_.back()) {
    json_.end_array();
  } else {
    json_.end_object();
  }
  is_list_.pop_back();
}

}  // namespace weir::config
