#include "evidence.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "weights.h"
#include "words.h"

namespace weir::route {

namespace {

/// From so many siblings on, what is alike near the root tells something.
constexpr std::size_t kManyNearRoot = 8;
constexpr double kNearRoot = -4;
/// A place has shown its ways after so many requests.
constexpr double kSettledHits = 30;
/// Twins have so many continuations in common, each with so many siblings, itself included.
constexpr std::size_t kCommonOfTwins = 4;
constexpr std::uint32_t kTwins = 3;
constexpr std::size_t kFloodSize = 40;
constexpr double kFloodNovelty = 0.7;

/// `api`, `apis`, `rest_v1`: what stands below are the API's own names.
bool is_api_root(std::string_view text) {
  if (kind_of(text) == Kind::version) return true;
  for (const std::string_view root : {"apis", "api", "rest", "rpc", "services"}) {
    if (!text.starts_with(root)) continue;
    text.remove_prefix(root.size());
    if (text.empty()) return true;
    const bool is_joined = text.front() == '_' || text.front() == '-' || text.front() == 'v';
    return is_joined && kind_of(text.substr(1)) != Kind::word;
  }
  return false;
}

/// What stands one and two levels below a literal, as it would look if the level between were a parameter.
std::set<std::string> continuations(const Tree& tree, NodeIndex literal) {
  std::set<std::string> out;
  const Node& node = tree.at(literal);
  const auto add_below = [&](NodeIndex child) {
    for (const auto& [text, grandchild] : tree.at(child).literals) out.insert("*/" + text);
  };
  for (const auto& [text, child] : node.literals) {
    out.insert(text);
    add_below(child);
  }
  if (node.parameter != kNoNode) {
    add_below(node.parameter);
    if (tree.at(node.parameter).parameter != kNoNode) out.insert("*/*");
  }
  return out;
}

double of_counts(std::size_t values, std::size_t once, std::uint64_t hits) {
  const double count = static_cast<double>(values);
  const double novelty = static_cast<double>(once) / count;
  // With many hits, values that keep coming only once speak for a parameter; values that all come back against.
  const double weight = std::min(1.0, static_cast<double>(hits) / kSettledHits);
  double odds = std::min(weight::kMostEach, weight::kEach * (count - 1));
  odds += weight::kNovelty * weight * (novelty - weight::kUsualNovelty);
  if (values >= kFloodSize && novelty > kFloodNovelty) odds += weight::kFlood;
  return odds;
}

}  // namespace

double Evidence::of_place(NodeIndex place) const {
  const Node& node = tree_.at(place);
  double odds = 0;
  if (place == kTop) {
    odds = weight::kRoot;
  } else if (node.is_parameter) {
    odds = weight::kParameter;
  } else if (is_api_root(node.text)) {
    odds = weight::kApiRoot;
  } else {
    odds = read_word(node.text).is_plural ? weight::kPlural : weight::kSingular;
    if (experience_.has_words_after(node.text)) odds += weight::kWordsAfter;
  }
  if (node.parameter != kNoNode && (tree_.at(node.parameter).kinds & ~kIdentifierKinds) == 0) {
    odds += weight::kIdentifiers;
  }
  return odds;
}

double Evidence::of_word(std::string_view word) const {
  const Reading reading = read_word(word);
  if (reading.is_reserved || std::string_view("_@$.").find(word.front()) != std::string_view::npos) {
    return weight::kReserved;
  }
  const Kind kind = kind_of(word);
  const auto has = [word](char c) { return word.find(c) != std::string_view::npos; };
  double odds = weight::kUnknown + (weight::kKnown - weight::kUnknown) * reading.known;
  if (reading.parts >= 4 && reading.known < 0.7 && has('-')) odds += weight::kLong;
  if (kind == Kind::slug) odds += weight::kDigit;
  if (kind == Kind::file) odds += weight::kFile;
  if (kind == Kind::version) odds += weight::kVersion;
  if (has('-')) odds += weight::kHyphen;
  if (has('_')) odds += weight::kUnderscore;
  if (has('.')) odds += weight::kDot;
  if (word.front() >= 'A' && word.front() <= 'Z') odds += weight::kCapital;
  if (reading.known < 1 && experience_.is_known_value(word)) odds += weight::kKnownValue;
  if (experience_.is_known_literal(word)) odds += weight::kKnownLiteral;
  return odds;
}

double Evidence::of_shape(NodeIndex literal) const {
  const Node& node = tree_.at(literal);
  const auto answers = [&node](Method method) {
    return std::any_of(node.leaves.begin(), node.leaves.end(),
                       [method](const Leaf& leaf) { return leaf.method == method; });
  };
  double odds = 0;
  const bool is_changed = answers(Method::put) || answers(Method::patch);
  if (answers(Method::delete_) || (answers(Method::get) && is_changed)) odds += weight::kItem;
  if (answers(Method::post)) odds += weight::kCollection;
  // One identifier below many words is `/{slug}/{id}`; many below one word make it a collection.
  if (node.parameter != kNoNode && !tree_.takes_words(literal)) {
    odds += tree_.at(node.parameter).has_one_value ? weight::kOneBelow : weight::kManyBelow;
  }
  // A part of a thing turns up under many things; a thing within a thing under its own.
  if (node.has_many_parents) odds += weight::kManyParents;
  if (!node.has_many_parents && node.first_parent != 0 && node.hits >= 3) odds += weight::kOneParent;
  const bool has_parts = std::any_of(node.literals.begin(), node.literals.end(), [this](const auto& below) {
    return experience_.is_known_literal(below.first) || read_word(below.first).known >= 1;
  });
  if (has_parts) odds += weight::kPartsBelow;
  return odds;
}

Evidence::Continuations Evidence::count_continuations(const std::vector<NodeIndex>& literals) const {
  Continuations seen;
  for (const NodeIndex literal : literals) {
    for (const std::string& one : continuations(tree_, literal)) ++seen[one];
  }
  return seen;
}

bool Evidence::is_twin(NodeIndex literal, const Continuations& seen) const {
  const std::set<std::string> mine = continuations(tree_, literal);
  const auto common = static_cast<std::size_t>(std::count_if(
      mine.begin(), mine.end(), [&seen](const std::string& one) { return seen.at(one) >= kTwins; }));
  return common >= kCommonOfTwins && common * 2 >= mine.size();
}

double Evidence::of_likeness(const std::vector<NodeIndex>& literals) const {
  const Continuations seen = count_continuations(literals);
  double odds = 0;
  for (const auto& [one, count] : seen) {
    odds += count >= 2 ? weight::kShared * std::min(3U, count - 1) : weight::kAlone;
  }
  return std::clamp(odds, -2.0, weight::kMostAlike);
}

double Evidence::of_company(NodeIndex literal, NodeIndex parameter) const {
  const Node& mine = tree_.at(literal);
  const Node& theirs = tree_.at(parameter);
  const std::set<std::string> known = continuations(tree_, parameter);
  double odds = 0;
  for (const std::string& one : continuations(tree_, literal)) {
    odds += known.contains(one) ? weight::kCommon : weight::kAlien;
  }
  for (const Leaf& leaf : mine.leaves) {
    const bool is_common = std::any_of(theirs.leaves.begin(), theirs.leaves.end(),
                                       [&leaf](const Leaf& other) { return other.method == leaf.method; });
    odds += is_common ? weight::kCommonMethod : weight::kAlienMethod;
  }
  if (mine.parameter != kNoNode && theirs.parameter == kNoNode) odds += weight::kAlien;
  return std::clamp(odds, -2.0, weight::kMostCompany);
}

Verdict Evidence::weigh_stragglers(NodeIndex place) const {
  Verdict verdict;
  verdict.reason = Reason::company;
  const NodeIndex parameter = tree_.at(place).parameter;
  for (const auto& [text, child] : tree_.at(place).literals) {
    if (text.empty()) continue;
    const double odds = of_word(text) + of_shape(child) + of_company(child, parameter);
    if (odds >= weight::kStraggleAt) verdict.values.push_back(child);
  }
  verdict.is_parameter = !verdict.values.empty();
  return verdict;
}

Verdict Evidence::weigh(NodeIndex place) const {
  if (tree_.takes_words(place)) return weigh_stragglers(place);
  Verdict verdict;
  double words = 0;
  std::size_t once = 0;
  std::uint64_t hits = 0;
  const double where = of_place(place);
  std::vector<NodeIndex> all;
  for (const auto& [text, child] : tree_.at(place).literals) {
    if (!text.empty()) all.push_back(child);
  }
  const Continuations seen = where > kNearRoot ? count_continuations(all) : Continuations();
  for (const NodeIndex child : all) {
    double odds = of_word(tree_.at(child).text) + of_shape(child);
    if (where > kNearRoot && is_twin(child, seen)) odds += weight::kTwin;
    if (odds < weight::kLeastWord) continue;
    verdict.values.push_back(child);
    words += std::min(odds, weight::kMostWord);
    hits += tree_.at(child).hits;
    if (tree_.at(child).hits == 1) ++once;
  }
  if (verdict.values.empty()) return verdict;

  double alike = of_likeness(verdict.values);
  words = std::clamp(words, weight::kLeastWords, weight::kMostWords);
  if (where <= kNearRoot && verdict.values.size() < kManyNearRoot) {
    alike = std::min(alike, weight::kMostAlikeNearRoot);
    words = std::min(words, weight::kMostWordsNearRoot);
  }
  const double counts = of_counts(verdict.values.size(), once, hits);
  verdict.is_parameter = where + words + counts + alike >= weight::kFoldAt;
  const double most = std::max({where, words, counts, alike});
  verdict.reason = most == alike    ? Reason::alike
                   : most == counts ? Reason::novelty
                   : most == words  ? Reason::spelling
                                    : Reason::place;
  return verdict;
}

bool Evidence::is_value_at_once(NodeIndex place, std::string_view word) const {
  return of_place(place) + of_word(word) >= weight::kAtOnceAt;
}

bool Evidence::stands_out(std::string_view word, bool is_usual) const {
  return of_word(word) < (is_usual ? weight::kStandsOutAt : weight::kStandsOutNewAt);
}

}  // namespace weir::route
