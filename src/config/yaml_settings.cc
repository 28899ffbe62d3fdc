#include "yaml_settings.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <weir/base/bytes.h>
#include <weir/base/closest.h>

#include "environment.h"

namespace weir::config {
namespace {

std::string_view kind_of(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "a single value";
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
  }
  return "?";
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

/// The first part of `upstreams.app.servers[2]`, taken off: `upstreams`, then `app`, then `servers`, then `[2]`.
std::string_view take_part(std::string_view& path) {
  if (path.starts_with('.')) path.remove_prefix(1);
  const std::size_t end = path.find_first_of(".[", path.starts_with('[') ? 1 : 0);
  const std::string_view part = path.substr(0, end);
  path.remove_prefix(part.size());
  return part;
}

}  // namespace

YamlSettings::YamlSettings(const YamlNode& root, std::vector<Problem>& problems, std::filesystem::path folder)
    : problems_(problems), folder_(std::move(folder)) {
  frames_.push_back({&root, {}, {root.line, root.column}, true, {}});
}

void YamlSettings::finish() { note_unknown_keys(frames_.back()); }

void YamlSettings::problem(std::string_view key, std::string what, std::string mend) {
  note(place_of(key), path_of(key), std::move(what), std::move(mend));
}

void YamlSettings::warning(std::string_view key, std::string what, std::string mend, Weight weight) {
  std::string path = path_of(key);
  if (!warned_.insert(path).second) return;
  const Place place = place_of(key);
  problems_.push_back({place.line, place.column, std::move(path), std::move(what), std::move(mend), weight});
}

std::optional<std::string> YamlSettings::scalar(std::string_view key, const std::string&, Style) {
  const YamlNode* node = find(key);
  return node == nullptr ? std::nullopt : text_of(*node, key);
}

std::optional<std::vector<std::string>> YamlSettings::scalars(std::string_view key, const std::vector<std::string>&,
                                                              Style) {
  const YamlNode* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind != YamlNode::Kind::list) {
    problem(key, fmt::format("is {}, not a list", kind_of(*node)), "write [ one, another ], or [] for none");
    return std::nullopt;
  }
  std::vector<std::string> found;
  for (std::size_t i = 0; i < node->children.size(); ++i) {
    // What cannot be used leaves an empty text, so that the others keep their places.
    found.push_back(text_of(node->children[i], fmt::format("{}[{}]", key, i)).value_or(std::string()));
  }
  return found;
}

bool YamlSettings::open_section(std::string_view key) {
  const YamlNode* node = find(key);
  return node != nullptr && open_map(key, *node, place_of(key));
}

std::optional<std::size_t> YamlSettings::open_items(std::string_view key, std::size_t) {
  const YamlNode* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind != YamlNode::Kind::list) {
    problem(key, fmt::format("is {}, not a list", kind_of(*node)),
            "begin each element with a dash, or write [] for none");
    return std::nullopt;
  }
  open_list(key, *node);
  return node->children.size();
}

bool YamlSettings::open_item(std::size_t index, bool may_be_scalar) {
  const YamlNode& node = frames_.back().node->children[index];
  const std::string key = fmt::format("[{}]", index);
  const bool is_empty_map = node.kind == YamlNode::Kind::map && node.keys.empty();
  const bool is_short = node.kind == YamlNode::Kind::scalar && may_be_scalar;
  // An element that says nothing would be one of defaults alone, which nobody asked for.
  if (is_empty_map || (node.kind != YamlNode::Kind::map && !is_short)) {
    problem(key, fmt::format("is {}, not {}", is_empty_map ? "an empty map" : kind_of(node),
                             is_empty_map ? "one with keys" : may_be_scalar ? "a map or a single value" : "a map"),
            may_be_scalar ? "write key: value or one value after the dash, or take the element out"
                          : "write key: value after the dash, or take the element out");
    return false;
  }
  frames_.push_back({&node, path_of(key), {node.line, node.column}, true, {}});
  return true;
}

std::optional<std::vector<std::string>> YamlSettings::open_entries(std::string_view key,
                                                                   const std::vector<std::string>&) {
  const YamlNode* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind != YamlNode::Kind::map) {
    problem(key, fmt::format("is {}, not a map", kind_of(*node)),
            "write a name with its keys below it, or {} for none");
    return std::nullopt;
  }
  open_list(key, *node);
  std::vector<std::string> names;
  for (const YamlNode::Key& name : node->keys) names.push_back(name.text);
  return names;
}

bool YamlSettings::open_entry(std::size_t index, std::string_view name) {
  const YamlNode& entries = *frames_.back().node;
  return open_map(name, entries.children[index], place_under(entries, index));
}

void YamlSettings::close() {
  const Frame frame = std::move(frames_.back());
  frames_.pop_back();
  note_unknown_keys(frame);
}

bool YamlSettings::is_scalar_itself() const { return frames_.back().node->kind == YamlNode::Kind::scalar; }

std::string YamlSettings::located(const std::string& name) const {
  return name.empty() || folder_.empty() ? name : (folder_ / name).string();
}

std::string YamlSettings::variable(std::string_view key) const {
  const YamlNode* node = frames_.back().node;
  if (key != kItself) node = node->find(key);
  return node != nullptr && is_variable(node->text) ? node->text : std::string();
}

const YamlNode* YamlSettings::find(std::string_view key) {
  Frame& frame = frames_.back();
  if (key == kItself) return frame.node;
  frame.asked.push_back(key);  // string literals all: the names of entries are opened by index
  return frame.node->find(key);
}

std::string YamlSettings::path_of(std::string_view key) const {
  const std::string& path = frames_.back().path;
  if (path.empty()) return std::string(key);
  if (key.empty()) return path;
  return key.starts_with('[') ? fmt::format("{}{}", path, key) : fmt::format("{}.{}", path, key);
}

YamlSettings::Place YamlSettings::place_of(std::string_view key) const {
  const YamlNode* node = frames_.back().node;
  Place place = frames_.back().place;
  while (node != nullptr && !key.empty()) node = step_to(*node, take_part(key), place);
  return place;
}

/// The child under `part`, a key or `[index]`, and its place. Null where it is absent; `place` then stays with what is
/// around it.
const YamlNode* YamlSettings::step_to(const YamlNode& node, std::string_view part, Place& place) {
  if (node.kind == YamlNode::Kind::list) {
    const bool is_index = part.starts_with('[') && part.ends_with(']');
    const std::optional<std::uint64_t> index =
        is_index ? parse_decimal(part.substr(1, part.size() - 2)) : std::nullopt;
    if (!index || *index >= node.children.size()) return nullptr;
    const YamlNode& element = node.children[*index];
    place = {element.line, element.column};
    return &element;
  }
  const YamlNode* child = node.find(part);
  if (child != nullptr) place = place_under(node, static_cast<std::size_t>(child - node.children.data()));
  return child;
}

/// A single value has its own place, a list or a map that of its key.
YamlSettings::Place YamlSettings::place_under(const YamlNode& map, std::size_t index) {
  const YamlNode& child = map.children[index];
  const YamlNode::Key& key = map.keys[index];
  return child.kind == YamlNode::Kind::scalar ? Place{child.line, child.column} : Place{key.line, key.column};
}

bool YamlSettings::open_map(std::string_view key, const YamlNode& node, Place place) {
  // One without a value has no keys: often they are all comments.
  if (node.kind == YamlNode::Kind::scalar || node.kind == YamlNode::Kind::list) {
    note(place, path_of(key), fmt::format("is {}, not a map", kind_of(node)),
         "write its keys below it, or { key: value }");
    return false;
  }
  frames_.push_back({&node, path_of(key), place, true, {}});
  return true;
}

void YamlSettings::open_list(std::string_view key, const YamlNode& node) {
  frames_.push_back({&node, path_of(key), place_of(key), false, {}});
}

void YamlSettings::note_unknown_keys(const Frame& frame) {
  if (!frame.has_fixed_keys) return;
  for (const YamlNode::Key& key : frame.node->keys) {
    if (std::find(frame.asked.begin(), frame.asked.end(), key.text) != frame.asked.end()) continue;
    const std::string_view meant = closest(key.text, frame.asked);
    note({key.line, key.column}, frame.path.empty() ? key.text : frame.path + "." + key.text, "the key is unknown",
         meant.empty() ? fmt::format("one of {}", fmt::join(frame.asked, ", "))
                       : fmt::format("did you mean {}?", meant));
  }
}

void YamlSettings::note(Place place, std::string path, std::string what, std::string mend) {
  if (!noted_.insert(path).second) return;
  problems_.push_back({place.line, place.column, std::move(path), std::move(what), std::move(mend), std::nullopt});
}

std::optional<std::string> YamlSettings::text_of(const YamlNode& node, std::string_view key) {
  if (node.kind == YamlNode::Kind::null) {
    problem(key, "has no value", "write one, \"\" for an empty text, or leave the key out for the default");
    return std::nullopt;
  }
  if (node.kind != YamlNode::Kind::scalar) {
    problem(key, fmt::format("is {}, not a single value", kind_of(node)), "write one value after the colon");
    return std::nullopt;
  }
  Result<std::string> text = expand_environment(node.text);
  if (!text) {
    problem(key, text.error().message, "set it, or write ${NAME:-default}; a literal ${ is $${");
    return std::nullopt;
  }
  if (has_control_character(text.value())) {
    problem(key, "the value has a control character or a line break", "write it in one line");
    return std::nullopt;
  }
  return std::move(text).value();
}

}  // namespace weir::config
