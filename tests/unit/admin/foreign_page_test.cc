#include "foreign_page.h"

#include <doctest/doctest.h>

using namespace weir;
using admin::is_from_foreign_page;

namespace {

admin::Request for_host(const char* host) {
  admin::Request request;
  request.host = host;
  return request;
}

}  // namespace

TEST_CASE("ForeignPage: a program that is no browser says nothing and is none") {
  CHECK_FALSE(is_from_foreign_page(for_host("localhost:9900"), true));
}

TEST_CASE("ForeignPage: the origin must be the host that is called, to the letter but for its case") {
  admin::Request request = for_host("Localhost:9900");
  for (const char* own : {"http://localhost:9900", "https://localhost:9900"}) {
    request.origin = own;
    CHECK_FALSE(is_from_foreign_page(request, true));
  }
  for (const char* foreign : {"http://evil.example", "null", "http://localhost:3000", "http://xlocalhost:9900",
                              "ftp://localhost:9900", "http://evil.example//localhost:9900", "localhost:9900"}) {
    CAPTURE(foreign);
    request.origin = foreign;
    CHECK(is_from_foreign_page(request, true));
    CHECK_FALSE(is_from_foreign_page(request, false));
  }
}

TEST_CASE("ForeignPage: another site may link here, and neither embed nor change anything") {
  admin::Request request = for_host("localhost:9900");
  for (const char* site : {"cross-site", "same-site", "anything-new"}) {
    CAPTURE(site);
    request.fetch_site = site;
    request.fetch_mode = "navigate";
    CHECK_FALSE(is_from_foreign_page(request, false));
    CHECK(is_from_foreign_page(request, true));
    request.fetch_mode = "no-cors";
    CHECK(is_from_foreign_page(request, false));
  }
  for (const char* site : {"same-origin", "none"}) {
    request.fetch_site = site;
    CHECK_FALSE(is_from_foreign_page(request, true));
  }
}
