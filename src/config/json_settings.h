#pragma once

#include <string>
#include <vector>

#include <weir/base/json_writer.h>
#include <weir/base/settings.h>
#include <weir/config/load.h>

namespace weir::config {

/// Writes options out as JSON, in the order in which they read themselves, values as the file would have them.
class JsonSettings final : public Settings {
 public:
  JsonSettings(std::string& out, Secrets secrets) : json_(out), secrets_(secrets) { json_.begin_object(); }
  /// After the options have read themselves.
  void finish() { json_.end_object(); }

  void problem(std::string_view, std::string, std::string) override {}
  void warning(std::string_view, std::string, std::string, Weight) override {}
  int line() const override { return 0; }
  bool is_reading() const override { return false; }

 protected:
  std::optional<std::string> scalar(std::string_view key, const std::string& current, Style style) override;
  std::optional<std::vector<std::string>> scalars(std::string_view key, const std::vector<std::string>& current,
                                                  Style style) override;
  bool open_section(std::string_view key) override;
  std::optional<std::size_t> open_items(std::string_view key, std::size_t current) override;
  bool open_item(std::size_t index, bool may_be_scalar) override;
  std::optional<std::vector<std::string>> open_entries(std::string_view key,
                                                       const std::vector<std::string>& current) override;
  bool open_entry(std::size_t, std::string_view name) override { return open_section(name); }
  void close() override;
  bool is_scalar_itself() const override { return false; }

 private:
  void write(const std::string& text, Style style);

  JsonWriter json_;
  const Secrets secrets_;
  std::vector<bool> is_list_;  ///< of what is open, innermost last
};

}  // namespace weir::config
