#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <weir/base/settings.h>

#include "problem.h"
#include "yaml_tree.h"

namespace weir::config {

/// Reads options out of a YAML tree. Remembers which keys were asked for: the others are unknown.
class YamlSettings final : public Settings {
 public:
  /// `root` outlives it. Problems are added to `problems`, one for each key at most. `folder` is where the names of
  /// files begin.
  YamlSettings(const YamlNode& root, std::vector<Problem>& problems, std::filesystem::path folder = {});

  /// Notes the unknown keys of the top. Call once, when all have been asked for.
  void finish();

  void problem(std::string_view key, std::string what, std::string mend) override;
  void warning(std::string_view key, std::string what, std::string mend, Weight weight) override;
  int line() const override { return frames_.back().place.line; }
  bool is_reading() const override { return true; }

 protected:
  std::optional<std::string> scalar(std::string_view key, const std::string& current, Style style) override;
  std::optional<std::vector<std::string>> scalars(std::string_view key, const std::vector<std::string>& current,
                                                  Style style) override;
  bool open_section(std::string_view key) override;
  std::optional<std::size_t> open_items(std::string_view key, std::size_t current) override;
  bool open_item(std::size_t index, bool may_be_scalar) override;
  std::optional<std::vector<std::string>> open_entries(std::string_view key,
                                                       const std::vector<std::string>& current) override;
  bool open_entry(std::size_t index, std::string_view name) override;
  void close() override;
  bool is_scalar_itself() const override;
  std::string located(const std::string& name) const override;
  std::string variable(std::string_view key) const override;

 private:
  struct Place {
    int line = 0;
    int column = 0;
  };

  /// What is being read: a section, a list or a map of entries.
  struct Frame {
    const YamlNode* node;
    std::string path;
    Place place;
    bool has_fixed_keys = true;  ///< a section's; the names of entries are people's own
    std::vector<std::string_view> asked;
  };

  /// The value under `key` of the section being read; null where it is absent.
  const YamlNode* find(std::string_view key);
  std::string path_of(std::string_view key) const;
  Place place_of(std::string_view key) const;
  static const YamlNode* step_to(const YamlNode& node, std::string_view part, Place& place);
  bool open_map(std::string_view key, const YamlNode& node, Place place);
  void open_list(std::string_view key, const YamlNode& node);
  static Place place_under(const YamlNode& map, std::size_t index);
  void note_unknown_keys(const Frame& frame);
  void note(Place place, std::string path, std::string what, std::string mend);
  std::optional<std::string> text_of(const YamlNode& node, std::string_view key);

  std::vector<Frame> frames_;
  std::vector<Problem>& problems_;
  const std::filesystem::path folder_;
  std::set<std::string> noted_;
  std::set<std::string> warned_;  ///< apart: a warning does not keep an error of the same key away
};

}  // namespace weir::config
