#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "page_files.h"

using namespace weir;
using namespace weir::admin;

namespace {

std::string field(const Answer& answer, std::string_view name) {
  const auto found =
      std::ranges::find(answer.fields, name, [](const auto& one) { return std::string_view(one.first); });
  return found == answer.fields.end() ? "" : found->second;
}

Answer ask(std::string_view path, std::string accept_encoding = {}, std::string if_none_match = {}) {
  Request request;
  request.accept_encoding = std::move(accept_encoding);
  request.if_none_match = std::move(if_none_match);
  return page_answer(*find_page_file(path), request);
}

}  // namespace

TEST_CASE("Page: its files are found by their paths, and nothing else is") {
  CHECK(find_page_file("/")->name == "index.html");
  CHECK(find_page_file("/assets/main.js")->content_type == "text/javascript; charset=utf-8");
  CHECK(find_page_file("/assets/chart.js")->plain.find("Chart.js v") != std::string_view::npos);
  for (const char* path :
       {"/assets/", "/assets/nothing.js", "/assets/../etc/passwd", "/index.html", "/main.js", "", "/assets"}) {
    CAPTURE(path);
    CHECK(find_page_file(path) == nullptr);
  }
}

TEST_CASE("Page: what the markup and the modules name is there") {
  for (const PageFile& file : page_files()) {
    if (file.name == "chart.js") continue;
    for (const std::string_view before : {"href=\"assets/", "src=\"assets/", "from './"}) {
      for (std::size_t at = file.plain.find(before); at != std::string_view::npos;
           at = file.plain.find(before, at + 1)) {
        const std::string_view rest = file.plain.substr(at + before.size());
        const std::string name(rest.substr(0, rest.find_first_of("\"'")));
        CAPTURE(file.name);
        CAPTURE(name);
        CHECK(find_page_file("/assets/" + name) != nullptr);
      }
    }
  }
}

TEST_CASE("Page: no markup out of data, nothing inline, nothing from elsewhere") {
  for (const PageFile& file : page_files()) {
    if (file.name == "chart.js" || file.name == "weir.svg") continue;
    CAPTURE(file.name);
    for (const char* banned : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", " style=\"",
                               "setAttribute('style'", "<script>", "<style", "//cdn", "https://", " onclick=\""}) {
      CAPTURE(banned);
      CHECK(file.plain.find(banned) == std::string_view::npos);
    }
  }
}

TEST_CASE("Page: compressed for who takes it, plain for who does not") {
  CHECK(ask("/").body.starts_with("<!DOCTYPE html>"));
  for (const char* takes : {"gzip", "br, gzip;q=0.8", "GZIP", "*", "deflate ,gzip; q=1.0"}) {
    CAPTURE(takes);
    const Answer answer = ask("/", takes);
    CHECK(answer.body.starts_with("\x1f\x8b"));
    CHECK(field(answer, "Content-Encoding") == "gzip");
    CHECK(field(answer, "Vary") == "Accept-Encoding");
  }
  for (const char* refuses : {"", "br", "gzip;q=0", "gzip; q=0.000", "identity"}) {
    CAPTURE(refuses);
    CHECK(field(ask("/", refuses), "Content-Encoding").empty());
  }
}

TEST_CASE("Page: what the browser has is not sent again") {
  const std::string tag = field(ask("/assets/page.css"), "ETag");
  CHECK(tag.starts_with("W/\""));
  CHECK(tag != field(ask("/assets/main.js"), "ETag"));
  const Answer known = ask("/assets/page.css", "gzip", "\"other\", " + tag);
  CHECK(known.status == 304);
  CHECK(known.body.empty());
  CHECK(ask("/assets/page.css", "", "\"other\"").status == 200);
}

TEST_CASE("Page: every file keeps browsers strict") {
  for (const PageFile& file : page_files()) {
    const Answer answer = page_answer(file, {});
    const std::string policy = field(answer, "Content-Security-Policy");
    CHECK(policy.starts_with("default-src 'none'; "));
    CHECK(policy.find("unsafe") == std::string::npos);
    CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
    CHECK(field(answer, "X-Frame-Options") == "DENY");
    CHECK(field(answer, "Referrer-Policy") == "no-referrer");
    CHECK(field(answer, "Cache-Control") == (file.name == "index.html" ? "" : "no-cache"));
  }
}
