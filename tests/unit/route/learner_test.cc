#include "../../../src/route/learner.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace weir;
using namespace weir::route;

namespace {

/// A learner with as many ids as it likes.
struct School {
  std::uint32_t made = 0;
  std::uint32_t most = 100'000;
  Learner learner{[this](Method) { return made < most ? RouteId(++made) : kUnmatchedRoute; }};

  std::string see(std::string_view path, std::uint16_t status = 200, Method method = Method::get) {
    const RouteId route = learner.learn({method, path, status});
    return route == kUnmatchedRoute ? "(unmatched)" : text_of(route);
  }
  std::string text_of(RouteId route) const {
    for (const Learner::Learned& learned : learner.routes()) {
      if (learned.route == route) return learned.pattern.text();
    }
    return "gone";
  }
  std::set<std::string> routes() const {
    std::set<std::string> out;
    for (const Learner::Learned& learned : learner.routes()) out.insert(learned.pattern.text());
    return out;
  }
};

}  // namespace

TEST_CASE("Learner: one good answer makes its path visible at once") {
  School school;
  CHECK(school.see("/projects") == "GET /projects");
  CHECK(school.see("/") == "GET /");
}

TEST_CASE("Learner: an identifier is a parameter from the first request on") {
  School school;
  CHECK(school.see("/users/17") == "GET /users/{user_id}");
  CHECK(school.see("/users/18") == "GET /users/{user_id}");
  CHECK(school.see("/orders/0b8f7c6e-93f0-4b5f-9d2a-1c2d3e4f5a6b/items") == "GET /orders/{order_id}/items");
  CHECK(school.see("/categories/4/posts/5") == "GET /categories/{category_id}/posts/{post_id}");
  CHECK(school.see("/files/507f1f77bcf86cd799439011") == "GET /files/{file_id}");
  CHECK(school.see("/users/a.b%40example.org") == "GET /users/{user_id}");
}

TEST_CASE("Learner: a word beside identifiers is a place of its own, also when it comes late") {
  School school;
  for (int i = 0; i < 1000; ++i) school.see("/accounts/" + std::to_string(i));
  CHECK(school.see("/accounts/verify_credentials") == "GET /accounts/verify_credentials");
  CHECK(school.see("/accounts/7") == "GET /accounts/{account_id}");
}

TEST_CASE("Learner: 404, 405, 401 and 403 never make a route, however often they come") {
  for (const int status : {404, 405, 401, 403, 501, 0}) {
    School school;
    for (int i = 0; i < 50; ++i) CHECK(school.see("/admin.php", static_cast<std::uint16_t>(status)) == "(unmatched)");
    CHECK(school.made == 0);
  }
}

TEST_CASE("Learner: once known, a route keeps its bad answers") {
  School school;
  school.see("/users/1");
  CHECK(school.see("/users/2", 404) == "GET /users/{user_id}");
  CHECK(school.see("/users/2", 500) == "GET /users/{user_id}");
  CHECK(school.see("/users/2", 405, Method::delete_) == "(unmatched)");
}

TEST_CASE("Learner: a failure of the app's own code shows its route at once") {
  School school;
  CHECK(school.see("/boom", 500) == "GET /boom");
  CHECK(school.see("/orders/1", 500) == "GET /orders/{order_id}");
}

TEST_CASE("Learner: what only ever redirects or is away is a route the third time") {
  School school;
  CHECK(school.see("/old", 301) == "(unmatched)");
  CHECK(school.see("/old", 301) == "(unmatched)");
  CHECK(school.see("/old", 301) == "GET /old");
  CHECK(school.see("/orders/1", 503) == "(unmatched)");
  CHECK(school.see("/orders/2", 503) == "(unmatched)");
  CHECK(school.see("/orders/3", 503) == "GET /orders/{order_id}");
}

TEST_CASE("Learner: weak answers alone make a bounded number of routes") {
  School school;
  for (int i = 0; i < 2000; ++i) {
    std::string path = "/";
    for (int n = i; n > 0; n /= 26) path += static_cast<char>('a' + n % 26);
    for (int k = 0; k < 3; ++k) school.see(path + "/index", 302);
  }
  CHECK(school.made <= Confirmations::kMaxRoutes);
}

TEST_CASE("Learner: names that keep coming become one route, and say whose figures move") {
  School school;
  const std::vector<std::string> names = {"anna", "bjorn", "chloe", "dmitri", "elif", "farouk", "gudrun", "hamid",
                                          "ingrid", "jorge", "katya", "lucia", "mateus", "nadja", "olaf", "priya"};
  for (const std::string& name : names) school.see("/users/" + name);
  CHECK(school.routes() == std::set<std::string>{"GET /users/{user}"});
  CHECK(school.see("/users/somebody-new") == "GET /users/{user}");
  // Every id but the surviving one has been merged, once.
  std::set<RouteId> gone;
  for (const Merge& merge : school.learner.merges()) {
    CHECK(merge.from != merge.into);
    CHECK(gone.insert(merge.from).second);
  }
  CHECK(gone.size() == school.made - 1);
}

TEST_CASE("Learner: a reserved word stays itself beside names") {
  School school;
  for (const char* name :
       {"anna42", "bjorn.x", "chloe_b", "dmitri7", "elif-k", "farouk9", "gudrun", "hamid", "ingrid"}) {
    school.see(std::string("/user/") + name);
    school.see(std::string("/user/") + name, 200, Method::put);
  }
  CHECK(school.see("/user/login") == "GET /user/login");
  CHECK(school.see("/user/zoe") == "GET /user/{user}");
}

TEST_CASE("Learner: nested names fold although each has few requests") {
  School school;
  const char* const parts[] = {"issues", "pulls", "branches", "commits"};
  for (int i = 0; i < 12; ++i) {
    const std::string owner = std::string("owner-") + static_cast<char>('a' + i);
    const std::string repo = std::string("my-thing-") + static_cast<char>('a' + i);
    for (const char* part : parts) school.see("/repos/" + owner + "/" + repo + "/" + part);
  }
  CHECK(school.routes() ==
        std::set<std::string>{"GET /repos/{repo}/{repo_2}/issues", "GET /repos/{repo}/{repo_2}/pulls",
                              "GET /repos/{repo}/{repo_2}/branches", "GET /repos/{repo}/{repo_2}/commits"});
}

TEST_CASE("Learner: collections that look alike are not one parameter") {
  School school;
  for (const char* one : {"customers", "charges", "invoices", "refunds", "payouts", "coupons", "products", "prices",
                          "disputes", "transfers", "subscriptions", "events"}) {
    const std::string base = std::string("/v1/") + one;
    school.see(base);
    school.see(base, 201, Method::post);
    for (int i = 0; i < 5; ++i) school.see(base + "/" + std::to_string(i));
  }
  CHECK(school.routes().size() == 36);
}

TEST_CASE("Learner: a version in front stays a literal, a date in front becomes one again") {
  School school;
  CHECK(school.see("/api/v3/pets") == "GET /api/v3/pets");
  CHECK(school.see("/rest/api/3/issues") == "GET /rest/api/3/issues");
  for (int i = 0; i < 40; ++i) school.see("/2010-04-01/Accounts/" + std::to_string(i));
  CHECK(school.see("/2010-04-01/Accounts/7") == "GET /2010-04-01/Accounts/{account_id}");
}

TEST_CASE("Learner: files at many depths become one rest") {
  School school;
  for (const char* path :
       {"a.md", "docs/b.png", "src/c.py", "src/main/d.js", "src/main/e.css", "x/y/z/f.txt", "g.md"}) {
    school.see(std::string("/contents/") + path);
  }
  CHECK(school.see("/contents/some/other/h.html") == "GET /contents/{rest...}");
}

TEST_CASE("Learner: a trailing slash makes no second route") {
  School school;
  CHECK(school.see("/users/1/") == "GET /users/{user_id}/");
  CHECK(school.see("/users/2") == "GET /users/{user_id}/");
  CHECK(school.made == 1);
}

TEST_CASE("Learner: says why a route is one") {
  School school;
  for (int i = 0; i < 10; ++i) school.see("/users/" + std::to_string(i));
  const RouteId route = school.learner.learn({Method::get, "/users/1", 200});
  CHECK(school.learner.explain(route) == "Learned from 11 answers; {user_id} has taken integer.");
}

TEST_CASE("Learner: odd paths are no trouble") {
  School school;
  CHECK(school.see("") == "(unmatched)");
  CHECK(school.see("*", 200, Method::options) == "(unmatched)");
  CHECK(school.see("example.org:443", 200, Method::connect) == "(unmatched)");
  CHECK(school.see("/" + std::string(8000, 'a')) == "(unmatched)");
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "/a";
  CHECK(school.see(deep) == "(unmatched)");
  CHECK(school.see("//a//b") == "GET //a//b");
  CHECK(school.see(std::string("/a\0b", 4)) != "(unmatched)");
}
