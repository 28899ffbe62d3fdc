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
/// Literal, parameter by the text around it, rest; compared from left to right.
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
    const std::size_t around = segment.prefix.size() + segment.suffix.size();
    if (segment.type == Segment::Type::parameter &&
        (parts[i].size() <= around || !parts[i].starts_with(segment.prefix) || !parts[i].ends_with(segment.suffix))) {
      return {};
    }
    // Longest text first, then the longer prefix.
    order.push_back(segment.type == Segment::Type::literal
                        ? 1'000'000
                        : 2 + static_cast<int>(around * 1000 + segment.prefix.size()));
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

TEST_CASE("Table: percent-codes are compared in one normal form (RFC 3986 6.2.2), all else as it came") {
  const Table table = table_of({"/a%2Fb", "/Users", "/x/{y}",
                                "/stra\xC3\x9F"
                                "e",
                                "/c d", "/~e%c3%a9", "/long/%7E/a-literal-of-more-than-sixteen", "/r/{x}%c3%bc"});
  CHECK(find(table, "/a/b") == 0);
  CHECK(find(table, "/a%2fb") == 1);
  for (const char* path : {"/stra\xC3\x9F"
                           "e",
                           "/stra%C3%9Fe", "/stra%c3%9fe", "/%73tra%C3%9fe"})
    CHECK_MESSAGE(find(table, path) == 4, path);
  for (const char* path : {"/c%20d", "/c d", "/%63%20d"}) CHECK_MESSAGE(find(table, path) == 5, path);
  for (const char* path : {"/~e%C3%A9", "/%7ee\xC3\xA9", "/%7Ee%c3%A9"}) CHECK_MESSAGE(find(table, path) == 6, path);
  CHECK(find(table, "/long/~/a-literal-of-more-than-sixteen") == 7);
  CHECK(find(table, "/long/%7e/a-literal-of-more-than-si%78teen") == 7);
  CHECK(find(table, "/r/1\xC3\xBC") == 8);
  CHECK(find(table, "/c+d") == 0);
  CHECK(find(table, "/c%2520d") == 0);
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
  const char* const affixes[][2] = {{"", ""}, {"", ""}, {"", "8"}, {"s", ""}, {"se", "by"}, {"l", "-eight"}};
  for (int round = 0; round < 300; ++round) {
    std::vector<Table::Entry> entries;
    for (std::uint32_t i = 0, n = 1 + below(40); i < n; ++i) {
      std::string text = below(3) == 0 ? (below(2) == 0 ? "GET " : "POST ") : "";
      const std::uint32_t depth = 1 + below(5);
      for (std::uint32_t d = 0; d < depth; ++d) {
        const std::uint32_t sort = below(10);
        text += '/';
        if (sort < 6) text += words[below(6)];
        else if (sort < 8 || d + 1 < depth)
          text += affixes[below(6)][0] + ("{p" + std::to_string(d) + "}") + affixes[below(6)][1];
        else if (sort < 9)
          text += "{p" + std::to_string(d) + "}";
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

TEST_CASE("Table: text around a parameter wins over a bare one, the longest first, and steps back to it") {
  const Table table = table_of({"/jobs/{id}", "/jobs/{id}:cancel", "/jobs/{id}:run", "/jobs/x:run",
                                "/reports/{name}.{format}", "/reports/{name}.csv", "/v{n}/a", "/v{n}-beta/b",
                                "/{any}/b", "/s/{x}bc", "/s/{x}c", "/s/a{x}c", "/t/{x}.json/y", "/t/{x}/z", "/t/*"});
  CHECK(find(table, "/jobs/7") == 1);
  CHECK(find(table, "/jobs/7:cancel") == 2);
  CHECK(find(table, "/jobs/7:run") == 3);
  CHECK(find(table, "/jobs/x:run") == 4);
  CHECK(find(table, "/jobs/:run") == 1);
  CHECK(find(table, "/jobs/7:other") == 1);
  CHECK(find(table, "/reports/q.pdf") == 5);
  CHECK(find(table, "/reports/q.csv") == 6);
  CHECK(find(table, "/v2/a") == 7);
  CHECK(find(table, "/v/a") == 0);
  CHECK(find(table, "/v2-beta/b") == 8);
  CHECK(find(table, "/v2-beta/a") == 7);
  CHECK(find(table, "/v2/b") == 9);
  CHECK(find(table, "/s/1bc") == 10);
  CHECK(find(table, "/s/1c") == 11);
  CHECK(find(table, "/s/abc") == 12);
  CHECK(find(table, "/s/aabc") == 12);
  CHECK(find(table, "/t/q.json/y") == 13);
  CHECK(find(table, "/t/q.json/z") == 14);
  CHECK(find(table, "/t/q.json/w") == 15);
}

TEST_CASE("Table: with text around parameters another method does not stand in the way") {
  const Table table = table_of({"POST /jobs/{id}:cancel", "GET /jobs/{id}"});
  CHECK(find(table, "/jobs/7:cancel", Method::post) == 1);
  CHECK(find(table, "/jobs/7:cancel", Method::get) == 2);
}

TEST_CASE("Table: many verbs on one parameter do not count as overlap, nested text does") {
  std::vector<std::string> verbs, nested;
  for (int i = 0; i < 60; ++i) verbs.push_back("/jobs/{id}:verb" + std::to_string(100 + i) + "/x/{y}");
  CHECK(table_of(verbs).worst_visits() <= 8);
  for (int i = 1; i <= 60; ++i)
    nested.push_back("/jobs/{id}" + std::string(static_cast<std::size_t>(i), 'a') + "/{x}/{y}/{z}/{w}/end");
  CHECK(table_of(nested).worst_visits() >= 300);
}
