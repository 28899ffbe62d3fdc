#include <weir/http/cache_status.h>

#include <string>
#include <utility>

#include <doctest/doctest.h>

using namespace weir::http;

namespace {

using enum CacheVerdict;
using Layers = std::vector<std::pair<std::string, CacheVerdict>>;

Layers read(std::string_view name, std::string_view value) {
  std::vector<CacheLayer> layers;
  read_cache_field(name, value, layers);
  Layers copies;
  for (const CacheLayer& layer : layers) copies.emplace_back(layer.name, layer.verdict);
  return copies;
}

}  // namespace

TEST_CASE("Cache-Status: each cache is named, hit and forwarded are told apart") {
  CHECK(read("Cache-Status", "l1; fwd=miss; stored, \"ExampleCDN, west\"; hit; ttl=-3") ==
        Layers{{"l1", miss}, {"ExampleCDN, west", hit}});
  CHECK(read("cache-status", "l1;fwd=uri-miss;fwd-status=200;key=\"a,b;hit\"") == Layers{{"l1", miss}});
  CHECK(read("Cache-Status", "l1;fwd=stale;fwd-status=304;collapsed") == Layers{{"l1", miss}});
}

TEST_CASE("Cache-Status: a name in quotes loses its backslashes, and an empty one is no layer") {
  CHECK(read("Cache-Status", R"("foo \"bar\""; hit)") == Layers{{"foo \"bar\"", hit}});
  CHECK(read("Cache-Status", R"("a\\b"; fwd=miss, "\\"; hit, "c\\\"d"; hit)") ==
        Layers{{"a\\b", miss}, {"\\", hit}, {"c\\\"d", hit}});
  CHECK(read("Cache-Status", R"(""; hit, l1; hit)") == Layers{{"l1", hit}});
}

TEST_CASE("Cache-Status: who was bypassed, or says neither, is no miss") {
  CHECK(read("Cache-Status", "a;fwd=bypass, b;fwd=method, c;detail=x, d;hit=?0") ==
        Layers{{"a", unknown}, {"b", unknown}, {"c", unknown}, {"d", unknown}});
  CHECK(read("Cache-Status", "a;hit=?1") == Layers{{"a", hit}});
}

TEST_CASE("X-Cache: the words that caches use") {
  const auto verdict = [](std::string_view value) { return read("X-Cache", value).at(0).second; };
  CHECK(verdict("HIT") == hit);
  CHECK(verdict("Hit from cloudfront") == hit);
  CHECK(verdict("RefreshHit from cloudfront") == hit);
  CHECK(verdict("Miss from cloudfront") == miss);
  CHECK(verdict("Error from cloudfront") == unknown);
  CHECK(verdict("TCP_HIT from a23-1.deploy.example.com (AkamaiGHost/10.1) (-)") == hit);
  CHECK(verdict("TCP_MEM_HIT") == hit);
  CHECK(verdict("TCP_REFRESH_MISS") == miss);
  CHECK(verdict("EXPIRED") == miss);
  CHECK(verdict("STALE") == hit);
  CHECK(verdict("UPDATING") == hit);
  CHECK(verdict("REVALIDATED") == hit);
  CHECK(verdict("DYNAMIC") == unknown);
  CHECK(verdict("BYPASS") == unknown);
  CHECK(verdict("-") == unknown);
  CHECK(verdict("MISS from hit.example.com") == miss);
}

TEST_CASE("X-Cache: the layer is the field's name, the nearest to the client first") {
  CHECK(read("X-Cache", "MISS, HIT") == Layers{{"x-cache", hit}, {"x-cache.2", miss}});
  CHECK(read("CF-Cache-Status", "HIT") == Layers{{"cf-cache-status", hit}});
  CHECK(read("X-Cache", "").empty());
}

TEST_CASE("Cache fields: eight caches on one way are read, not more") {
  std::string value;
  for (int i = 0; i < 20; ++i) value += "HIT,";
  CHECK(read("X-Cache", value).size() == kMaxCachesOnTheWay);
  CHECK(read("Cache-Status", value).size() == kMaxCachesOnTheWay);
}
