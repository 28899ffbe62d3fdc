#include "route_decisions.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <optional>
#include <string>
#include <unistd.h>

#include <weir/net/loop.h>
#include <weir/route/decisions_file.h>

using namespace weir;
using admin::RouteDecisions;

TEST_CASE("RouteDecisions: what is refused while the file is written is in the file no more when the 409 is sent") {
  const auto folder = std::filesystem::temp_directory_path() / ("weir-decisions-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  admin::ServerSetup setup;
  setup.routes_file = (folder / "routes.json").string();
  net::Loop loop;
  {
    admin::BookkeeperOptions options;
    options.routes.max_routes = 2;
    admin::Bookkeeper bookkeeper(loop, options);
    net::Work work(loop);
    RouteDecisions decisions(bookkeeper, work, setup);
    const auto made = [](const char* pattern) {
      return [pattern](const route::RouteBook&) {
        RouteDecisions::Change change;
        change.made.push_back({.pattern = pattern, .name = {}, .by = "a test", .at = {}});
        change.done = "pinned";
        return std::variant<RouteDecisions::Change, admin::Answer>(std::move(change));
      };
    };
    std::optional<int> first;
    decisions.change(made("GET /first"), [&](const admin::Answer& answer) { first = answer.status; });
    while (!first) loop.turn(true);
    CHECK(first == 200);

    std::optional<int> second;
    std::size_t kept = 99;
    decisions.change(made("GET /second"), [&](const admin::Answer& answer) {
      second = answer.status;
      kept = route::load_decisions(setup.routes_file).value().size();
    });
    // The file is being written by now, and the last room is taken meanwhile.
    bookkeeper.configure(
        {route::Configured{.pattern = route::Pattern::parse("GET /written").value(), .properties = {}}});
    while (!second) loop.turn(true);
    CHECK(second == 409);
    CHECK(kept == 1);
    CHECK(route::load_decisions(setup.routes_file).value().at(0).pattern == "GET /first");
  }
  while (loop.turn(true)) {
  }
  std::filesystem::remove_all(folder);
}
