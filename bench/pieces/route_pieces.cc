// Which route a request belongs to: matching on a worker, learning on the control thread.
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <weir/base/check.h>
#include <weir/route/book.h>
#include <weir/route/pattern.h>
#include <weir/route/table.h>

#include "pieces.h"

namespace weir::bench {
namespace {

route::Pattern pattern_of(std::string_view text) {
  auto pattern = route::Pattern::parse(text);
  WEIR_CHECK(bool(pattern), "a pattern of the bench does not parse");
  return std::move(pattern).value();
}

/// Patterns as an API has them: resources, parts of them, and an action each.
std::string pattern_text(std::uint32_t number) {
  switch (number % 4) {
    case 0: return fmt::format("GET /api/resource{}", number / 4);
    case 1: return fmt::format("GET /api/resource{}/{{id}}", number / 4);
    case 2: return fmt::format("POST /api/resource{}/{{id}}/parts", number / 4);
    default: return fmt::format("GET /api/resource{}/{{id}}/parts/{{part_id}}", number / 4);
  }
}

route::Sighting good_answer(std::string_view path) {
  route::Sighting sighting;
  sighting.method = Method::get;
  sighting.path = path;
  sighting.status = 200;
  return sighting;
}

Work match(std::uint32_t patterns) {
  std::vector<route::Table::Entry> entries;
  std::vector<std::string> paths;
  for (std::uint32_t i = 0; i < patterns; ++i) {
    route::Match match;
    match.route = RouteId(i + 1);
    entries.push_back({pattern_of(pattern_text(i)), match});
    // A stride prime to the number of patterns: neighbours in time are no neighbours in memory.
    const std::uint32_t resource = static_cast<std::uint32_t>(std::uint64_t{i} * 7919 % patterns) / 4;
    paths.push_back(fmt::format("/api/resource{}/{}/parts/{}", resource, 1000 + i, i));
  }
  return [table = std::make_shared<const route::Table>(entries), paths = std::move(paths), at = std::size_t{0}](std::uint64_t times) mutable {
    for (std::uint64_t i = 0; i < times; ++i) {
      keep(table->match(Method::get, paths[at]));
      at = at + 1 == paths.size() ? 0 : at + 1;
    }
  };
}

/// The learner has seen such paths before: what most sightings are while a route is still studied.
Work learn_known() {
  auto book = std::make_shared<route::RouteBook>();
  std::vector<std::string> paths;
  for (int i = 0; i < 512; ++i) paths.push_back(fmt::format("/projects/{}/tasks/{}", 1000 + i * 7, i));
  return [book, paths = std::move(paths), at = std::size_t{0}](std::uint64_t times) mutable {
    for (std::uint64_t i = 0; i < times; ++i) {
      keep(book->learn(good_answer(paths[at])));
      at = (at + 1) % paths.size();
    }
  };
}

/// Words that were never seen at that place.
Work learn_new() {
  auto book = std::make_shared<route::RouteBook>();
  return [book, number = 0U](std::uint64_t times) mutable {
    for (std::uint64_t i = 0; i < times; ++i) {
      const std::string path = fmt::format("/shop/product-{:x}/reviews", number++ * 2654435761U);
      keep(book->learn(good_answer(path)));
    }
  };
}

Work configure() {
  auto routes = std::make_shared<std::vector<route::Configured>>();
  for (std::uint32_t i = 0; i < 1000; ++i) routes->push_back({pattern_of(pattern_text(i)), route::Source::config, {}, {}});
  return [routes](std::uint64_t times) {
    route::BookOptions options;
    options.max_routes = 2000;
    for (std::uint64_t i = 0; i < times; ++i) {
      route::RouteBook book(options);
      book.configure(*routes);
      keep(book.table());
    }
  };
}

}  // namespace

std::vector<Piece> route_pieces() {
  return {
      {"match/10_patterns", [] { return match(10); }, 1000},
      {"match/1000_patterns", [] { return match(1000); }, 1000},
      {"match/10000_patterns", [] { return match(10'000); }, 0},
      {"learn/known_path", learn_known, 2000},
      {"learn/new_path", learn_new, 500},
      {"configure/1000_patterns", configure, 1},
  };
}

}  // namespace weir::bench
