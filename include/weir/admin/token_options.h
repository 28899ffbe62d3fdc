#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <weir/base/names.h>
#include <weir/base/settings.h>

namespace weir::admin {

/// How much of the admin API a credential opens.
enum class Grant : std::uint8_t {
  ingest,  ///< sends events and marks, sees nothing
  viewer,  ///< everything that only looks
  admin,   ///< all of it: what changes something too
};

/// One of `admin.tokens`: a map, or the token alone for one that opens everything.
struct TokenOptions {
  std::string token;  ///< as it is sent, or its TokenHash
  std::string name;   ///< who holds it, for the log; empty: its place in the list says so
  Grant role = Grant::admin;
  /// What a printed configuration has in place of the token: the variable that holds it, or the hash. Empty: a mask.
  std::string shown = {};

  void read(Settings& settings);
  void read_short(Settings& settings);

 private:
  void read_token(Settings& settings, std::string_view key);
};

}  // namespace weir::admin

template <>
struct weir::Names<weir::admin::Grant> {
  static constexpr std::array<std::string_view, 3> labels = {"ingest", "viewer", "admin"};
};
