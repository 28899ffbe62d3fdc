#include <algorithm>
#include <string>

#include <weir/base/bytes.h>

#include "page_files.h"

namespace weir::admin {

namespace {

constexpr std::string_view kPage = "index.html";
constexpr std::string_view kAssets = "/assets/";

/// Nothing from elsewhere, nothing inline, in nobody's frame; a form goes nowhere but through the page's own script.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

/// Calls `visit` with each element of a comma-separated list, trimmed.
template <class Visit>
void for_each_element(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    visit(trim(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

/// RFC 9110 section 12.5.3, as far as browsers and curl go: `gzip` or `*`, unless with a weight of 0.
bool takes_gzip(std::string_view accept_encoding) {
  bool takes = false;
  for_each_element(accept_encoding, [&](std::string_view element) {
    const std::string_view coding = trim(element.substr(0, element.find(';')));
    if (!equals_ignoring_case(coding, "gzip") && coding != "*") return;
    const std::size_t weight = element.find("q=");
    takes |= weight == std::string_view::npos || element.find_first_of("123456789", weight) != std::string_view::npos;
  });
  return takes;
}

/// RFC 9110 section 13.1.2: weak comparison.
bool is_known(std::string_view if_none_match, std::string_view tag) {
  bool is_one = false;
  for_each_element(if_none_match, [&](std::string_view element) {
    if (element.starts_with("W/")) element.remove_prefix(2);
    is_one |= element == tag || element == "*";
  });
  return is_one;
}

}  // namespace

const PageFile* find_page_file(std::string_view path) {
  std::string_view name = path;
  if (path == "/") {
    name = kPage;
  } else if (path.starts_with(kAssets)) {
    name.remove_prefix(kAssets.size());
  } else {
    return nullptr;
  }
  const auto files = page_files();
  const auto found = std::ranges::find(files, name, &PageFile::name);
  return found == files.end() ? nullptr : &*found;
}

Answer page_answer(const PageFile& file, const Request& request) {
  Answer answer;
  answer.content_type = file.content_type;
  answer.fields = {{"Vary", "Accept-Encoding"},
                   {"Content-Security-Policy", std::string(kPolicy)},
                   {"Referrer-Policy", "no-referrer"},
                   {"X-Frame-Options", "DENY"},
                   {"Cross-Origin-Opener-Policy", "same-origin"}};
  // The page itself is small and always fetched anew; its files are asked for with the tag that the browser has.
  if (file.name != kPage) {
    answer.fields.emplace_back("Cache-Control", "no-cache");
    answer.fields.emplace_back("ETag", "W/" + std::string(file.tag));
  }
  if (is_known(request.if_none_match, file.tag)) {
    answer.status = 304;
  } else if (takes_gzip(request.accept_encoding)) {
    answer.body = file.packed;
    answer.fields.emplace_back("Content-Encoding", "gzip");
  } else {
    answer.body = file.plain;
  }
  return answer;
}

}  // namespace weir::admin
