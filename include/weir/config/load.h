#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/config/options.h>

namespace weir::config {

/// What can be used, and is hardly what is wanted.
struct Warning {
  std::string place;         ///< `FILE:LINE:COLUMN`
  std::string text;          ///< `KEY: what is odd (what would be right)`
  bool fails_check = false;  ///< `weir check` counts it as an error, with or without --strict

  std::string to_string() const { return place + ": " + text; }
};

/// What was read. `options` can be used only where there is no problem.
struct Loaded {
  Options options;
  /// One line each, in the order of the file: `FILE:LINE:COLUMN: KEY: what is wrong (what would be right)`.
  std::vector<std::string> problems;
  std::vector<Warning> warnings;  ///< likewise in the order of the file

  bool is_ok() const { return problems.empty(); }
};

/// The largest file that is read, in bytes.
inline constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;

/// What has the last word over the file: the flags of the command line.
using Overrides = std::function<void(Options&)>;

/// Reads `file` (none where it is empty) over the defaults, then `overrides`, then checks the whole. Environment variables in scalars are those
/// of the process.
Loaded load(const std::string& file, const Overrides& overrides = {});
/// The same with the text at hand; `file` names it in messages.
Loaded load_text(std::string_view yaml, const std::string& file, const Overrides& overrides = {});

/// Where a weir that runs with a file answers questions.
struct AdminPlace {
  net::Endpoint address = admin::AdminOptions().address;
  bool has_tls = false;
};
/// Of `file`, no more is read than that: whoever asks need not have the keys and variables that the server has.
Result<AdminPlace> load_admin_place(const std::string& file);

/// What the effective configuration is printed for.
enum class Secrets : std::uint8_t { shown, masked };

/// The configuration with every default, as YAML that loads back to the same.
std::string print(const Options& options, Secrets secrets);
/// The same as one JSON object, values written as in the file.
std::string print_json(const Options& options, Secrets secrets);

}  // namespace weir::config
