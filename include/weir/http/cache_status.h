#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::http {

enum class CacheVerdict : std::uint8_t {
  hit,      ///< the cache had it
  miss,     ///< it had not, or no longer
  unknown,  ///< it was not asked, or says nothing that we understand
};

/// What one cache on the way says.
struct CacheLayer {
  std::string name;
  CacheVerdict verdict;
};

/// More caches on one way are not read.
inline constexpr std::size_t kMaxCachesOnTheWay = 8;

/// Appends what a field says, lines joined by `, `.
///
/// `Cache-Status` (RFC 9211) names its caches: `hit` is a hit; `fwd` is a miss, but unknown where the cache was
/// bypassed or does not handle the method; neither is unknown.
///
/// Any other field is taken for one of the X-Cache family, a list of words from the app's side to the client's: the
/// last one's layer has the field's name in lower case, the one before it `.2` behind that, and so on. The first word of
/// each that is known decides, as Cloudflare, CloudFront, Fastly, Akamai, nginx, Varnish and Squid write it. Stale and
/// revalidated answers come out of the cache: hits.
void read_cache_field(std::string_view name, std::string_view value, std::vector<CacheLayer>& layers);

}  // namespace weir::http
