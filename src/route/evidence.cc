#include "evidence.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>

#include "words.h"

namespace weir::route {

#ifdef WEIR_TUNE
static double W(const char* n, double d) { const char* e = getenv(n); return e ? atof(e) : d; }
#define TUNE(name, def) static const double name = W(#name, def)
#else
#define TUNE(name, def) [[maybe_unused]] constexpr double name = def
#endif

namespace {

std::uint32_t hash_of(std::string_view text) {
  const std::size_t hash = std::hash<std::string_view>{}(text);
  return static_cast<std::uint32_t>(hash >> 32 ^ hash) | 1U;
}

/// `api`, `apis`, `rest_v1`: what stands below are the API's own names.
bool is_api_root(std::string_view text) {
  for (const std::string_view root : {"apis", "api", "rest", "rpc", "services"}) {
    if (!text.starts_with(root)) continue;
    text.remove_prefix(root.size());
    return text.empty() || ((text.front() == '_' || text.front() == '-' || text.front() == 'v') && kind_of(text.substr(1)) != Kind::word);
  }
  return false;
}

}  // namespace

Experience::Experience() : values_(kSlots) {}

void Experience::note_value(std::string_view value) {
  const std::uint32_t hash = hash_of(value);
  values_[(hash >> 1) % kSlots] = hash;
}

bool Experience::is_known_value(std::string_view value) const {
  const std::uint32_t hash = hash_of(value);
  return values_[(hash >> 1) % kSlots] == hash;
}

void Experience::note_literal(std::string_view text, std::string_view before) {
  if (literals_.size() >= kMaxLiterals) return;
  auto& places = literals_[std::string(text)];
  const std::uint32_t hash = hash_of(before);
  if (places.size() < kPlacesOfLiteral && std::find(places.begin(), places.end(), hash) == places.end()) {
    places.push_back(hash);
  }
}

bool Experience::is_known_literal(std::string_view text) const {
  const auto found = literals_.find(std::string(text));
  return found != literals_.end() && found->second.size() >= kPlacesOfLiteral && !is_known_value(text);
}

void Experience::note_words_after(std::string_view before) {
  if (words_after_.size() < 4096) ++words_after_[std::string(before)];
}

bool Experience::has_words_after(std::string_view before) const {
  return words_after_.contains(std::string(before));
}

double Evidence::of_place(NodeIndex place) const {
  TUNE(P_ROOT, -5); TUNE(P_PARAM, -3.5); TUNE(P_VERSION, -5); TUNE(P_PLURAL, 0.7); TUNE(P_SINGULAR, -1.7); TUNE(P_AFTER, 3.0); TUNE(P_IDENT, -2.5);
  const Node& node = tree_.at(place);
  double odds = 0;
  if (place == kTop) {
    odds = P_ROOT;
  } else if (node.is_parameter) {
    odds = P_PARAM;
  } else if (kind_of(node.text) == Kind::version || is_api_root(node.text)) {
    odds = P_VERSION;
  } else {
    odds = read_word(node.text).is_plural ? P_PLURAL : P_SINGULAR;
    if (experience_.has_words_after(node.text)) odds += P_AFTER;
  }
  if (node.parameter != kNoNode) {
    const Node& parameter = tree_.at(node.parameter);
    if ((parameter.kinds & ~kIdentifierKinds) == 0) odds += P_IDENT;
  }
  return odds;
}

double Evidence::of_word(std::string_view word) const {
  TUNE(W_RES, -3); TUNE(W_KNOWN, -1.6); TUNE(W_UNKNOWN, 0.6); TUNE(W_DIGIT, 0.8); TUNE(W_HYPHEN, 0.2); TUNE(W_CAPS, 0.3); TUNE(W_DOT, 0.3);
  TUNE(W_VALUE, 2.5); TUNE(W_LITERAL, -1.5); TUNE(W_FILE, 1.0); TUNE(W_VERSION, -0.5); TUNE(W_UNDER, -0.3);
  const Reading reading = read_word(word);
  TUNE(W_LONG, 1.2);
  if (reading.is_reserved) return W_RES;
  if (word.front() == '_' || word.front() == '@' || word.front() == '$' || word.front() == '.') return W_RES;
  const Kind kind = kind_of(word);
  double odds = W_UNKNOWN + (W_KNOWN - W_UNKNOWN) * reading.known;
  if (reading.parts >= 4 && reading.known < 0.7 && word.find('-') != std::string_view::npos) odds += W_LONG;
  if (kind == Kind::slug) odds += W_DIGIT;
  if (kind == Kind::file) odds += W_FILE;
  if (kind == Kind::version) odds += W_VERSION;
  if (word.find('-') != std::string_view::npos) odds += W_HYPHEN;
  if (word.find('_') != std::string_view::npos) odds += W_UNDER;
  if (word.find('.') != std::string_view::npos) odds += W_DOT;
  if (word.front() >= 'A' && word.front() <= 'Z') odds += W_CAPS;
  if (reading.known < 1 && experience_.is_known_value(word)) odds += W_VALUE;
  if (experience_.is_known_literal(word)) odds += W_LITERAL;
  return odds;
}

double Evidence::of_shape(NodeIndex literal) const {
  TUNE(S_ITEM, 0.7); TUNE(S_COLLECTION, -0.5); TUNE(S_PARAM, -2.5); TUNE(S_WORDS, 0.3);
  const Node& node = tree_.at(literal);
  double odds = 0;
  bool has_get = false;
  bool has_change = false;
  bool has_item = false;
  bool has_post = false;
  for (const Leaf& leaf : node.leaves) {
    if (leaf.method == Method::get) has_get = true;
    if (leaf.method == Method::put || leaf.method == Method::patch) has_change = true;
    if (leaf.method == Method::delete_) has_item = true;
    if (leaf.method == Method::post) has_post = true;
  }
  has_item = has_item || (has_get && has_change);
  if (has_item) odds += S_ITEM;
  if (has_post) odds += S_COLLECTION;
  // One id below many slugs is `/{slug}/{id}`; many ids below one word is a collection.
  TUNE(S_ONEVALUE, 0.3);
  if (node.parameter != kNoNode) {
    const Node& below = tree_.at(node.parameter);
    odds += below.has_one_value ? S_ONEVALUE : S_PARAM;
  }
  bool has_known = false;
  for (const auto& [text, child] : node.literals) {
    if (experience_.is_known_literal(text) || read_word(text).known >= 1) has_known = true;
  }
  if (has_known) odds += S_WORDS;
  return odds;
}

namespace {

/// What stands below a literal, one and two levels down, as it would look if the level between were a parameter.
void collect_features(const Tree& tree, NodeIndex literal, std::set<std::string>& features) {
  const Node& node = tree.at(literal);
  const auto add_below = [&](NodeIndex child, const std::string& prefix) {
    for (const auto& [text, grandchild] : tree.at(child).literals) features.insert(prefix + text);
  };
  for (const auto& [text, child] : node.literals) {
    features.insert(text);
    add_below(child, "*/");
  }
  if (node.parameter != kNoNode) {
    add_below(node.parameter, "*/");
    if (tree.at(node.parameter).parameter != kNoNode) features.insert("*/*");
  }
}

}  // namespace

double Evidence::of_likeness(const std::vector<NodeIndex>& literals) const {
  TUNE(L_SHARED, 0.9); TUNE(L_ALONE, -0.15); TUNE(L_CAP, 6);
  std::map<std::string, std::uint32_t> seen;
  for (const NodeIndex literal : literals) {
    std::set<std::string> features;
    collect_features(tree_, literal, features);
    for (const std::string& feature : features) ++seen[feature];
  }
  double odds = 0;
  for (const auto& [feature, count] : seen) odds += count >= 2 ? L_SHARED * std::min(3U, count - 1) : L_ALONE;
  return std::clamp(odds, -2.0, L_CAP);
}

double Evidence::of_counts(std::size_t values, std::size_t once, std::uint64_t hits) {
  TUNE(C_N, 0.12); TUNE(C_NCAP, 2.5); TUNE(C_ONCE, 5.0); TUNE(C_BASE, 0.45); TUNE(C_FLOOD, 8);
  if (values == 0) return 0;
  const double n = static_cast<double>(values);
  const double novelty = static_cast<double>(once) / n;
  double odds = std::min(C_NCAP, C_N * (n - 1));
  // With many hits, values that keep coming only once speak for a parameter; values that all come back against.
  const double weight = std::min(1.0, static_cast<double>(hits) / 30.0);
  odds += C_ONCE * weight * (novelty - C_BASE);
  if (n >= 40 && novelty > 0.7) odds += C_FLOOD;
  return odds;
}

double Evidence::of_company(NodeIndex literal, NodeIndex parameter) const {
  TUNE(K_SHARED, 0.8); TUNE(K_ALIEN, -0.5); TUNE(K_METHOD, 0.4); TUNE(K_NOMETHOD, -0.7); TUNE(K_CAP, 3);
  std::set<std::string> mine;
  std::set<std::string> theirs;
  collect_features(tree_, literal, mine);
  collect_features(tree_, parameter, theirs);
  double odds = 0;
  for (const std::string& feature : mine) odds += theirs.contains(feature) ? K_SHARED : K_ALIEN;
  for (const Leaf& leaf : tree_.at(literal).leaves) {
    const auto& known = tree_.at(parameter).leaves;
    const bool has = std::any_of(known.begin(), known.end(), [&](const Leaf& other) { return other.method == leaf.method; });
    odds += has ? K_METHOD : K_NOMETHOD;
  }
  if (tree_.at(literal).parameter != kNoNode && tree_.at(parameter).parameter == kNoNode) odds += K_ALIEN;
  return std::clamp(odds, -2.0, K_CAP);
}

Verdict Evidence::weigh_stragglers(NodeIndex place) const {
  TUNE(K_MIN, 0.0);
  Verdict verdict;
  const NodeIndex parameter = tree_.at(place).parameter;
  for (const auto& [text, child] : tree_.at(place).literals) {
    if (text.empty()) continue;
    if (of_word(text) + of_shape(child) + of_company(child, parameter) < K_MIN) continue;
    verdict.values.push_back(child);
  }
  verdict.odds = verdict.values.empty() ? -100 : 100;
  return verdict;
}

Verdict Evidence::weigh(NodeIndex place) const {
  const NodeIndex parameter = tree_.at(place).parameter;
  if (parameter != kNoNode && (tree_.at(parameter).kinds & set_of(Kind::word)) != 0) return weigh_stragglers(place);
  TUNE(G_MIN, -0.9); TUNE(G_CLIP, 1.5); TUNE(G_SUM, 5); TUNE(G_SUMMIN, -6);
  Verdict verdict;
  double words = 0;
  std::size_t once = 0;
  std::uint64_t hits = 0;
  for (const auto& [text, child] : tree_.at(place).literals) {
    if (text.empty()) continue;
    const double odds = of_word(text) + of_shape(child);
    if (odds < G_MIN) continue;
    verdict.values.push_back(child);
    words += std::min(odds, G_CLIP);
    hits += tree_.at(child).hits;
    if (tree_.at(child).hits == 1) ++once;
  }
  if (verdict.values.empty()) {
    verdict.odds = -100;
    return verdict;
  }
  TUNE(L_ROOTCAP, 2.0); TUNE(L_ROOTN, 8);
  const double place_odds = of_place(place);
  double like = of_likeness(verdict.values);
  // Near the root everything looks alike: a collection with items.
  TUNE(G_ROOTSUM, 3.0);
  if (place_odds <= -4 && static_cast<double>(verdict.values.size()) < L_ROOTN) {
    like = std::min(like, L_ROOTCAP);
    words = std::min(words, G_ROOTSUM);
  }
  verdict.odds = place_odds + std::clamp(words, G_SUMMIN, G_SUM) + of_counts(verdict.values.size(), once, hits) + like;
#ifdef WEIR_TUNE
  if (getenv("TRACEALL")) { std::string p; for (auto n : tree_.way_to(place)) p += "/" + (tree_.at(n).is_parameter ? std::string("{}") : tree_.at(n).text); fprintf(stderr, "WEIGH %s place %.2f words %.2f counts %.2f like %.2f = %.2f n=%zu\n", p.c_str(), place_odds, words, of_counts(verdict.values.size(), once, hits), like, verdict.odds, verdict.values.size()); }
#endif
  return verdict;
}

}  // namespace weir::route
