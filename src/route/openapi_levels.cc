#include <algorithm>
#include <array>

#include <weir/route/openapi.h>

namespace weir::route {

namespace {

constexpr std::array<std::string_view, 8> kOperationNames = {"get",     "put",  "post",  "delete",
                                                         "options", "head", "patch", "trace"};

/// At the top and in `components`: most of a file, and no path in it.
bool is_bulk(std::string_view member) {
  static constexpr std::array<std::string_view, 15> kBulk = {
      "responses", "requestBodies",       "parameters", "schemas", "examples", "definitions", "securitySchemes",
      "callbacks", "securityDefinitions", "headers",    "links",   "webhooks", "tags",        "security",
      "info"};
  return member.starts_with("x-") || std::find(kBulk.begin(), kBulk.end(), member) != kBulk.end();
}

std::optional<OpenapiLevel> below_top(std::string_view member) {
  if (member == "paths") return OpenapiLevel::paths;
  if (member == "servers") return OpenapiLevel::server;
  if (member == "components") return OpenapiLevel::components;
  if (is_bulk(member)) return std::nullopt;
  return OpenapiLevel::other;
}

std::optional<OpenapiLevel> below_path_item(std::string_view member) {
  if (member == "servers") return OpenapiLevel::server;
  if (member == "$ref") return OpenapiLevel::other;
  if (std::find(kOperationNames.begin(), kOperationNames.end(), member) != kOperationNames.end()) return OpenapiLevel::operation;
  return std::nullopt;
}

}  // namespace

std::optional<OpenapiLevel> level_below(OpenapiLevel level, std::string_view member) {
  switch (level) {
    case OpenapiLevel::top:
      return below_top(member);
    case OpenapiLevel::paths:
    case OpenapiLevel::path_items:
      return OpenapiLevel::path_item;
    case OpenapiLevel::path_item:
      return below_path_item(member);
    case OpenapiLevel::operation:
      return member == "servers" ? std::optional(OpenapiLevel::server) : std::nullopt;
    case OpenapiLevel::server:
      if (member == "url") return OpenapiLevel::other;
      return member == "variables" ? std::optional(OpenapiLevel::variables) : std::nullopt;
    case OpenapiLevel::variables:
      return OpenapiLevel::variable;
    case OpenapiLevel::variable:
      return member == "default" ? std::optional(OpenapiLevel::other) : std::nullopt;
    case OpenapiLevel::components:
      if (member == "pathItems") return OpenapiLevel::path_items;
      return is_bulk(member) ? std::nullopt : std::optional(OpenapiLevel::other);
    case OpenapiLevel::other:
      return OpenapiLevel::other;
  }
  return OpenapiLevel::other;
}

void leave_out(Document& document, OpenapiLevel level) {
  if (level == OpenapiLevel::other) return;
  for (Document& item : document.items) leave_out(item, level);
  std::erase_if(document.members, [level](const Document::Member& member) { return !level_below(level, member.name); });
  for (Document::Member& member : document.members) leave_out(member.value, *level_below(level, member.name));
}

}  // namespace weir::route
