#include "yaml_document.h"

#include <sstream>
#include <unordered_map>

#include <fmt/format.h>
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
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string& value) override {
    note_key(mark);
    leaf(value, anchor);
  }
  void OnAlias(const YAML::Mark&, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      leaf({}, 0);
      return;
    }
    count(size_of(found->second));
    put(found->second, 0);
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
    std::string key;
    bool has_key = false;
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
    levels_.emplace_back();
    levels_.back().document.type = type;
    levels_.back().anchor = anchor;
  }

  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    put(std::move(level.document), level.anchor);
  }

  void put(route::Document document, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = document;
    if (levels_.empty()) {
      root_ = std::move(document);
      return;
    }
    Level& level = levels_.back();
    if (level.document.type == route::Document::Type::list) {
      level.document.items.push_back(std::move(document));
    } else if (!level.has_key) {
      level.key = std::move(document.text);
      level.has_key = true;
    } else {
      level.has_key = false;
      if (!route::is_left_out_of_openapi(level.key)) {
        level.document.members.push_back({std::move(level.key), std::move(document), level.line, level.column});
      }
    }
  }

  std::vector<Level> levels_;
  std::unordered_map<YAML::anchor_t, route::Document> anchors_;
  route::Document root_;
  std::size_t nodes_ = 0;
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
