#include "yaml_document.h"

#include <fmt/format.h>
#include <functional>
#include <optional>
#include <set>
#include <sstream>
#include <unordered_map>
#include <utility>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace weir::config {

namespace {

/// So that aliases of aliases cannot grow without end.
constexpr std::size_t kMaxNodes = 2'000'000;
constexpr std::size_t kMaxDepth = 256;

struct TooLarge {};

/// Builds the tree from yaml-cpp's events.
class Builder : public YAML::EventHandler {
 public:
  route::Document take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t anchor) override { leaf({}, anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    note_key(mark);
    is_quoted_ = tag == "!";
    leaf(value, anchor);
    is_quoted_ = false;
  }
  void OnAlias(const YAML::Mark&, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      leaf({}, 0);
      return;
    }
    count(size_of(found->second));
    is_alias_ = true;
    put(found->second, 0);
    is_alias_ = false;
  }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(route::Document::Type::list, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(route::Document::Type::map, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    route::Document document;
    YAML::anchor_t anchor = 0;
    route::OpenapiLevel at = route::OpenapiLevel::other;
    bool is_skipped = false;  ///< left out, and nothing below it is kept
    std::string key;
    bool has_key = false;
    bool is_merging = false;              ///< the key is `<<`
    std::vector<route::Document> merged;  ///< maps named by `<<`, the first of them first
    int line = 0;  // of the key
    int column = 0;
  };

  /// The scalar to come is a key, if a map is open and has none.
  void note_key(const YAML::Mark& mark) {
    if (levels_.empty() || levels_.back().has_key) return;
    levels_.back().line = mark.line + 1;
    levels_.back().column = mark.column + 1;
  }

  void count(std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > kMaxNodes) throw TooLarge{};
  }

  static std::size_t size_of(const route::Document& document) {
    std::size_t size = 1;
    for (const route::Document& item : document.items) size += size_of(item);
    for (const route::Document::Member& member : document.members) size += size_of(member.value);
    return size;
  }

  void leaf(const std::string& text, YAML::anchor_t anchor) {
    count(1);
    route::Document document;
    document.text = text;
    put(std::move(document), anchor);
  }

  void open(route::Document::Type type, YAML::anchor_t anchor) {
    count(1);
    if (levels_.size() >= kMaxDepth) throw TooLarge{};
    const std::optional<route::OpenapiLevel> at = level_of_next();
    levels_.emplace_back();
    levels_.back().at = at.value_or(route::OpenapiLevel::other);
    levels_.back().is_skipped = !at && anchor == 0;
    levels_.back().document.type = type;
    levels_.back().anchor = anchor;
  }

  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    merge(level);
    put(std::move(level.document), level.anchor);
  }

  /// Where the value to come stands; nothing where it is left out. What has an anchor is read in whole all the same, for
  /// an alias may name it elsewhere.
  std::optional<route::OpenapiLevel> level_of_next() const {
    if (levels_.empty()) return route::OpenapiLevel::top;
    const Level& level = levels_.back();
    if (level.is_skipped) return std::nullopt;
    if (level.document.type == route::Document::Type::list || !level.has_key || level.is_merging) return level.at;
    return route::level_below(level.at, level.key);
  }

  /// The merge key of YAML 1.1: members of the maps that the map itself does not have; the first of several maps wins.
  static void merge(Level& level) {
    if (level.merged.empty()) return;
    std::set<std::string, std::less<>> known;
    for (const route::Document::Member& member : level.document.members) known.insert(member.name);
    for (route::Document& map : level.merged) {
      for (route::Document::Member& member : map.members) {
        const std::optional<route::OpenapiLevel> below = route::level_below(level.at, member.name);
        if (!below || !known.insert(member.name).second) continue;
        route::leave_out(member.value, *below);
        level.document.members.push_back(std::move(member));
      }
    }
  }

  void put(route::Document document, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = document;
    if (levels_.empty()) {
      root_ = std::move(document);
      return;
    }
    Level& level = levels_.back();
    if (level.is_skipped) {
      level.has_key = level.document.type == route::Document::Type::map && !level.has_key;
    } else if (level.document.type == route::Document::Type::list) {
      level.document.items.push_back(std::move(document));
    } else if (!level.has_key) {
      level.key = std::move(document.text);
      level.has_key = true;
      level.is_merging = level.key == "<<" && !is_quoted_;
    } else {
      level.has_key = false;
      if (std::exchange(level.is_merging, false)) {
        if (document.type == route::Document::Type::map) level.merged.push_back(std::move(document));
        for (route::Document& map : document.items) level.merged.push_back(std::move(map));
      } else if (const auto below = route::level_below(level.at, level.key)) {
        if (is_alias_) route::leave_out(document, *below);
        level.document.members.push_back({std::move(level.key), std::move(document), level.line, level.column});
      }
    }
  }

  std::vector<Level> levels_;
  std::unordered_map<YAML::anchor_t, route::Document> anchors_;
  route::Document root_;
  std::size_t nodes_ = 0;
  bool is_quoted_ = false;  ///< of the scalar at hand
  bool is_alias_ = false;   ///< of the value at hand
};

}  // namespace

Result<route::Document> parse_yaml_document(std::string_view text) {
  std::istringstream stream{std::string(text)};
  Builder builder;
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& e) {
    return Error{fmt::format("{}:{}: is no valid YAML: {}", e.mark.line + 1, e.mark.column + 1, e.msg)};
  } catch (const TooLarge&) {
    return Error{fmt::format("is too large: more than {} values, or nested deeper than {}", kMaxNodes, kMaxDepth)};
  }
  return builder.take();
}

}  // namespace weir::config
