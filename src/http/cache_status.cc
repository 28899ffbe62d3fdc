#include <weir/http/cache_status.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <weir/base/bytes.h>
#include <weir/http/member_reader.h>

namespace weir::http {
namespace {

struct Word {
  std::string_view text;  ///< in lower case
  CacheVerdict verdict;
};

constexpr std::array kWords = {
    Word{"hit", CacheVerdict::hit},           Word{"miss", CacheVerdict::miss},
    Word{"expired", CacheVerdict::miss},      Word{"stale", CacheVerdict::hit},
    Word{"updating", CacheVerdict::hit},      Word{"revalidated", CacheVerdict::hit},
    Word{"refreshhit", CacheVerdict::hit},    Word{"refresh_hit", CacheVerdict::hit},
    Word{"mem_hit", CacheVerdict::hit},       Word{"ims_hit", CacheVerdict::hit},
    Word{"refresh_miss", CacheVerdict::miss}, Word{"expired_miss", CacheVerdict::miss},
    Word{"bypass", CacheVerdict::unknown},    Word{"dynamic", CacheVerdict::unknown},
    Word{"pass", CacheVerdict::unknown},      Word{"error", CacheVerdict::unknown},
};

const Word* find_word(std::string_view text) {
  // Squid and Akamai write TCP_HIT and the like.
  constexpr std::string_view kPrefix = "tcp_";
  if (text.size() > kPrefix.size() && equals_ignoring_case(text.substr(0, kPrefix.size()), kPrefix)) {
    text.remove_prefix(kPrefix.size());
  }
  const auto* found = std::find_if(kWords.begin(), kWords.end(),
                                   [&](const Word& word) { return equals_ignoring_case(word.text, text); });
  return found == kWords.end() ? nullptr : found;
}

CacheVerdict verdict_of(std::string_view words) {
  const Word* known = nullptr;
  split(words, ' ', [&](std::string_view word) {
    if (known == nullptr) known = find_word(word);
  });
  return known == nullptr ? CacheVerdict::unknown : known->verdict;
}

/// A name in quotes without the backslashes that take a quote or a backslash for text (RFC 8941 section 3.3.3). A token
/// holds none.
std::string unescaped(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\' && i + 1 < name.size()) ++i;
    out += name[i];
  }
  return out;
}

void read_cache_status(std::string_view value, std::vector<CacheLayer>& layers) {
  MemberReader reader(value);
  for (std::size_t read = 0; read < kMaxCachesOnTheWay && reader.next_member(); ++read) {
    CacheLayer layer{unescaped(reader.name()), CacheVerdict::unknown};
    while (reader.next_parameter()) {
      // `?0` is how Structured Fields (RFC 8941 section 3.3.6) say false.
      if (reader.parameter() == "hit" && reader.value() != "?0") layer.verdict = CacheVerdict::hit;
      if (reader.parameter() != "fwd" || layer.verdict == CacheVerdict::hit) continue;
      const bool was_asked = reader.value() != "bypass" && reader.value() != "method";
      layer.verdict = was_asked ? CacheVerdict::miss : CacheVerdict::unknown;
    }
    layers.push_back(std::move(layer));
  }
}

}  // namespace

void read_cache_field(std::string_view name, std::string_view value, std::vector<CacheLayer>& layers) {
  if (equals_ignoring_case(name, "Cache-Status")) return read_cache_status(value, layers);
  std::vector<CacheVerdict> verdicts;
  split(value, ',', [&](std::string_view words) {
    if (!words.empty()) verdicts.push_back(verdict_of(words));
  });
  std::string layer(name);
  std::transform(layer.begin(), layer.end(), layer.begin(), ascii_lower);
  const std::size_t count = std::min(verdicts.size(), kMaxCachesOnTheWay);
  for (std::size_t i = 0; i < count; ++i) {
    layers.push_back({i == 0 ? layer : fmt::format("{}.{}", layer, i + 1), verdicts[verdicts.size() - 1 - i]});
  }
}

}  // namespace weir::http
