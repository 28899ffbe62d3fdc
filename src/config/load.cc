#include <weir/config/load.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <weir/base/result.h>

#include "file_text.h"
#include "json_settings.h"
#include "openapi_files.h"
#include "printing_settings.h"
#include "problem.h"
#include "yaml_settings.h"
#include "yaml_tree.h"

namespace weir::config {
namespace {

/// The flags and defaults alone have no file; this stands in its place.
constexpr std::string_view kNoFile = "command line";

/// Sorts them into `loaded`.
void tell(std::vector<Problem> problems, const std::string& file, Loaded& loaded) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
  for (const Problem& problem : problems) {
    if (problem.warning) {
      loaded.warnings.push_back({problem.place(file), problem.text(), *problem.warning == Settings::Weight::fault});
    } else {
      loaded.problems.push_back(problem.to_string(file));
    }
  }
}

std::string unreadable(const std::string& file, const Error& why) {
  return fmt::format("{}: {} (name a YAML file that may be read)", file, why.message);
}

/// Of what the names in `file` are relative to. Absolute, so that what is printed can be kept anywhere; empty where it
/// is the working directory.
std::filesystem::path folder_of(const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  std::error_code error;
  return folder.empty() ? folder : std::filesystem::absolute(folder, error);
}

/// What a caller needs to know of `admin`; the rest of it is for the server to judge.
struct AdminPlaceOptions {
  AdminPlace place;

  void read(Settings& settings) { place.address = net::read_endpoint(settings, "address", place.address); }
};

Loaded read_tree(const YamlTree& tree, const std::string& file, const Overrides& overrides) {
  Loaded loaded;
  std::vector<Problem> problems = tree.problems;
  YamlSettings settings(tree.root, problems, folder_of(file));
  loaded.options.read(settings);
  settings.finish();
  if (overrides) overrides(loaded.options);
  loaded.options.check(settings);
  read_openapi_files(loaded.options, file, settings);

  tell(std::move(problems), file, loaded);
  return loaded;
}

}  // namespace

Loaded load_text(std::string_view yaml, const std::string& file, const Overrides& overrides) {
  YamlTree tree = parse_yaml(yaml);
  // Without a tree every required key would seem to be missing.
  const bool has_no_tree = !tree.problems.empty() && tree.root.kind == YamlNode::Kind::null;
  if (has_no_tree) {
    Loaded loaded;
    tell(std::move(tree.problems), file, loaded);
    return loaded;
  }
  tree.root.line = std::max(tree.root.line, 1);
  tree.root.column = std::max(tree.root.column, 1);
  return read_tree(tree, file, overrides);
}

Loaded load(const std::string& file, const Overrides& overrides) {
  if (file.empty()) return read_tree({}, std::string(kNoFile), overrides);
  const Result<std::string> text = read_file(file, kMaxFileBytes);
  if (!text) return {{}, {unreadable(file, text.error())}, {}};
  return load_text(text.value(), file, overrides);
}

Result<AdminPlace> load_admin_place(const std::string& file) {
  const Result<std::string> text = read_file(file, kMaxFileBytes);
  if (!text) return Error{unreadable(file, text.error())};
  const YamlTree tree = parse_yaml(text.value());
  if (tree.root.kind == YamlNode::Kind::null && !tree.problems.empty()) return Error{tree.problems.front().to_string(file)};
  std::vector<Problem> problems;
  YamlSettings settings(tree.root, problems);
  AdminPlaceOptions options;
  settings.section("admin", options);
  for (const Problem& problem : problems) {
    if (problem.key == "admin" || problem.key == "admin.address") return Error{problem.to_string(file)};
  }
  const YamlNode* admin = tree.root.find("admin");
  options.place.has_tls = admin != nullptr && admin->find("tls") != nullptr;
  return options.place;
}

std::string print(const Options& options, Secrets secrets) {
  std::string out;
  PrintingSettings settings(out, secrets);
  Options copy = options;
  copy.read(settings);
  return out;
}

std::string print_json(const Options& options, Secrets secrets) {
  std::string out;
  JsonSettings settings(out, secrets);
  Options copy = options;
  copy.read(settings);
  settings.finish();
  return out;
}

}  // namespace weir::config
