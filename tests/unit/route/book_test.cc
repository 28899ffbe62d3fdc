#include <weir/route/book.h>

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include <weir/base/distinct_hashes.h>

using namespace weir;
using namespace weir::route;

namespace {

Configured written(std::string_view text, Source source = Source::config) {
  return {Pattern::parse(text).value(), source, {}, source == Source::openapi ? "openapi.yaml" : ""};
}

std::string see(RouteBook& book, std::string_view path, std::uint16_t status = 200, Method method = Method::get) {
  return book.tag(book.learn({method, path, status}), method);
}

/// Letters only, so that no kind gives it away.
std::string word_of(std::uint32_t number) {
  std::string word = "q";
  for (; number > 0; number /= 20) word += "bcdfghjklmnpqrstvwxz"[number % 20], word += 'o';
  return word;
}

/// Counts requests per route as the ledger does, by moving what merges say.
struct Figures {
  std::map<std::uint32_t, std::uint64_t> counts;

  void add(RouteBook& book, RouteId route) {
    ++counts[route.value];
    for (const Merge& merge : book.take_merges()) {
      counts[merge.into.value] += counts[merge.from.value];
      counts.erase(merge.from.value);
    }
  }
};

}  // namespace

TEST_CASE("RouteBook: what is written comes first, and needs no answer") {
  RouteBook book;
  book.configure({written("/reports/{name}"), written("GET /users/{id}", Source::openapi)});
  CHECK(see(book, "/reports/x", 404) == "GET /reports/{name}");
  CHECK(see(book, "/users/anna", 404) == "GET /users/{id}");
  CHECK(see(book, "/users/anna", 200, Method::post) == "POST /users/anna");
  CHECK(book.describe(*book.find("/reports/{name}")).explain == "Written in the configuration.");
  CHECK(book.describe(*book.find("GET /users/{id}")).explain == "Written in the OpenAPI file openapi.yaml.");
}

TEST_CASE("RouteBook: what was learned goes into the closest pattern that is written now") {
  RouteBook book;
  const RouteId learned = book.learn({Method::get, "/api/users/me", 200});
  book.configure({written("/*"), written("GET /api/users/{id}", Source::openapi), written("/api/*")});
  CHECK(book.current(learned) == *book.find("GET /api/users/{id}"));
  REQUIRE(book.take_merges().size() == 1);
}

TEST_CASE("RouteBook: a reload that writes more routes than there were tags takes them all in") {
  RouteBook book({.is_learning = true, .max_routes = 2});
  see(book, "/a");
  see(book, "/b");
  CHECK(see(book, "/c") == "(unmatched)");
  book.configure({written("/x"), written("/y")});
  CHECK(see(book, "/x") == "GET /x");
  CHECK(see(book, "/y") == "GET /y");
  book.set_options({.is_learning = true, .max_routes = 10});
  CHECK(see(book, "/c") == "GET /c");
}

TEST_CASE("RouteBook: where learning is turned off, what was learned tags nothing until it is on again") {
  RouteBook book;
  see(book, "/a");
  CHECK(book.table()->match(Method::get, "/a").is_matched());
  book.set_options({.is_learning = false, .max_routes = 1000});
  CHECK_FALSE(book.table()->match(Method::get, "/a").is_matched());
  book.set_options({});
  CHECK(book.table()->match(Method::get, "/a").is_matched());
}

TEST_CASE("RouteBook: learns nothing where learning is off") {
  RouteBook book({.is_learning = false, .max_routes = 1000});
  book.configure({written("/a")});
  CHECK(see(book, "/a") == "GET /a");
  CHECK(see(book, "/b") == "(unmatched)");
  CHECK(book.size() == 2);
}

TEST_CASE("RouteBook: the table finds what was learned, and is the same one until something changes") {
  RouteBook book;
  see(book, "/users/17");
  const auto table = book.table();
  CHECK(book.tag(table->match(Method::get, "/users/99").route, Method::get) == "GET /users/{user_id}");
  CHECK_FALSE(table->match(Method::get, "/users/search").is_matched());
  CHECK_FALSE(table->match(Method::delete_, "/users/99").is_matched());
  CHECK(book.table() == table);
  see(book, "/users/18");
  CHECK(book.table() == table);
  see(book, "/orders");
  CHECK(book.table() != table);
}

TEST_CASE("RouteBook: the table and the learner agree on every path") {
  RouteBook book;
  std::mt19937 random(3);
  const char* const words[] = {"users", "orders", "search", "anna", "bjorn", "items", "17", "x9", "settings", "me"};
  std::vector<std::string> paths;
  for (int i = 0; i < 3000; ++i) {
    std::string path;
    for (std::uint32_t d = 0, depth = 1 + random() % 4; d < depth; ++d) path += std::string("/") + words[random() % 10];
    see(book, path);
    paths.push_back(std::move(path));
  }
  const auto table = book.table();
  for (const std::string& path : paths) {
    INFO(path);
    CHECK(table->match(Method::get, path).route == book.learn({Method::get, path, 404}));
  }
}

TEST_CASE("RouteBook: merges are exact, whatever folds into whatever") {
  RouteBook book;
  Figures figures;
  std::mt19937 engine(5);
  const auto below = [&engine](std::uint32_t n) { return static_cast<std::uint32_t>(engine() % n); };
  std::uint64_t sent = 0;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const std::string owner = word_of(1000 + below(40));
    const std::string thing = word_of(5000 + below(300));
    const char* const parts[] = {"", "/issues", "/branches", "/commits"};
    figures.add(book, book.learn({Method::get, "/repos/" + owner + "/" + thing + parts[below(4)], 200}));
    ++sent;
  }
  std::uint64_t counted = 0;
  for (const auto& [route, count] : figures.counts) {
    counted += count;
    CHECK(book.current(RouteId(route)) == RouteId(route));
    CHECK((route == 0 || book.route(RouteId(route)).is_live));
  }
  CHECK(counted == sent);
  CHECK(book.live_count() <= 8);
}

TEST_CASE("RouteBook: a million distinct paths, found or not, cost bounded ids, tags and memory") {
  RouteBook book({.is_learning = true, .max_routes = 200});
  for (std::uint32_t i = 0; i < 30'000; ++i) {
    see(book, "/scan/" + word_of(i * 7919), 404);
    see(book, "/" + word_of(i * 104729) + "/" + word_of(i), 404);
  }
  CHECK(book.size() == 1);
  for (std::uint32_t i = 0; i < 30'000; ++i) {
    book.learn({Method::get, "/blog/" + word_of(i * 7919), 200});
    book.learn({Method::get, "/" + word_of(i * 104729) + "/" + word_of(i), 200});
    book.learn({Method::get, "/deep/" + word_of(i) + "/" + word_of(i + 1) + "/" + word_of(i + 2) + "/x", 200});
    book.take_merges();
  }
  CHECK(book.live_count() <= 200);
  CHECK(book.size() <= book.max_ids());
  CHECK(see(book, "/blog/" + word_of(999'999'999)).starts_with("GET /blog/{"));
}

TEST_CASE("RouteBook: unknown methods share one tag") {
  RouteBook book;
  for (const char* token : {"PURGE", "FOO", "BAR", "BAZ"}) see(book, "/cache", 200, method_of(token));
  CHECK(book.live_count() == 1);
  CHECK(see(book, "/cache", 200, Method::other) == "OTHER /cache");
}

TEST_CASE("RouteBook: a full book leaves the rest unmatched") {
  RouteBook book({.is_learning = true, .max_routes = 3});
  book.configure({written("/a")});
  CHECK(see(book, "/users") == "GET /users");
  CHECK(see(book, "/orders") == "GET /orders");
  CHECK(see(book, "/invoices") == "(unmatched)");
}

TEST_CASE("RouteBook: configuring again keeps ids, takes learned routes over and lets old ones go") {
  RouteBook book;
  book.configure({written("/a/{x}"), written("/b")});
  const RouteId a = *book.find("/a/{x}");
  const RouteId learned = book.learn({Method::get, "/users/17", 200});
  const RouteId below = book.learn({Method::get, "/users/17/posts", 200});
  book.configure({written("/a/{y}"), written("/users/{who}")});
  CHECK(*book.find("/a/{y}") == a);
  CHECK_FALSE(book.find("/b").has_value());
  CHECK(book.current(learned) == *book.find("/users/{who}"));
  CHECK(book.current(below) == below);
  const auto merges = book.take_merges();
  REQUIRE(merges.size() == 1);
  CHECK(merges[0].from == learned);
  CHECK(see(book, "/users/anna", 404) == "GET /users/{who}");
  book.configure({written("/b")});
  CHECK(book.find("/b").has_value());
  CHECK_FALSE(book.table()->match(Method::get, "/a/1").is_matched());
}

TEST_CASE("RouteBook: pins, renames and splits, and takes them back in another life") {
  RouteBook book;
  const RouteId users = book.learn({Method::get, "/users/17", 200});
  CHECK(book.decide({book.rename(users, "GET /users/{login}").value()}).is_ok());
  CHECK(book.tag(users, Method::get) == "GET /users/{login}");
  CHECK(see(book, "/users/anna", 404) == "GET /users/{login}");

  const RouteId orders = book.learn({Method::get, "/orders/17", 200});
  CHECK(book.decide({book.rename(orders, "Orders").value()}).is_ok());
  CHECK(*book.find("Orders") == orders);

  const RouteId files = book.learn({Method::get, "/files/17", 200});
  const auto part = book.split(files, "/files/18");
  REQUIRE(part.is_ok());
  CHECK(book.decide({part.value()}).is_ok());
  CHECK(see(book, "/files/18") == "GET /files/18");
  CHECK(see(book, "/files/19") == "GET /files/{file_id}");

  RouteBook next;
  CHECK(next.decide(book.decisions()).is_ok());
  CHECK(see(next, "/users/anna", 404) == "GET /users/{login}");
  CHECK(see(next, "/files/18", 404) == "GET /files/18");
  CHECK(next.find("Orders").has_value());
  CHECK(next.decisions().size() == book.decisions().size());
}

TEST_CASE("RouteBook: what is forgotten goes back to the learner, its figures to the route that it finds") {
  RouteBook book;
  const RouteId users = book.learn({Method::get, "/users/17", 200});
  CHECK(book.decide({book.pin(users).value()}).is_ok());
  CHECK(book.describe(users).explain == "Pinned by hand.");
  CHECK(book.decide({{"GET /users/{user_id}", "", "anna", "2026-01-31T09:30:00.000Z"}}).is_ok());
  CHECK(book.describe(users).explain == "Pinned by anna at 2026-01-31T09:30:00.000Z.");
  const RouteId files = book.learn({Method::get, "/files/17", 200});
  CHECK(book.decide({book.split(files, "/files/18").value()}).is_ok());
  const RouteId part = *book.find("GET /files/18");
  CHECK(book.forget(files).error().message == "GET /files/{file_id} is not pinned");
  REQUIRE(book.forget(part).is_ok());
  CHECK(book.current(part) == files);
  REQUIRE(book.forget(users).is_ok());
  CHECK_FALSE(book.find("GET /users/{user_id}").has_value());
  CHECK(book.decisions().empty());
  const RouteId again = book.learn({Method::get, "/users/18", 200});
  CHECK(again != users);
  CHECK(book.current(users) == again);
  CHECK(book.take_merges().size() == 2);
}

TEST_CASE("RouteBook: refuses what cannot be, in a sentence") {
  RouteBook book;
  book.configure({written("/a")});
  const RouteId users = book.learn({Method::get, "/users/17", 200});
  CHECK(book.pin(*book.find("/a")).error().message == "/a is written in the configuration: change it there");
  CHECK(book.pin(RouteId(99)).error().message == "there is no such route now");
  CHECK(book.rename(users, "GET /people/{id}").error().message.find("only the names") != std::string::npos);
  CHECK(book.rename(users, "").error().message.find("1 to 200") != std::string::npos);
  CHECK(book.split(users, "/orders/1").error().message.find("is no part of") != std::string::npos);
  CHECK(book.decide({{"nonsense", "", "", ""}}).error().message.find("'nonsense'") != std::string::npos);
}

TEST_CASE("RouteBook: counts the distinct paths of a route, exactly while they are few, wherever the route came from") {
  RouteBook book;
  book.configure({written("/items/{id}")});
  const RouteId users = book.learn({Method::get, "/users/17", 200});
  const RouteId items = *book.find("/items/{id}");
  for (int i = 0; i < 400; ++i) {
    book.count_path(users, distinct_hash("/users/" + std::to_string(i % 200)));
    book.count_path(items, distinct_hash("/items/" + std::to_string(i % 40)));
  }
  book.count_path(kUnmatchedRoute, distinct_hash("/robots.txt"));
  CHECK(book.describe(users).distinct_paths == 200);
  CHECK(book.describe(items).distinct_paths == 40);
  for (int i = 0; i < 20'000; ++i) book.count_path(users, distinct_hash("/users/" + std::to_string(i)));
  CHECK(static_cast<double>(book.describe(users).distinct_paths) == doctest::Approx(20'000).epsilon(0.1));
}

TEST_CASE("RouteBook: routes that fold keep their distinct paths, each counted once") {
  RouteBook book;
  const auto see = [&](const std::string& path) { book.count_path(book.learn({Method::get, path, 200}), distinct_hash(path)); };
  for (int i = 0; i < 30; ++i) see("/users/" + std::to_string(i % 10));
  const auto folded = book.find("GET /users/{user_id}");
  REQUIRE(folded.has_value());
  CHECK(book.describe(*folded).distinct_paths == 10);
}
