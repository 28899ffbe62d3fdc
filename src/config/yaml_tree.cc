#include "yaml_tree.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "source_text.h"

namespace weir::config {

const YamlNode* YamlNode::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].text == key) return &children[i];
  }
  return nullptr;
}

namespace {

std::size_t nodes_in(const YamlNode& node) {
  std::size_t sum = 1;
  for (const YamlNode& child : node.children) sum += nodes_in(child);
  return sum;
}

std::size_t height_of(const YamlNode& node) {
  std::size_t highest = 0;
  for (const YamlNode& child : node.children) highest = std::max(highest, height_of(child));
  return highest + 1;
}

/// Makes the tree from yaml-cpp's events. yaml-cpp itself bounds its recursion.
class Builder : public YAML::EventHandler {
 public:
  Builder(const SourceText& source, YamlTree& tree) : source_(source), tree_(tree) {}

  bool has_given_up() const { return has_given_up_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(at(mark, YamlNode::Kind::null), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (has_given_up_) return;
    const auto found = anchors_.find(anchor);
    YamlNode node = at(mark, YamlNode::Kind::null);
    if (found == anchors_.end()) {
      problem(node, "the alias refers to what it stands in", "write the value out");
    } else if (open_.size() + height_of(found->second) > kMaxDepth) {
      give_up(node, "the file is nested too deeply", fmt::format("at most {} levels", kMaxDepth));
    } else if (charge(node, nodes_in(found->second))) {
      node = found->second;
    }
    finish(std::move(node), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (has_given_up_) return;
    YamlNode node = at(mark, YamlNode::Kind::scalar);
    refuse_tag(node, tag);
    node.text = value;
    node.is_quoted = tag == "!";
    // yaml-cpp marks a quoted scalar with the non-specific tag, and takes the end of the file for the closing quote.
    if (tag == "!" && !source_.is_quote_closed(static_cast<std::size_t>(mark.pos))) {
      problem(node, "the quote is never closed", "close it on the same line");
    }
    finish(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(at(mark, YamlNode::Kind::list), tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(at(mark, YamlNode::Kind::map), tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  /// A list or a map whose end has not been seen.
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<YamlNode::Key> key;  ///< of a map, while its value is awaited
    std::set<std::string> seen;
    bool is_dropped = false;  ///< the awaited value belongs to a key that cannot be used
    bool is_merging = false;  ///< the awaited value is that of a merge key
    std::vector<YamlNode> merged;  ///< maps named by `<<`, the first of them first
  };

  static YamlNode at(const YAML::Mark& mark, YamlNode::Kind kind) {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void open(YamlNode node, const std::string& tag, YAML::anchor_t anchor) {
    if (has_given_up_) return;
    if (open_.size() == kMaxDepth) {
      return give_up(node, "the file is nested too deeply", fmt::format("at most {} levels", kMaxDepth));
    }
    refuse_tag(node, tag);
    open_.push_back({std::move(node), anchor, {}, {}, false, false, {}});
  }

  void close() {
    if (has_given_up_) return;
    Open done = std::move(open_.back());
    open_.pop_back();
    merge(done);
    finish(std::move(done.node), done.anchor);
  }

  /// A value is whole: it goes where it belongs, as a key, a value, an element or the root.
  void finish(YamlNode node, YAML::anchor_t anchor) {
    if (!charge(node, 1)) return;
    if (anchor != 0 && !charge(node, nodes_in(node))) return;
    if (anchor != 0) anchors_[anchor] = node;
    if (open_.empty()) {
      tree_.root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::list) {
      parent.node.children.push_back(std::move(node));
    } else if (!parent.key) {
      take_key(parent, node);
    } else {
      if (std::exchange(parent.is_merging, false)) {
        take_merged(parent, std::move(node));
      } else if (!parent.is_dropped) {
        parent.node.keys.push_back(std::move(*parent.key));
        parent.node.children.push_back(std::move(node));
      }
      parent.key.reset();
    }
  }

  /// The merge key of YAML 1.1 takes a map or a list of maps.
  void take_merged(Open& parent, YamlNode node) {
    const bool is_list = node.kind == YamlNode::Kind::list;
    if (is_list && node.children.empty()) {
      problem(node, "the merge key << names no map", "write <<: *name, or take the key out");
    }
    std::vector<YamlNode> maps = is_list ? std::move(node.children) : std::vector{std::move(node)};
    for (YamlNode& map : maps) {
      if (map.kind == YamlNode::Kind::map) {
        parent.merged.push_back(std::move(map));
      } else {
        problem(map, "the merge key << takes a map or a list of maps", "write <<: *name or <<: [ *one, *two ]");
      }
    }
  }

  /// Members that the map itself does not have; the first of several maps wins.
  static void merge(Open& open) {
    for (YamlNode& map : open.merged) {
      for (std::size_t i = 0; i < map.keys.size(); ++i) {
        if (!open.seen.insert(map.keys[i].text).second) continue;
        open.node.keys.push_back(std::move(map.keys[i]));
        open.node.children.push_back(std::move(map.children[i]));
      }
    }
  }

  void take_key(Open& parent, const YamlNode& node) {
    if (node.kind != YamlNode::Kind::scalar) problem(node, "a key must be a text", "write key: value");
    parent.key = YamlNode::Key{node.text, node.line, node.column};
    const bool is_first = parent.seen.insert(node.text).second;
    if (node.kind == YamlNode::Kind::scalar && !is_first) problem(node, "the key is there twice", "keep one of them");
    parent.is_dropped = node.kind != YamlNode::Kind::scalar || !is_first;
    parent.is_merging = !parent.is_dropped && node.text == "<<" && !node.is_quoted;
  }

  void refuse_tag(const YamlNode& node, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    problem(node, fmt::format("\"{}\" is a YAML tag", tag), "leave it out");
  }

  /// Counts what has been built. False when it is too much, or when the rest is not read any more.
  bool charge(const YamlNode& node, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > kMaxNodes) {
      give_up(node, "the file has too many values, aliases counted", fmt::format("at most {}", kMaxNodes));
    }
    return !has_given_up_;
  }

  /// The tree is refused and the rest of the events passed over: yaml-cpp cannot be stopped.
  void give_up(const YamlNode& node, std::string what, std::string mend) {
    if (!has_given_up_) problem(node, std::move(what), std::move(mend));
    has_given_up_ = true;
  }

  void problem(const YamlNode& node, std::string what, std::string mend) {
    tree_.problems.push_back({node.line, node.column, path_of_open(), std::move(what), std::move(mend)});
  }

  /// Of the value that is being read.
  std::string path_of_open() const {
    std::string path;
    for (const Open& open : open_) {
      if (open.node.kind == YamlNode::Kind::list) {
        path += fmt::format("[{}]", open.node.children.size());
      } else if (open.key) {
        if (!path.empty()) path += '.';
        path += open.key->text;
      }
    }
    return path;
  }

  const SourceText& source_;
  YamlTree& tree_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::size_t nodes_ = 0;
  bool has_given_up_ = false;
};

Problem problem_of(const YAML::Exception& error, const SourceText& source) {
  const int line = error.mark.line + 1;
  const int column = error.mark.column + 1;
  if (source.is_indented_by_tab(line)) return {line, 1, {}, "a tab indents the line", "indent with spaces"};
  // Within braces and brackets YAML takes the ones of a variable for its own.
  const bool has_variable = source.line_at(line).find("${") != std::string_view::npos;
  return {line, column, {}, "this is no valid YAML: " + error.msg,
          has_variable ? "put the value with ${ in quotes, or correct it just above" : "correct it here or just above"};
}

}  // namespace

YamlTree parse_yaml(std::string_view text) {
  YamlTree tree;
  const SourceText source(text);
  if (const std::optional<Problem> problem = source.find_no_text()) {
    tree.problems.push_back(*problem);
    return tree;
  }
  Builder builder(source, tree);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    YamlTree rest;
    Builder ignored(source, rest);
    if (parser.HandleNextDocument(ignored)) {
      tree.problems.push_back({rest.root.line, rest.root.column, {}, "a second document begins", "write one document"});
    }
  } catch (const YAML::Exception& error) {
    tree.root = {};
    if (!builder.has_given_up()) tree.problems.push_back(problem_of(error, source));
    return tree;
  }
  if (builder.has_given_up()) {
    tree.root = {};
    return tree;
  }
  if (tree.root.kind == YamlNode::Kind::scalar || tree.root.kind == YamlNode::Kind::list) {
    tree.problems.push_back({tree.root.line, tree.root.column, {}, "the file holds no keys", "write key: value"});
    tree.root = {};
  }
  return tree;
}

}  // namespace weir::config
