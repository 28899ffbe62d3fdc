#include <weir/route/table.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

using namespace weir;
using namespace weir::route;

namespace {

Table::Entry entry(std::string_view text, std::uint32_t id, bool is_slash_tolerant = false) {
  Match match;
  match.route = RouteId(id);
  return {Pattern::parse(text).value(), match, is_slash_tolerant};
}

/// Ids from 1 on, in the order given.
Table table_of(const std::vector<std::string>& patterns) {
  std::vector<Table::Entry> entries;
  for (const std::string& text : patterns) {
    entries.push_back(entry(text, static_cast<std::uint32_t>(entries.size() + 1)));
  }
  return Table(entries);
}

std::uint32_t find(const Table& table, std::string_view path, Method method = Method::get) {
  return table.match(method, path).route.value;
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  std::size_t at = 1;
  while (at <= path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    parts.emplace_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

/// How specific a pattern is for a path, position by position; empty if it does not take the path.
/// 3 literal, 2 parameter, 1 rest; compared from left to right.
std::vector<int> specificity(const Pattern& pattern, Method method, const std::vector<std::string>& parts) {
  if (pattern.method() && *pattern.method() != method) return {};
  std::vector<int> order;
  std::size_t i = 0;
  for (const Segment& segment : pattern.segments()) {
    if (segment.type == Segment::Type::rest) {
      if (i >= parts.size()) return {};
      order.push_back(1);
      i = parts.size();
      break;
    }
    if (i >= parts.size()) return {};
    if (segment.type == Segment::Type::literal && segment.text != parts[i]) return {};
    if (segment.type == Segment::Type::parameter && parts[i].empty()) return {};
    order.push_back(segment.type == Segment::Type::literal ? 3 : 2);
    ++i;
  }
  if (i != parts.size()) return {};
  order.push_back(pattern.method() ? 1 : 0);
  return order;
}

std::uint32_t naive(const std::vector<Table::Entry>& entries, Method method, std::string_view path) {
  std::vector<int> best;
  std::uint32_t found = 0;
  const auto parts = split_path(path);
  for (const Table::Entry& candidate : entries) {
    const auto order = specificity(candidate.pattern, method, parts);
    if (!order.empty() && order > best) {
      best = order;
      found = candidate.match.route.value;
    }
  }
  return found;
}

}  // namespace

TEST_CASE("Table: a literal wins over a parameter, a parameter over a rest") {
  const Table table = table_of({"/users/{id}", "/users/me", "/users/*", "/*", "/"});
  CHECK(find(table, "/users/17") == 1);
  CHECK(find(table, "/users/me") == 2);
  CHECK(find(table, "/users/17/posts") == 3);
  CHECK(find(table, "/users/") == 3);
  CHECK(find(table, "/users") == 4);
  CHECK(find(table, "/") == 5);
  CHECK(find(table, "/mellow") == 4);
}

TEST_CASE("Table: steps back where the more specific way is a dead end") {
  const Table table = table_of({"/a/b/c", "/a/{x}/d", "/{y}/b/e", "/a/*"});
  CHECK(find(table, "/a/b/c") == 1);
  CHECK(find(table, "/a/b/d") == 2);
  CHECK(find(table, "/a/b/e") == 4);
  CHECK(find(table, "/z/b/e") == 3);
  CHECK(find(table, "/z/b/f") == 0);
}

TEST_CASE("Table: a method of its own wins, and another's does not stand in the way") {
  const Table table = table_of({"/users/{id}", "GET /users/{id}", "GET /users/me", "POST /only", "OPTIONS *"});
  CHECK(find(table, "/users/1", Method::get) == 2);
  CHECK(find(table, "/users/1", Method::post) == 1);
  CHECK(find(table, "/users/me", Method::get) == 3);
  CHECK(find(table, "/users/me", Method::post) == 1);
  CHECK(find(table, "/users/me", Method::other) == 1);
  CHECK(find(table, "/only", Method::get) == 0);
  CHECK(find(table, "*", Method::options) == 5);
  CHECK(find(table, "*", Method::get) == 0);
}

TEST_CASE("Table: slashes are literal for written patterns, forgiven for learned ones") {
  Table table({entry("/a", 1), entry("/b", 2, true), entry("/c/", 3, true), entry("/d", 4, true), entry("/d/*", 5)});
  CHECK(find(table, "/a/") == 0);
  CHECK(find(table, "/a//") == 0);
  CHECK(find(table, "/b/") == 2);
  CHECK(find(table, "/b//") == 0);
  CHECK(find(table, "/c") == 3);
  CHECK(find(table, "/c/") == 3);
  CHECK(find(table, "/d/") == 5);
  CHECK(find(table, "//b") == 0);
}

TEST_CASE("Table: bytes are compared as they came") {
  const Table table = table_of({"/a%2Fb", "/Users", "/x/{y}"});
  CHECK(find(table, "/a/b") == 0);
  CHECK(find(table, "/a%2fb") == 0);
  CHECK(find(table, "/a%2Fb") == 1);
  CHECK(find(table, "/users") == 0);
  CHECK(find(table, "/x/") == 0);
  CHECK(find(table, "/x/../y") == 0);
}

TEST_CASE("Table: a target that is no path matches nothing") {
  const Table table = table_of({"/*"});
  CHECK(find(table, "") == 0);
  CHECK(find(table, "example.org:443", Method::connect) == 0);
  CHECK(find(table, "*", Method::options) == 0);
}

TEST_CASE("Table: a parameter takes only the kinds that it has been given") {
  Match match;
  match.route = RouteId(1);
  const Pattern pattern(std::nullopt, {{Segment::Type::literal, "users"},
                                       {Segment::Type::parameter, "id", kIdentifierKinds}});
  const Table table({{pattern, match, false}});
  CHECK(find(table, "/users/17") == 1);
  CHECK(find(table, "/users/search") == 0);
}

TEST_CASE("Table: agrees with a naive matcher on random patterns and paths") {
  std::mt19937 random(7);
  const auto below = [&random](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  const char* const words[] = {"a", "b", "c", "longer-than-eight", "exactly8", "sevenby"};
  for (int round = 0; round < 300; ++round) {
    std::vector<Table::Entry> entries;
    for (std::uint32_t i = 0, n = 1 + below(40); i < n; ++i) {
      std::string text = below(3) == 0 ? (below(2) == 0 ? "GET " : "POST ") : "";
      const std::uint32_t depth = 1 + below(5);
      for (std::uint32_t d = 0; d < depth; ++d) {
        const std::uint32_t sort = below(10);
        text += '/';
        if (sort < 6) text += words[below(6)];
        else if (sort < 9 || d + 1 < depth) text += "{p" + std::to_string(d) + "}";
        else text += '*';
      }
      if (below(8) == 0 && text.back() != '*') text += '/';
      const bool is_known = std::any_of(entries.begin(), entries.end(), [&](const Table::Entry& other) {
        return other.pattern.shape() == Pattern::parse(text).value().shape();
      });
      if (!is_known) entries.push_back(entry(text, static_cast<std::uint32_t>(entries.size() + 1)));
    }
    const Table table(entries);
    REQUIRE(table.worst_visits() <= Table::kMaxVisits);
    for (int i = 0; i < 100; ++i) {
      std::string path;
      for (std::uint32_t d = 0, depth = 1 + below(5); d < depth; ++d) {
        path += '/';
        if (below(12) != 0) path += words[below(6)];
      }
      const Method method = below(2) == 0 ? Method::get : Method::delete_;
      INFO(path);
      REQUIRE(find(table, path, method) == naive(entries, method, path));
    }
  }
}

TEST_CASE("Table: overlapping patterns cannot make it walk for long, and it says that they do overlap") {
  // Every mixture of `a` and `{x}` on ten levels, so that a path that fails at its end has 1,024 ways to be tried.
  std::vector<Table::Entry> entries;
  for (std::uint32_t mixture = 0; mixture < 1024; ++mixture) {
    std::string text;
    for (std::uint32_t level = 0; level < 10; ++level) {
      text += (mixture >> level & 1) != 0 ? "/a" : "/{p" + std::to_string(level) + "}";
    }
    entries.push_back(entry(text + "/end", mixture + 1));
  }
  const Table table(entries);
  CHECK(table.worst_visits() > Table::kMaxVisits);
  CHECK(find(table, "/a/a/a/a/a/a/a/a/a/a/end") == 1024);
  CHECK(find(table, "/b/b/b/b/b/b/b/b/b/b/end") == 1);
  CHECK(find(table, "/a/a/a/a/a/a/a/a/a/a/no") == 0);
}

TEST_CASE("Table: an honest set of patterns stays far below the bound") {
  std::vector<std::string> patterns;
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    patterns.push_back("/api/r" + n);
    patterns.push_back("/api/r" + n + "/{id}");
    patterns.push_back("/api/r" + n + "/search");
    patterns.push_back("/api/r" + n + "/{id}/items/{item}");
  }
  const Table table = table_of(patterns);
  CHECK(table.worst_visits() <= 16);
  CHECK(find(table, "/api/r999/17/items/4") == 4000);
  CHECK(find(table, "/api/r500/search") == 2003);
}
