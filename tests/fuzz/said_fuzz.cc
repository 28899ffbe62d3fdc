// Whatever an app or a client says in Server-Timing, Cache-Status, X-Cache or a token: bounded answers, nothing else.
// The first byte chooses the field.
#include <weir/http/cache_status.h>
#include <weir/http/jwt_claim.h>
#include <weir/http/server_timing.h>

#include "target.h"

using namespace weir;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view value = fuzz::text_of(data + 1, size - 1);
  if (data[0] % 4 == 0) {
    std::vector<http::ServerTiming> timings;
    http::read_server_timing(value, timings);
    WEIR_CHECK(timings.size() <= http::kMaxServerTimings, "more metrics than are read");
    for (const http::ServerTiming& timing : timings) WEIR_CHECK(timing.duration >= Nanos::zero(), "a time below zero");
  } else if (data[0] % 4 == 3) {
    static http::JwtClaimReader reader;
    WEIR_CHECK(reader.read(value, "sub").size() <= http::JwtClaimReader::kMaxClaim, "a claim longer than is read");
  } else {
    std::vector<http::CacheLayer> layers;
    http::read_cache_field(data[0] % 4 == 1 ? "Cache-Status" : "X-Cache", value, layers);
    WEIR_CHECK(layers.size() <= http::kMaxCachesOnTheWay, "more caches than are read");
  }
  return 0;
}
