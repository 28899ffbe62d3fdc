#include "../../../src/app/process.h"

#include <algorithm>

#include <doctest/doctest.h>

#include <weir/proxy/limits_options.h>

using namespace weir;
using namespace weir::app;

TEST_CASE("affordable_connections: as many as are wanted, where descriptors do for them and for the app") {
  CHECK(affordable_connections(10'000, 1'024, 65'536) == 10'000);
  CHECK(affordable_connections(10'000, 1'000'000, 20'000) == 10'000);
}

TEST_CASE("affordable_connections: fewer where not, so that whoever is refused can be told, and weir keeps its own") {
  for (const std::uint64_t descriptors : {64, 256, 1'024, 4'096, 8'192}) {
    for (const std::uint64_t upstream : {8, 1'024, 100'000}) {
      CAPTURE(descriptors);
      CAPTURE(upstream);
      const std::uint64_t clients = affordable_connections(10'000, upstream, descriptors);
      CHECK(clients >= 1);
      const std::uint64_t told = clients + proxy::LimitsOptions::refusals_beyond(static_cast<std::uint32_t>(clients));
      const std::uint64_t free = descriptors - std::min<std::uint64_t>(descriptors / 2, 256);
      CHECK(told + std::min(upstream, free / 4) <= free);
    }
  }
  CHECK(affordable_connections(10'000, 8, 8'192) > 7'000);
  CHECK(affordable_connections(10'000, 1, 0) == 1);
}
