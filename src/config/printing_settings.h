#pragma once

#include <string>
#include <vector>

#include <weir/base/settings.h>
#include <weir/config/load.h>

namespace weir::config {

/// Writes options out as YAML, in the order in which they read themselves.
class PrintingSettings final : public Settings {
 public:
  PrintingSettings(std::string& out, Secrets secrets) : out_(out), secrets_(secrets) {}

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
  void close() override { --depth_; }
  bool is_scalar_itself() const override { return false; }

  bool masks_secrets() const override { return secrets_ == Secrets::masked; }

 private:
  std::string written(const std::string& text, Style style) const;
  void line_of(std::string_view text);

  std::string& out_;
  const Secrets secrets_;
  int depth_ = 0;
  bool begins_item_ = false;  ///< the next line takes the dash
};

}  // namespace weir::config
